"""From experiments to steps: the commands to run, what they wait for and what they leave."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reproduction.learners import DIMAPG, LEARNERS, MODULES, OVERRIDES, QUICK_OVERRIDES
from reproduction.plan import EXPERIMENTS
from reproduction.sizes import (
    CROSSPLAY_SECONDS_A_PAIR,
    EVALUATION_EPISODES,
    OTHER_TEAMS,
    QUICK_TEAMS,
    RENDER_EVERY,
    RENDER_SECONDS,
    REPORT_SECONDS,
    SCRIPTED_PREDATORS,
    SCRIPTED_PREY,
    SIZES,
    TIMES_EVALUATED,
    seeds_of,
)
from reproduction.tasks import TASKS

PlannedRun = tuple[str, str]  # directories of the task and of the learner


@dataclass(frozen=True)
class Step:
    """One command.

    name: "task/learner/seed_1 train"; needs: names of the steps before it; output: a file
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


def runs_of(names: Iterable[str]) -> list[PlannedRun]:
    """The runs of these experiments, each once, in their order."""
    runs = {}
    for name in names:
        for task, learners in EXPERIMENTS[name].runs:
            runs |= dict.fromkeys((task, learner) for learner in learners)
    return list(runs)


def steps_of(
    mode: str,
    names: Sequence[str],
    seeds: Sequence[int] | None,
    root: Path,
    python: str,
    learners: Sequence[str] | None = None,
) -> list[Step]:
    """All steps but the report, in order: task by task, in each one seed of all before the next.

    So what is stopped for good leaves whole comparisons, and what is at work compares early.

    Args:
      seeds: of every run; None: each has those of the plan.
      learners: directories of those that are run; None: all.
    """
    sized = [run for run in runs_of(names) if getattr(SIZES[run], mode)]
    chosen = [run for run in sized if learners is None or run[1] in learners]
    runs = {run: tuple(seeds_of(mode, *run) if seeds is None else seeds) for run in chosen}
    evaluated = set(runs_of(name for name in names if EXPERIMENTS[name].evaluated))
    moved = {task for name in names for task in EXPERIMENTS[name].teams}
    drawn = set(runs_of(name for name in names if EXPERIMENTS[name].pictures))
    playing = {task for task, _ in runs_of(name for name in names if EXPERIMENTS[name].crossplay)}
    steps = []
    for task in dict.fromkeys(task for task, _ in runs):
        of_task = {learner: its for (where, learner), its in runs.items() if where == task}
        met = [(learner, seed) for learner, its in of_task.items() for seed in its]
        for learner, seed in by_seed(met):
            steps.append(train(mode, task, learner, seed, root, python))
            if (task, learner) in evaluated:
                steps.append(evaluate(mode, task, learner, seed, root, python))
            if task in moved:
                steps += in_other_teams(mode, task, learner, seed, root, python)
            recommended = LEARNERS[learner].family == DIMAPG and not LEARNERS[learner].variant
            if seed == of_task[learner][0] and (task, learner) in drawn and recommended:
                steps.append(render(task, learner, seed, root, python))
        if task in playing:
            steps.append(crossplay(mode, task, met, root, python))
    return steps


