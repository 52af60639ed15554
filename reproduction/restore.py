"""Runs from records: python -m reproduction.restore MODE [experiment ...] [--records results]."""

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from dimapg_tf.experiment import console
from reproduction import history, marks
from reproduction.experiments import PYTHON
from reproduction.plan import EXPERIMENTS, PAPER
from reproduction.publish import CROSSPLAY, crossplay_of
from reproduction.sizes import MODES
from reproduction.steps import Step, steps_of

USAGE = """Experiments go on from their records, where their runs are gone: on another machine.

  python -m reproduction.restore MODE [experiment ...] [--records results] [--runs runs]

Give it the words that run_experiments.sh had. Steps that MODE's history in the records calls done,
and whose records the plan's commands would make today, are put back into runs/MODE with their marks
and the history; ./run_experiments.sh then skips them. Before, keep the policies of all seeds that
play in a cross-play still to come: python -m reproduction.publish runs/MODE --policies 5. Runs that
were not finished and evaluated are trained anew. What was put back can be evaluated, not trained
further."""

_DONE = re.compile(r"^.{19} done in [^:]*: ([^;]*)")


def restore(mode: str, names: Sequence[str], records: Path, runs: Path) -> list[str]:
    """Put back what the records have; returns the names of the steps that are done then.

    Args:
      mode, names: whose steps.
      records: where the runs were published.
      runs: the directory of the modes' runs.

    Raises:
      ConfigurationError: the records have no history of this mode, or there are such runs already.
    """
    from dimapg_tf.types import ConfigurationError

    root, told = runs / mode, records / history.record_of(mode)
    if not told.exists():
        raise ConfigurationError(f"{told} is not there: no run of {mode} was published")
    if (root / "logs" / history.FILE).exists():
        raise ConfigurationError(f"{root}: there are runs already; ./run_experiments.sh goes on")
    steps = steps_of(mode, names, None, root, PYTHON)
    kept = _kept(steps, _finished(told), records, root)
    while useless := _useless(steps, kept, records, root):
        kept -= useless
    logs = root / "logs"
    logs.mkdir(parents=True)
    for step in steps:
        if step.name in kept:
            _put_back(step, records, root)
            marks.write(logs, step)
    done = marks.done(logs, steps)
    shutil.copy(told, logs / history.FILE)
    history.History(logs / history.FILE).write(
        f"put back from records: {len(done)} of {len(steps)} steps are done"
    )
    return [step.name for step in steps if step.name in done]


def _finished(told: Path) -> set[str]:
    """The names of the steps that a history calls done."""
    lines = told.read_text(encoding="utf-8").splitlines()
    return {match[1] for line in lines if (match := _DONE.match(line))}


def _kept(steps: Iterable[Step], finished: set[str], records: Path, root: Path) -> set[str]:
    """The names of the finished steps of which there is a record that is what the plan makes."""
    kept: set[str] = set()
    for step in steps:
        record = _record(step, records, root)
        if step.name in finished and (
            _is_planned(step, record) if step.episodes else (record / step.output.name).exists()
        ):
            kept.add(step.name)
    return kept


def _useless(steps: Sequence[Step], kept: set[str], records: Path, root: Path) -> set[str]:
    """Of the steps that are kept, those without what they need, and runs that something still to be
    done needs, but whose policy is not there."""
    from dimapg_tf.experiment import policy_file

    useless = set()
    for step in steps:
        without = not (_record(step, records, root) / policy_file.DESCRIPTION).exists()
        needed = any(step.name in other.needs and other.name not in kept for other in steps)
        alone = any(name not in kept for name in step.needs)
        if alone or (step.episodes and without and needed):
            useless.add(step.name)
    return useless & kept


def _record(step: Step, records: Path, root: Path) -> Path:
    """The directory of the records where what a step leaves is kept."""
    return records / step.output.parent.relative_to(root)


def _is_planned(step: Step, record: Path) -> bool:
    """Whether a step's command would train what the record has, as long."""
    from dimapg_tf.experiment.config import config_from
    from dimapg_tf.experiment.flagfiles import expand
    from dimapg_tf.experiment.run_directory import RunDirectory

    if not (record / "flags.txt").exists():
        return False
    words = [word for word in step.command if re.match(r"--(?!logdir|resume|workers)\w", word)]
    ours, theirs = config_from(expand(words)), RunDirectory(record).config()
    return ours.episodes == theirs.episodes and not ours.differences(theirs)


def _put_back(step: Step, records: Path, root: Path) -> None:
    from dimapg_tf.experiment import keeping

    record = _record(step, records, root)
    if step.episodes:
        keeping.unpack(record, step.output.parent)
    elif step.output.match(CROSSPLAY):
        step.output.parent.mkdir(parents=True)
        text = (record / step.output.name).read_text(encoding="utf-8")
        step.output.write_text(crossplay_of(root, text), encoding="utf-8")


def main(argv: list[str]) -> int:
    """Restore from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_string("records", "results", "directory of the records", flag_values=fv)
    flags.DEFINE_string("runs", "runs", "directory of the runs", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if not left or left[0] not in MODES:
        raise ConfigurationError(
            f"{' '.join(left[:1])!r}: the mode comes first: {', '.join(MODES)}"
        )
    mode, *names = left
    for name in names:
        if name not in EXPERIMENTS:
            raise ConfigurationError(
                f"{name!r}: no such experiment; see ./run_experiments.sh --help"
            )
    console.prepare_tensorflow()
    done = restore(mode, names or list(PAPER), Path(fv.records), Path(fv.runs))
    print("\n".join([*done, f"{len(done)} steps are done; go on with ./run_experiments.sh {mode}"]))
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
