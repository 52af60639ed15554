"""Minutes until simple_spread is played as well as scripted players do, for all that can run it.

25 steps, the library's reward, mpe2's order of motion: JaxMARL's worlds and ours are the same. VMAS
has other ones: its agents are a fifth as strong, so that equal returns are no equal skill, and
BenchMARL takes no part.
"""

from collections.abc import Iterator

from benchmarks.peers.contests import Contender, Contest
from benchmarks.peers.options import Options
from benchmarks.peers.parts import TRAINED, ippo, ippo_environments
from benchmarks.peers.store import Store
from benchmarks.peers.tasks import TASKS

LEVELS = "scripted players"
NAMES = ("nearest", "assignment")
COLD = {"DIMAPG_XLA_CACHE": "off"}  # no programs from another day
LAST_ITERATION = 600.0  # seconds that a training may take beyond its time

# {name: (algorithm, settings)}. An episode has an eighth of the paper's steps, so B = 40 has as
# many samples as B = 5 has there.
LEARNERS = {
    "DiMA-PG, as recommended": ("dimapg", {}),
    "DiMA-PG, as recommended, B = 40": ("dimapg", {"trajectories": 40}),
    "DiMA-PG, the paper's batch": ("dimapg_trpo", {}),
    "MADDPG": ("maddpg", {}),
    "TRPO-Kitchensink": ("trpo_kitchensink", {}),
    "A3C-Kitchensink": ("a3c_kitchensink", {}),
}


def quality(options: Options, names: list[str], store: Store) -> Iterator[Contest]:
    """First the levels, which the trainings are then told."""
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
            contenders = _ours(task, told | {"seed": seed})
            case = told | {"seed": seed, "num_agents": task.agents}
            contenders += [ippo(options, count, case) for count in ippo_environments(options)]
            yield Contest("quality", name, tuple(contenders), seed, fresh=True)


def _ours(task, told: dict) -> list[Contender]:
    cases = {
        name: told | {"env": task.env, "algorithm": algorithm, "settings": task.settings | settings}
        for name, (algorithm, settings) in LEARNERS.items()
    }
    return [Contender(name, "our_quality", case, environment=COLD) for name, case in cases.items()]
