"""Learners by name, as packages announce them.

A package announces a learner as an entry point of the group `dimapg_tf.learners`: its name in
flagfiles and run directories, and where its `LearnerKind` is. So the library runs, loads and
evaluates learners that it does not know; the baselines are such packages (see setup.py).
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any, NamedTuple

from dimapg_tf.types import ConfigurationError

GROUP = "dimapg_tf.learners"


class LearnerKind(NamedTuple):
    """What the library has to know of a learner; each part is "module:name", imported when used.

    settings: a dataclass of hyper-parameters, each of them a flag; its module does without
      TensorFlow, so that --help answers at once.
    learner: (env, settings, seed) -> learner, as `loop.Learner`.
    network: a `policies.Network`: what the parameters of its policies are, and how they decide.
    evaluated: (env, settings, seed of the run, {population: θ}, seed of the evaluation) ->
      {name: {population: θ}}, the policies of a run that an evaluation plays.
    migrations: {schema: functions that lift the flags of a run of it}, where there are runs from
      before a setting (`run_configuration`).
    memory: a `memory.Needs`: what an iteration needs at least, so that what cannot fit is refused.
    cluster: a `cluster_use.ClusterUse`, where the learner can share out its work to the workers
      of TF_CONFIG.
    """

    settings: str
    learner: str
    network: str = "dimapg_tf.experiment.policies:FEED_FORWARD"
    evaluated: str = "dimapg_tf.experiment.policies:theta_and_greedy"
    migrations: str = ""
    memory: str = ""
    cluster: str = ""

    def part(self, name: str) -> Any:
        """What the field of this name names."""
        return resolve_name(getattr(self, name))


def learner_kind(algorithm: str) -> LearnerKind:
    """The learner of this name; raises ConfigurationError where no package announces it."""
    known = learner_names()
    if algorithm not in known:
        raise ConfigurationError(
            f"algorithm = {algorithm!r}: no installed package announces it; there are "
            f"{', '.join(known)}"
        )
    return resolve_name(known[algorithm])


@cache
def learner_names() -> Mapping[str, str]:
    """{name of a learner: "module:name" of its LearnerKind} of all installed packages."""
    return {entry.name: entry.value for entry in sorted(entry_points(group=GROUP))}
