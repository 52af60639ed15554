"""Episodes a second of every learner in the figures, in whole training, each alone.

  python -m benchmarks.learner_speed [--experiment=fig3_n3 ...] [--rounds=5] [--seconds=5]
      [--output=results/benchmarks/learner_speed.json] [--page=docs/performance.md] [--add]

Runs of a comparison are trained side by side, on machines that do other work too, so the seconds in
their records compare nothing. Here one learner trains at a time, in its task and with its settings:
rollouts, updates, metrics, a checkpoint at the end of each round; what compiles is left out. All
take turns, and figures are medians. The report divides episodes by these speeds where it shows
minutes.

With `--experiment`, tasks that are not measured keep what the output has of them: speeds are
compared within a task, and the learners of a task have always taken the same turns. `--add` keeps
their rounds, too, and adds to them: on a machine that others use, too, a bad hour costs MADDPG,
which reads its replay memory, more than others. The versions are then those of the last rounds.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.trained_run import TrainedRun
from dimapg_tf.experiment import console, files
from dimapg_tf.experiment.versions import versions
from dimapg_tf.types import ConfigurationError
from reproduction import learners, plan, steps, tasks
from reproduction.report import sections

EXPERIMENTS = ("fig3_n3", "fig3_n10", "fig4_3v1", "near", "near_3v1", "scale", "variants")
SECTION = "learners"
SHOWN = (learners.DIMAPG, learners.MADDPG, learners.A3C, learners.TRPO)
# That figures have curves of; the other variants are left out.
DRAWN = (
    *(tasks.NAVIGATION_3, tasks.NAVIGATION_10, tasks.NEAR_3, tasks.NEAR_10),
    *(tasks.NEAR_30, tasks.NEAR_100, tasks.NEAR_300, tasks.PURSUIT_3V1, tasks.NEAR_3V1),
)


def compared(experiments: Sequence[str] = EXPERIMENTS) -> list[tuple[str, str]]:
    """(task, learner) of all runs that figures draw over minutes."""
    return [run for run in steps.runs_of(experiments) if run[0] in DRAWN]


def config_of(task: str, learner: str) -> Any:
    """As the plan trains it."""
    from dimapg_tf.experiment.config import config_from
    from dimapg_tf.experiment.flagfiles import expand

    return config_from(expand([*steps.flags_of(task, learner)]))


def measure(runs: list[tuple[str, str]], rounds: int, seconds: float) -> list[dict]:
    """For each (task, learner) its names, the episodes a second of each round, and versions."""
    with tempfile.TemporaryDirectory() as directory:
        trained = []
        for task, learner in runs:
            run = TrainedRun(config_of(task, learner), Path(directory) / task / learner)
            trained.append((run, max(1, round(seconds * run.compile()))))
        speeds: list[list[float]] = [[] for _ in runs]
        for _ in range(rounds):
            for (run, episodes), of_run in zip(trained, speeds):
                of_run.append(run.train(episodes))
    made_with = versions()
    return [
        {"task": task, "learner": learner, "episodes_per_second": of_run, "versions": made_with}
        for (task, learner), of_run in zip(runs, speeds)
    ]


def earlier(path: str | None) -> list[dict]:
    """The records that are there already; none where there is no file.

    Raises:
      ConfigurationError: the file is something else.
    """
    if not path or not Path(path).exists():
        return []
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))["records"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"output = {path}: is there, but holds no speeds of learners"
        raise ConfigurationError(f"{what} ({error!r}); choose another file") from error


def with_earlier(records: list[dict], before: list[dict]) -> list[dict]:
    """These records in the place of those of the same tasks; other tasks stay as they were."""
    order = list(dict.fromkeys(record["task"] for record in [*before, *records]))
    measured = {record["task"] for record in records}
    whole = [*(record for record in before if record["task"] not in measured), *records]
    return sorted(whole, key=lambda record: order.index(record["task"]))


def rounds_to_add_to(
    runs: list[tuple[str, str]], before: list[dict]
) -> dict[tuple[str, str], list[float]]:
    """The episodes a second of earlier rounds of these (task, learner); none of a new task.

    Raises:
      ConfigurationError: a task had other learners, which would have fewer rounds, or they are of
        another machine.
    """
    here = machine(versions())
    for old in before:
        if old["task"] in {task for task, _ in runs} and machine(old["versions"]) != here:
            there = machine(old["versions"])
            raise ConfigurationError(
                f"--add: {old['task']} was measured on {there}, this is {here}; leave --add out to "
                "measure all anew"
            )
    rounds = {(old["task"], old["learner"]): old["episodes_per_second"] for old in before}
    for task in dict.fromkeys(task for task, _ in runs):
        had, now = ({name for of, name in some if of == task} for some in (rounds, runs))
        if had and had != now:
            others = ", ".join(sorted(had ^ now))
            raise ConfigurationError(
                f"--add: {task} had other learners ({others}); leave --add out to measure all anew"
            )
    return {run: rounds.get(run, []) for run in runs}


def machine(of: Mapping[str, Any]) -> str:
    """The processor and its cores, as versions() has them."""
    return f"{of.get('processor')} with {of.get('cores')} cores"


def table(records: list[dict]) -> str:
    """In Markdown: a row for each task, a column for each family; variants are left out."""
    lines = [
        f"| episodes a second | {' | '.join(SHOWN)} | processor |",
        "|---|" + "---:|" * len(SHOWN) + "---|",
    ]
    speeds: dict[str, dict[str, str]] = {}
    processors: dict[str, str] = {}
    for record in records:
        learner = learners.LEARNERS[record["learner"]]
        if not learner.variant:
            speed = median(record["episodes_per_second"])
            digits = 0 if speed >= 20.0 else 1
            of_task = speeds.setdefault(record["task"], {})
            of_task[learner.family] = f"{speed:,.{digits}f}"
            processors[record["task"]] = record["versions"]["processor"]
    for task, of_task in speeds.items():
        cells = [of_task.get(family, "–") for family in SHOWN]
        lines.append(f"| `{task}` | {' | '.join(cells)} | {processors[task]} |")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv, every = flags.FlagValues(), list(EXPERIMENTS)
    flags.DEFINE_multi_enum("experiment", every, list(plan.EXPERIMENTS), "whose", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "of each learner", lower_bound=1, flag_values=fv)
    flags.DEFINE_float(
        "seconds", 5.0, "of a round, at the least an iteration", lower_bound=0.0, flag_values=fv
    )
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    flags.DEFINE_bool("add", False, "to the rounds that the output has", flag_values=fv)
    flags.DEFINE_string("page", None, "a page that shows the table", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    if fv.add and not fv.output:
        raise ConfigurationError("--add: name the file that has the earlier rounds by --output")
    if fv.page:  # before it takes a quarter of an hour
        sections.read(Path(fv.page), SECTION)
    before, runs = earlier(fv.output), compared(fv.experiment)
    rounds = rounds_to_add_to(runs, before if fv.add else [])
    console.prepare_tensorflow()
    records = measure(runs, fv.rounds, fv.seconds)
    for record in records:
        of_before = rounds[record["task"], record["learner"]]
        record["episodes_per_second"] = [*of_before, *record["episodes_per_second"]]
    records = with_earlier(records, before)
    print(table(records))
    if fv.page:
        sections.write(Path(fv.page), SECTION, table(records))
    if fv.output:
        files.write(Path(fv.output), json.dumps({"records": records}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
