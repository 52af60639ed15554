"""Run records as data: ROOT/<environment>/<learner>/seed_<s>/, and cross-play beside them.

Whatever is missing, cut short or unreadable is named in `problems`; nothing here raises for it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dimapg_tf.experiment.metrics_file import stored
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import ConfigurationError
from reproduction.report.crossplay_records import CrossPlay, read_crossplay
from reproduction.report.names import order
from reproduction.report.record_files import (
    attempt,
    curve_of,
    flags_of,
    object_of,
    picture_of,
    rows_of,
    speeds_of,
    versions_of,
    whole_number,
    world_of,
)
from reproduction.tasks import ABLATION

SPEEDS = "benchmarks/learner_speed.json"  # of `python -m benchmarks.learner_speed`


@dataclass
class RunRecord:
    """One run directory.

    curve: {column of metrics.csv: values [iterations]}; evaluation: {policy: {measure: value}};
    elsewhere: {number of agents: evaluation} of the policy in teams of other sizes; gif, strip:
    pictures of an episode, or None; problems: what is missing, in words.
    """

    path: Path
    env: str
    learner: str
    seed: int
    flags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, Any] = field(default_factory=dict)
    curve: dict[str, np.ndarray] = field(default_factory=dict)
    evaluation: dict[str, dict[str, float]] = field(default_factory=dict)
    eval_episodes: int | None = None
    elsewhere: dict[int, dict[str, dict[str, float]]] = field(default_factory=dict)
    gif: Path | None = None
    strip: Path | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As in the directory tree: env/learner/seed_1."""
        return f"{self.env}/{self.learner}/seed_{self.seed}"

    @property
    def episodes(self) -> int:
        """Trained on so far."""
        return int(self.curve["episodes"][-1]) if "episodes" in self.curve else 0

    @property
    def minutes(self) -> float:
        """Of training."""
        return float(self.curve["seconds"][-1]) / 60 if "seconds" in self.curve else 0.0

    @property
    def finished(self) -> bool:
        """It has spent its budget of episodes."""
        return self.episodes > 0 and self.episodes >= self.budget

    @property
    def budget(self) -> int:
        """Episodes that its flags ask for; 0 if they cannot be read."""
        text = self.flags.get("episodes", "")
        return int(text) if text.isdecimal() else 0

    def value(self, policy: str, measure: str) -> float | None:
        """Of the evaluation, or None."""
        return self.evaluation.get(policy, {}).get(measure)

    @property
    def evaluated(self) -> bool:
        """The trained policy has been evaluated, after training had ended."""
        return self.finished and "theta" in self.evaluation


@dataclass
class Results:
    """All that was found below a root directory.

    speeds: episodes a second of each (task, learner) alone; None where they were not measured.
    """

    root: Path
    runs: list[RunRecord]
    ablation: list[RunRecord]
    crossplay: dict[str, CrossPlay]
    problems: list[str]
    speeds: dict[tuple[str, str], float] | None = None

    def runs_in(self, env: str, learner: str | None = None) -> list[RunRecord]:
        """The runs of an environment, of one learner or of all."""
        return [
            run
            for run in self.runs
            if run.env == env and (learner is None or run.learner == learner)
        ]

    def learners(self, env: str) -> list[str]:
        """Directory names, each family's default first."""
        return sorted({run.learner for run in self.runs_in(env)}, key=order)

    @property
    def envs(self) -> list[str]:
        """Environments that there are runs of."""
        return sorted({run.env for run in self.runs})


def read(root: str | Path) -> Results:
    """Read all records below a directory.

    Raises:
      ConfigurationError: it is none, or holds no run.
    """
    root = Path(root)
    if not root.is_dir():
        raise ConfigurationError(f"ROOT = {root}: no such directory")
    problems: list[str] = []
    paths = []
    for path in sorted(path for path in root.glob("*/*/seed_*") if path.is_dir()):
        if str(path).isprintable():
            paths.append(path)
        else:
            problems.append(f"{str(path)!a}: no name for a page, left out")
    runs = [run for run in map(read_run, paths) if run is not None]
    if not runs:
        raise ConfigurationError(
            f"ROOT = {root}: holds no runs; needed is ROOT/<environment>/<learner>/seed_<s>"
        )
    runs.sort(key=lambda run: (run.env, order(run.learner), run.seed))
    crossplay = {}
    for env in sorted({run.env for run in runs}):
        played = read_crossplay(root / env, problems)
        if played is not None:
            crossplay[env] = played
    speeds = attempt(problems, root / SPEEDS, speeds_of) if (root / SPEEDS).exists() else None
    return Results(
        root,
        [run for run in runs if run.env != ABLATION],
        [run for run in runs if run.env == ABLATION],
        crossplay,
        problems,
        speeds,
    )


def read_run(path: Path) -> RunRecord | None:
    """One run directory; None where the name is no seed's."""
    match = re.fullmatch(r"seed_(\d+)", path.name)
    if match is None:
        return None
    directory = RunDirectory(path)
    run = RunRecord(path, path.parts[-3], path.parts[-2], int(match[1]))
    run.flags = attempt(run.problems, directory.flags, flags_of) or {}
    run.versions = attempt(run.problems, directory.versions, versions_of) or {}
    run.curve = attempt(run.problems, stored(directory.metrics), curve_of) or {}
    if run.env != ABLATION:  # the ablation compares returns in training
        record = attempt(run.problems, directory.evaluation, object_of) or {}
        run.evaluation = rows_of(record)
        run.elsewhere = _in_other_teams(run)
        run.eval_episodes = whole_number(record.get("episodes"))
        if record and "theta" not in record:
            run.problems.append("evaluation.json does not evaluate the trained policy (theta)")
    pictures = (path / "episode.gif", path / "episode.png")
    run.gif, run.strip = (picture_of(picture, run.problems) for picture in pictures)
    wanted, found = world_of(run.env), run.flags.get("env")
    if wanted and found and found != wanted:
        run.problems.append(f"is a run of {found}, not of {wanted}, and is left out")
        run.flags, run.curve, run.evaluation, run.gif, run.strip = {}, {}, {}, None, None
    if run.curve and run.budget and not run.finished:
        run.problems.append(f"unfinished: {run.episodes:,} of {run.budget:,} episodes")
    return run


def _in_other_teams(run: RunRecord) -> dict[int, dict[str, dict[str, float]]]:
    """{number of agents: evaluation}; of two with as many agents, the first by name."""
    found: dict[int, dict[str, dict[str, float]]] = {}
    for path in sorted(run.path.glob("*num_agents_*/evaluation.json")):
        problems: list[str] = []
        record = attempt(problems, path, object_of) or {}
        there = record.get("elsewhere")
        agents = whole_number(there.get("num_agents")) if isinstance(there, dict) else None
        if agents is None:
            problems = problems or ["evaluation.json does not say of how many agents it is"]
            run.problems += [f"{path.parent.name}: {problem}" for problem in problems]
        else:
            found.setdefault(agents, rows_of(record))
    return dict(sorted(found.items()))


def values(runs: Iterable[RunRecord], policy: str, measure: str) -> list[float]:
    """One number for each seed that was evaluated."""
    measured = [run.value(policy, measure) for run in runs if run.evaluated]
    return [value for value in measured if value is not None]
