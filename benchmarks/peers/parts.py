"""The parts of the comparison as contests; the sizes of everything that is measured."""

from collections.abc import Iterator

from benchmarks.peers.contests import BENCHMARL, JAXMARL, VMAS, Contender, Contest
from benchmarks.peers.options import Options
from benchmarks.peers.tasks import HORIZON, TASKS

OURS, MPE2 = "DiMA-PG's worlds", "mpe2"
PAPER, RECOMMENDED = "DiMA-PG, the paper's batch", "DiMA-PG, as recommended"
BATCHES = (64, 256, 1024, 4096)
AT_MOST = 50_000  # agents side by side in a batch
VMAS_AT_MOST = 30  # agents; its reward takes their third power of calls from Python
PLAYED = 1024  # worlds that a policy plays, beside the paper's batch
TRAINED = ("N = 3", "N = 10")  # tasks of training, of which all peers have worlds
SMALL = {"horizon": 5}


def _peer(peer, options: Options, name: str, side: str, case: dict) -> Contender:
    return Contender(name, side, case, options.pythons.get(peer.flag), peer)


def _batches(agents: int, options: Options) -> list[int]:
    if options.smallest:
        return [4]
    return [batch for batch in BATCHES if agents * batch <= AT_MOST]


def worlds(options: Options, names: list[str]) -> Iterator[Contest]:
    """Stepping alone, all packages; ours with a policy as well."""
    seconds = options.seconds
    for task in (TASKS[name] for name in names):
        batches = _batches(task.agents, options)
        played = [max(b for b in batches if b <= PLAYED)]
        ours, more = list(batches), {}
        if options.smallest:
            more = SMALL
        else:
            ours, played = (sorted({task.paper_batch, *some}) for some in (ours, played))
        contenders = (
            Contender(
                OURS,
                "our_worlds",
                {
                    "env": task.env,
                    "settings": task.settings,
                    "batches": ours,
                    "policy_env": task.trained,
                    "policy_settings": more,
                    "policy_batches": played,
                    "seconds": seconds,
                },
            ),
            Contender(
                MPE2,
                "mpe2_worlds",
                {"module": task.mpe2[0], "arguments": task.mpe2[1], "seconds": seconds},
            ),
            _peer(
                *(JAXMARL, options, JAXMARL.name, "jaxmarl_worlds"),
                {
                    "name": task.jaxmarl[0],
                    "arguments": task.jaxmarl[1],
                    "batches": batches,
                    "horizon": HORIZON,
                    "seconds": seconds,
                },
            ),
        )
        if task.agents <= VMAS_AT_MOST:
            contenders += (
                _peer(
                    *(VMAS, options, VMAS.name, "vmas_worlds"),
                    {
                        "scenario": task.vmas[0],
                        "arguments": task.vmas[1],
                        "batches": batches[-2:],
                        "horizon": HORIZON,
                        "seconds": seconds,
                    },
                ),
            )
        yield Contest("worlds", task.name, contenders, options.rounds)


# {name: (algorithm, settings, episodes before all is warm, of a sample at N = 3, at N = 10)}.
LEARNERS = {
    PAPER: ("dimapg_trpo", {}, 1, 750, 1550),
    RECOMMENDED: ("dimapg", {}, 1, 300, 300),
    # 128 episodes of 200 steps are stored before it learns; an iteration is one rollout.
    "MADDPG": ("maddpg", {"rollouts": 1}, 160, 100, 20),
    "TRPO-Kitchensink": ("trpo_kitchensink", {}, 1, 16, 16),
    "A3C-Kitchensink": ("a3c_kitchensink", {}, 1, 64, 64),
}
SMALLEST = {
    "MADDPG": {"learning_starts": 20, "batch_size": 10, "worlds": 2},
    "TRPO-Kitchensink": {"trajectories": 4},
    "A3C-Kitchensink": {"worlds": 2},
}
# {environments: updates of a sample at N = 3, at N = 10}
IPPO = {16: (20, 5), 1024: (2, 1)}


def training(options: Options, names: list[str]) -> Iterator[Contest]:
    """Whole training: all learners, in agent-steps a second."""
    for name in (name for name in TRAINED if name in names):
        task, index = TASKS[name], TRAINED.index(name)
        contenders = []
        for learner, (algorithm, settings, warm_up, *episodes) in LEARNERS.items():
            more, first, count = {}, warm_up, episodes[index]
            if options.smallest:
                more, first, count = SMALL | SMALLEST.get(learner, {}), 10, 1
            case = {
                "env": task.trained,
                "algorithm": algorithm,
                "settings": settings | more,
                "warm_up": first,
                "episodes": count,
            }
            contenders.append(Contender(learner, "our_training", case))
        for environments in ippo_environments(options):
            updates = 1 if options.smallest else IPPO[environments][index]
            case = {"num_agents": task.agents, "updates": updates}
            contenders.append(ippo(options, environments, case))
        for algorithm in ("maddpg", "ippo"):
            case = {"algorithm": algorithm, "num_agents": task.agents}
            case["frames"], case["iterations"] = (300, 2) if options.smallest else (6000, 3)
            called = f"BenchMARL {algorithm.upper()} on VMAS"
            contenders.append(_peer(BENCHMARL, options, called, "benchmarl_training", case))
        yield Contest("training", name, tuple(contenders), options.rounds)


def ippo(options: Options, environments: int, case: dict) -> Contender:
    """JaxMARL's script with so many of them; left out where it or its Python is not known."""
    name = f"JaxMARL IPPO, {environments:,} environments"
    python = options.pythons.get(JAXMARL.flag) if options.clone else None
    told = case | {"clone": options.clone, "environments": environments}
    return Contender(name, "jaxmarl_ippo", told, python, JAXMARL)


def ippo_environments(options: Options) -> tuple[int, ...]:
    """The published 16, and as many as make the best use of the machine."""
    return (4,) if options.smallest else tuple(IPPO)


def ceiling(options: Options, names: list[str]) -> Iterator[Contest]:
    """The policy's matrix products beside the iteration that needs them."""
    for name in (name for name in TRAINED if name in names):
        case = {
            "env": TASKS[name].trained,
            "algorithm": "dimapg_trpo",
            "settings": SMALL | {"trajectories": 2} if options.smallest else {},
            "seconds": options.seconds / 5,
        }
        yield Contest("ceiling", name, (Contender(PAPER, "our_ceiling", case),), options.rounds)


# {what grows: (settings of all, the setting that varies, its values)}
FEW = {"num_agents": 10}
GROWTH = {
    "population": ({"followers": 8}, "num_agents", (10, 30, 100, 300, 1000)),
    "sampled agents": ({"num_agents": 30, "followers": 8}, "sampled_agents", (2, 4, 8, 16)),
    "B": (FEW, "trajectories", (5, 10, 20, 40)),
    "T": (FEW, "horizon", (50, 100, 200, 400)),
    "k": (FEW, "k", (1, 2, 4, 8)),
}


def growth(options: Options, names: list[str]) -> Iterator[Contest]:
    """An iteration of DiMA-PG, as recommended, against each of its sizes."""
    for what, (settings, varied, values) in GROWTH.items():
        some, more = (values[:2], SMALL) if options.smallest else (values, {})
        contenders = tuple(
            Contender(
                str(value),
                "our_growth",
                {
                    "env": "cooperative_navigation_any",
                    "algorithm": "dimapg",
                    "settings": {**settings, **more, varied: value},
                },
            )
            for value in some
        )
        yield Contest("growth", what, contenders, options.rounds)
