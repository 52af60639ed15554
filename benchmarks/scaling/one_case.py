"""An iteration in blocks, part by part, in this process."""

from collections.abc import Callable, Sequence

PAPER, SCALE = "dimapg_trpo", "dimapg"
FOLLOWERS = {"followers": 8}
# (environment, algorithm, what differs); all agents are sampled in the first three.
NAVIGATION = ("cooperative_navigation_10", PAPER)
EVERYBODY = {"sampled_agents": None}
CASES = {
    "navigation 10, blocks of 2": (*NAVIGATION, EVERYBODY | {"block_agents": 2}),
    "navigation 10, blocks of 5": (*NAVIGATION, EVERYBODY | {"block_agents": 5}),
    "predator-prey 12v4, blocks of 2": (
        "predator_prey_12v4",
        "dimapg_reinforce_predator_prey_12v4",
        EVERYBODY | {"block_agents": 2},
    ),
    **{
        f"population {agents}, {sampled} sampled, blocks of {block}": (
            "cooperative_navigation_any",
            SCALE,
            FOLLOWERS | {"num_agents": agents, "sampled_agents": sampled, "block_agents": block},
        )
        for agents, sampled, block in (
            *((n, 8, 2) for n in (10, 30, 100, 300, 1000)),
            *((100, 8, 8), (100, 32, 2)),
        )
    },
}
LARGE = 300  # agents from which on an iteration is long: fewer of them


def learner_of(case: str):
    """The learner of one of CASES."""
    from dimapg_tf.experiment.config import load_config

    env, algorithm, changes = CASES[case]
    config = load_config(env, algorithm, **changes)
    made = config.make_env()
    return made, config.make_learner(made)


def measure(case: str, iterations: int, clock: Callable[[], float]) -> dict:
    """One of CASES in this process."""
    from benchmarks.scaling.timing import TimedExecutor, TimedWork
    from dimapg_tf import trpo
    from dimapg_tf.distributed.executor import Recipe

    env, learner = learner_of(case)
    settings = learner.settings
    arguments = (env.spec.name, dict(env.settings), settings, learner.seed)
    recipe = Recipe("dimapg_tf.algorithm.blocks:block_work", arguments)
    work = TimedWork(env, settings, learner.seed)
    work.clock = clock
    executor = TimedExecutor(work, recipe)
    learner.blocks.work = executor
    if max(p.num_agents for p in env.spec.populations.values()) >= LARGE:
        iterations = max(1, iterations // 2)
    first, calls, alone, whole = [], [], [], []
    for iteration in range(1 + iterations):
        executor.calls, executor.seconds = [], 0.0
        begun = clock()
        learner.update(iteration)
        seconds = clock() - begun
        if iteration == 0:
            first = executor.calls
            continue
        calls.append(executor.calls)
        alone.append(seconds - executor.seconds)
        whole.append(sum(call.seconds for call in executor.calls) + alone[-1])
    sampled = settings.sampled(env.spec)
    return {
        "case": case,
        "num_agents": {name: p.num_agents for name, p in env.spec.populations.items()},
        "sampled": sampled,
        "block_agents": settings.block_agents,
        "followers": settings.followers,
        "trajectories": settings.trajectories,
        "adaptation_steps": settings.k,
        "observation_size": max(p.observation_size for p in env.spec.populations.values()),
        "parameters": {name: len(trpo.flatten(learner.theta(name))) for name in sampled},
        "blocks": sum(call.method == "gradient" and not call.joint for call in calls[0]),
        "rounds": {method: _rounds(calls, method) for method in ("product", "value")},
        "iteration": rounded(whole),
        "chief": rounded(alone),
        "parts": _parts([call for some in calls for call in some]),
        "first": {name: part["seconds"][0] for name, part in _parts(first).items()},
    }


def _rounds(calls, method: str) -> list[int]:
    """How often all keys were asked, in each iteration."""
    return [sum(c.method == method and c.joint for c in some) for some in calls]


def _parts(calls) -> dict:
    """{"gradient of τ^θ" and the like: samples of all keys}."""
    found: dict[str, dict] = {}
    for call in calls:
        name = f"{call.method}, {'shared' if call.joint else 'block'}"
        part = found.setdefault(name, {"seconds": [], "rolled_out": [], "pack": [], "unpack": []})
        for field in part.keys() & {"seconds", "rolled_out", "pack", "unpack"}:
            part[field].append(getattr(call, field))
        part["sent"], part["returned"] = call.sent, call.returned
    for part in found.values():
        if not any(part["rolled_out"]):
            del part["rolled_out"]
        for field in ("seconds", "rolled_out"):
            if field in part:
                part[field] = rounded(_some(part[field]))
        for field in ("pack", "unpack"):
            part[field] = rounded([sorted(part[field])[len(part[field]) // 2]])[0]
    return found


def _some(samples: Sequence[float], most: int = 120) -> Sequence[float]:
    """All of them, or so many in equal distances."""
    return (
        [samples[i * len(samples) // most] for i in range(most)] if len(samples) > most else samples
    )


def rounded(seconds: Sequence[float]) -> list[float]:
    """Four digits of each."""
    return [float(f"{value:.4g}") for value in seconds]
