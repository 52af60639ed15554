"""Minutes until simple_spread is played as well as scripted players do, for all that can run it.

25 steps, the library's reward, mpe2's order of motion: JaxMARL's worlds and ours are the same. VMAS
has other ones: its agents are a fifth as strong, so that equal returns are no equal skill, and
BenchMARL takes no part.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.peers.contests import Contender, Contest
from benchmarks.peers.options import Options
from benchmarks.peers.parts import TRAINED, ippo, ippo_environments
from benchmarks.peers.store import Store
from benchmarks.peers.tasks import TASKS, Task

LEVELS = "scripted players"
NAMES = ("nearest", "assignment")
CACHE = "DIMAPG_XLA_CACHE"
COLD = {CACHE: "off"}  # no programs from another day
LAST_ITERATION = 600.0  # seconds that a training may take beyond its time


@dataclass(frozen=True)
class Learner:
    """One of ours: a flagfile of configs/algorithm, and what differs from it.

    Attributes:
      near: whether agents see near things finely instead of what the library shows them.
      second: whether an earlier start has left its compiled programs.
    """

    algorithm: str
    settings: dict[str, Any] = field(default_factory=dict)
    near: bool = False
    second: bool = False


# An episode has an eighth of the paper's steps, so B = 40 has as many samples as B = 5 has there.
SHORT = {"trajectories": 40}
LEARNERS = {
    "DiMA-PG, as recommended": Learner("dimapg"),
    "DiMA-PG, as recommended, B = 40": Learner("dimapg", SHORT),
    "DiMA-PG, the paper's batch": Learner("dimapg_trpo"),
    "MADDPG": Learner("maddpg"),
    "TRPO-Kitchensink": Learner("trpo_kitchensink"),
    "A3C-Kitchensink": Learner("a3c_kitchensink"),
    "DiMA-PG, as recommended, B = 40, near": Learner("dimapg", SHORT, near=True),
    "DiMA-PG over sets, B = 40, near": Learner("dimapg_set", SHORT, near=True),
    "MADDPG, near": Learner("maddpg", near=True),
}
# Compiled programs are kept by default, so all starts but a user's first are like these.
LEARNERS |= {
    f"{name}, second start": replace(learner, second=True)
    for name, learner in LEARNERS.items()
    if learner.near
}


def quality(options: Options, names: list[str], store: Store) -> Iterator[Contest]:
    """First the levels, which the trainings are then told.

    Who came to none of them with the first seed does not take part with others.
    """
    for name in (name for name in TRAINED if name in names):
        task = TASKS[name]
        episodes = 10 if options.smallest else 2000
        case = {"settings": task.settings, "episodes": episodes}
        levels = Contender(LEVELS, "our_levels", case)
        yield Contest("quality", name, (levels,), 1)
        found = store.samples("quality", name, LEVELS)
        if not found:
            continue  # It has been said why.
        told = {
            "levels": {level: found[0][level] for level in NAMES},
            "minutes": options.max_minutes,
        }
        for seed in range(1, 1 + options.quality_rounds):
            case = told | {"seed": seed, "num_agents": task.agents}
            with tempfile.TemporaryDirectory() as programs:
                contenders = _ours(task, told | {"seed": seed}, programs)
                contenders += [ippo(options, count, case) for count in ippo_environments(options)]
                if seed > 1:
                    contenders = [c for c in contenders if _hopeful(store, name, c.name)]
                yield Contest("quality", name, tuple(contenders), seed, fresh=True)


def _hopeful(store: Store, case: str, contender: str) -> bool:
    """Whether the first training came to a level; so it is, too, where there was none."""
    samples = store.samples("quality", case, contender)
    return not samples or any(samples[0]["reached"].values())


def _ours(task: Task, told: dict[str, Any], programs: str) -> list[Contender]:
    """programs: a directory for those that are kept for a second start."""
    contenders = []
    for name, learner in LEARNERS.items():
        case = told | {
            "env": task.env,
            "algorithm": learner.algorithm,
            "settings": task.settings | (task.near if learner.near else {}) | learner.settings,
        }
        side, environment = "our_quality", COLD
        if learner.second:
            side, environment = "our_second_start", {CACHE: programs}
        contenders.append(Contender(name, side, case, environment=environment))
    return contenders