def by_seed(pairs: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """(learner, seed) pairs, one seed of all learners before the next one."""
    seeds = dict.fromkeys(seed for _, seed in pairs)
    return [pair for seed in seeds for pair in pairs if pair[1] == seed]


def directory(root: Path, task: str, learner: str, seed: int) -> Path:
    """Where a run is kept."""
    return root / task / learner / f"seed_{seed}"


def step_name(task: str, learner: str, seed: int, what: str) -> str:
    return f"{task}/{learner}/seed_{seed} {what}"


def flags_of(task: str, learner: str) -> tuple[str, ...]:
    """The flags that say what a run trains on: flagfiles by name, then what they do not say."""
    which = LEARNERS[learner]
    return (
        f"--env_config={TASKS[task].flagfile}",
        f"--algorithm_config={which.flagfile}",
        *which.overrides,
        *OVERRIDES.get(which.family, ()),
    )


def flagfiles_of(task: str, learner: str) -> tuple[Path, ...]:
    """The flagfiles that a run reads, those included that its own build upon."""
    return (
        *_with_its_bases("env", TASKS[task].flagfile),
        *_with_its_bases("algorithm", LEARNERS[learner].flagfile),
    )


def _with_its_bases(folder: str, name: str) -> list[Path]:
    path = Path("configs", folder, f"{name}.flags")
    text = path.read_text(encoding="utf-8")
    bases = re.findall(rf"^--{folder}_config=(\S+)$", text, re.MULTILINE)
    return [path, *(file for base in bases for file in _with_its_bases(folder, base))]


def train(mode: str, task: str, learner: str, seed: int, root: Path, python: str) -> Step:
    """Training; `--resume` starts a run that is not there, goes on with one that is."""
    size, where = SIZES[task, learner], directory(root, task, learner, seed)
    episodes, family = getattr(size, mode), LEARNERS[learner].family
    flags = flags_of(task, learner) + (QUICK_OVERRIDES.get(family, ()) if mode == "quick" else ())
    workers = LEARNERS[learner].workers
    module = ("dimapg_tf.launch", f"--workers={workers}", "--") if workers else (MODULES[family],)
    command = (
        *(python, "-m", *module, *flags),
        *(f"--seed={seed}", f"--episodes={episodes}", f"--logdir={where}", "--resume"),
    )
    return Step(
        step_name(task, learner, seed, "train"),
        command,
        where / "metrics.csv",
        TASKS[task].start + episodes / size.speed,
        inputs=flagfiles_of(task, learner),
        whole_machine=TASKS[task].whole_machine or workers > 0,
        episodes=episodes,
    )


def evaluate(mode: str, task: str, learner: str, seed: int, root: Path, python: str) -> Step:
    where, games = directory(root, task, learner, seed), TASKS[task].games  # of 5 policies
    episodes = round(EVALUATION_EPISODES[mode] * TIMES_EVALUATED.get(task, 1))
    seconds = TASKS[task].start + 5 * episodes / games if games else TASKS[task].evaluation
    return Step(
        step_name(task, learner, seed, "evaluate"),
        (python, "-m", "dimapg_tf.evaluate", str(where), f"--episodes={episodes}"),
        where / "evaluation.json",
        seconds,
        needs=(step_name(task, learner, seed, "train"),),
        whole_machine=TASKS[task].whole_machine,
    )


def in_other_teams(
    mode: str, task: str, learner: str, seed: int, root: Path, python: str
) -> list[Step]:
    """The policy as it is, played by fewer agents and by more."""
    where = directory(root, task, learner, seed)
    steps = []
    for team in (QUICK_TEAMS if mode == "quick" else OTHER_TEAMS)[task]:
        command = (
            *(python, "-m", "dimapg_tf.evaluate", str(where), f"--episodes={team.episodes}"),
            *(f"--{name}={value}" for name, value in team.settings.items()),
        )
        steps.append(
            Step(
                step_name(task, learner, seed, f"evaluate {team.settings['num_agents']} agents"),
                command,
                where / elsewhere(team.settings) / "evaluation.json",
                team.seconds,
                needs=(step_name(task, learner, seed, "train"),),
                whole_machine=TASKS[task].whole_machine,
            )
        )
    return steps


def elsewhere(settings: Mapping[str, int]) -> str:
    """The folder in which `evaluate` keeps what it found in another world; without absl's flags."""
    return "_".join(f"{name}_{value}" for name, value in sorted(settings.items()))


def render(task: str, learner: str, seed: int, root: Path, python: str) -> Step:
    where = directory(root, task, learner, seed)
    every = (f"--every={RENDER_EVERY[task]}",) if task in RENDER_EVERY else ()
    return Step(
        step_name(task, learner, seed, "render"),
        (python, "-m", "dimapg_tf.render", str(where), *every),
        where / "episode.png",
        RENDER_SECONDS,
        needs=(step_name(task, learner, seed, "train"),),
    )


def crossplay(
    mode: str, task: str, pairs: Sequence[tuple[str, int]], root: Path, python: str
) -> Step:
    """All runs of a task, (learner, seed), against each other; those that failed are left out."""
    runs = [str(directory(root, task, *pair)) for pair in pairs]
    output, n = root / task / "crossplay", len(runs)
    episodes = f"--episodes={EVALUATION_EPISODES[mode]}"
    return Step(
        f"{task} crossplay",
        (python, "-m", "dimapg_tf.crossplay", *runs, episodes, f"--output={output}"),
        output / "crossplay.json",
        CROSSPLAY_SECONDS_A_PAIR * (n + SCRIPTED_PREDATORS) * (n + SCRIPTED_PREY),
        needs=tuple(step_name(task, *pair, "train") for pair in pairs),
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
