"""Whether a run's flags.txt still says what its policy was trained with."""

from pathlib import Path

from dimapg_tf.envs.base import Env
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.flags import as_text
from dimapg_tf.experiment.policy_file import Origin

SAID_BY_BOTH = ("algorithm", "env", "seed")


def check_fit(run: Path, origin: Origin, config: Config, env: Env) -> None:
    """Raise CheckpointError unless the configuration is that of the policy in this run directory.

    Settings that only one of them knows were added or dropped since; episodes and checkpoint_every
    may change.
    """
    pairs = [(name, getattr(origin, name), getattr(config, name)) for name in SAID_BY_BOTH]
    for kept, wanted in (
        (origin.settings, vars(config.settings)),
        (origin.env_settings, dict(env.settings)),
        ({"populations": dict(origin.populations)}, {"populations": dict(env.spec.populations)}),
    ):
        pairs += [(name, kept[name], wanted[name]) for name in kept if name in wanted]
    for name, kept, wanted in pairs:
        if kept != wanted and as_text(kept) != as_text(wanted):  # JSON has lists for tuples
            raise CheckpointError(
                f"{run}: flags.txt does not fit the checkpoint: {name} = {wanted!r}, but it was "
                f"trained with {kept!r}"
            )
