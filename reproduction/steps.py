"""From experiments to steps: the commands to run, what they wait for and what they leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reproduction.plan import (
    CROSSPLAY_SECONDS_A_PAIR,
    EVALUATION_EPISODES,
    EVALUATION_SECONDS,
    EXPERIMENTS,
    GAMES_A_SECOND,
    MODULES,
    OVERRIDES,
    QUICK_OVERRIDES,
    RENDER_SECONDS,
    REPORT_SECONDS,
    SCRIPTED_PREDATORS,
    SCRIPTED_PREY,
    SIZES,
    START_OF,
)

Run = tuple[str, str]  # flagfiles of the environment and of the algorithm


@dataclass(frozen=True)
class Step:
    """One command.

    name: "environment/learner/seed_1 train"; needs: names of the steps before it; output: a file
    that it leaves; inputs: files that it reads; seconds: alone on two cores; whole_machine: it
    works on all cores by itself; episodes: of training, else 0; runs: the run directories in the
    command that it can do without, if another is left; always: never skipped as done.
    """

    name: str
    command: tuple[str, ...]
    output: Path
    seconds: float
    needs: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    whole_machine: bool = False
    episodes: int = 0
    runs: tuple[str, ...] = ()
    always: bool = False

    @property
    def file_name(self) -> str:
        """Of its log and of its mark, without suffix."""
        return self.name.replace("/", ".").replace(" ", ".")


def runs_of(names: Iterable[str]) -> list[Run]:
    """The runs of these experiments, each once, in their order."""
    found = {}
    for name in names:
        for env, learners in EXPERIMENTS[name].runs:
            found |= dict.fromkeys((env, learner) for learner in learners)
    return list(found)


def steps_of(
    mode: str, names: Sequence[str], seeds: Sequence[int], root: Path, python: str
) -> list[Step]:
    """All steps but the report, in order: one seed of everything before the next one."""
    runs = runs_of(names)
    steps = []
    for seed in seeds:
        for env, learner in runs:
            steps += [
                train(mode, env, learner, seed, root, python),
                evaluate(mode, env, learner, seed, root, python),
            ]
            if seed == seeds[0] and learner.startswith("dimapg") and drawn(env, names):
                steps.append(render(env, learner, seed, root, python))
    for name in names:
        if EXPERIMENTS[name].crossplay:
            ((env, learners),) = EXPERIMENTS[name].runs
            steps.append(crossplay(mode, env, learners, seeds, root, python))
    return steps


def drawn(env: str, names: Iterable[str]) -> bool:
    """Whether one of these experiments has pictures of this environment."""
    return any(EXPERIMENTS[name].pictures and env in dict(EXPERIMENTS[name].runs) for name in names)


def directory(root: Path, env: str, learner: str, seed: int) -> Path:
    """Where a run is kept."""
    return root / env / learner / f"seed_{seed}"


def step_name(env: str, learner: str, seed: int, what: str) -> str:
    return f"{env}/{learner}/seed_{seed} {what}"


def is_survival(env: str) -> bool:
    return env in GAMES_A_SECOND


def train(mode: str, env: str, learner: str, seed: int, root: Path, python: str) -> Step:
    """Training; `--resume` starts a run that is not there, goes on with one that is."""
    size, where = SIZES[env, learner], directory(root, env, learner, seed)
    episodes = getattr(size, mode)
    flagfiles = (f"configs/env/{env}.flags", f"configs/algorithm/{learner}.flags")
    module = MODULES[learner]
    overrides = OVERRIDES.get(module, ())
    if mode == "quick":
        overrides += QUICK_OVERRIDES.get(module, ())
    command = (
        *(python, "-m", module),
        *(f"--flagfile={path}" for path in flagfiles),
        *overrides,
        *(f"--seed={seed}", f"--episodes={episodes}", f"--logdir={where}", "--resume"),
    )
    return Step(
        step_name(env, learner, seed, "train"),
        command,
        where / "metrics.csv",
        START_OF[env] + episodes / size.speed,
        inputs=tuple(map(Path, flagfiles)),
        whole_machine=is_survival(env),
        episodes=episodes,
    )


def evaluate(mode: str, env: str, learner: str, seed: int, root: Path, python: str) -> Step:
    where, episodes = directory(root, env, learner, seed), EVALUATION_EPISODES[mode]
    if is_survival(env):
        seconds = START_OF[env] + 5 * episodes / GAMES_A_SECOND[env]
    else:
        seconds = EVALUATION_SECONDS[env]
    return Step(
        step_name(env, learner, seed, "evaluate"),
        (python, "-m", "dimapg_tf.evaluate", str(where), f"--episodes={episodes}"),
        where / "evaluation.json",
        seconds,
        needs=(step_name(env, learner, seed, "train"),),
        whole_machine=is_survival(env),
    )


def render(env: str, learner: str, seed: int, root: Path, python: str) -> Step:
    where = directory(root, env, learner, seed)
    return Step(
        step_name(env, learner, seed, "render"),
        (python, "-m", "dimapg_tf.render", str(where)),
        where / "episode.png",
        RENDER_SECONDS,
        needs=(step_name(env, learner, seed, "train"),),
    )


def crossplay(
    mode: str, env: str, learners: Sequence[str], seeds: Sequence[int], root: Path, python: str
) -> Step:
    """All runs of an environment against each other; those that failed are left out."""
    pairs = [(learner, seed) for learner in learners for seed in seeds]
    runs = [str(directory(root, env, *pair)) for pair in pairs]
    output, n = root / env / "crossplay", len(runs)
    episodes = f"--episodes={EVALUATION_EPISODES[mode]}"
    return Step(
        f"{env} crossplay",
        (python, "-m", "dimapg_tf.crossplay", *runs, episodes, f"--output={output}"),
        output / "crossplay.json",
        CROSSPLAY_SECONDS_A_PAIR * (n + SCRIPTED_PREDATORS) * (n + SCRIPTED_PREY),
        needs=tuple(step_name(env, *pair, "train") for pair in pairs),
        runs=tuple(runs),
    )


def report(root: Path, python: str) -> Step:
    """The page of all that is there; made anew each time."""
    output = root / "report"
    return Step(
        "report",
        (python, "-m", "reproduction.report", str(root), f"--output={output}"),
        output / "index.html",
        REPORT_SECONDS,
        always=True,
    )
