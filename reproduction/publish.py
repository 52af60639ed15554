"""Records from runs: python -m reproduction.publish ROOT [--output results]."""

import json
import shutil
import sys
from pathlib import Path

from dimapg_tf.experiment import console, files
from reproduction import history

USAGE = """Keep the finished and evaluated runs below ROOT as records, in the place of older ones.

  python -m reproduction.publish ROOT [--output results] [--policies 1] [--megabytes 0.5]
      [--rows 2000]

ROOT holds <task>/<learner>/seed_<s>/, such as runs/standard. Records of runs that are not below
ROOT stay as they are. Records of one learner whose flags differ are of no use together: the older
ones are then removed. Cross-play is kept as crossplay.json, from which the report draws it; the
history of the experiments as <name of ROOT>_history.txt. Policies that are larger than so many
megabytes, as those of the kitchen sinks are, are left out; of metrics with more rows, each
two or more rows become their mean."""

CROSSPLAY, HISTORY = "crossplay/crossplay.json", f"logs/{history.FILE}"


def publish(
    root: Path, output: Path, policies: int, megabytes: float = 0.5, most_rows: int | None = None
) -> list[str]:
    """Make the records; returns what was done, a line for each learner and each cross-play.

    Args:
      root: of the runs.
      output: of the records.
      policies: of so many seeds of each learner, the first ones, policies are kept.
      megabytes: what a policy may take.
      most_rows: of longer curves, each n rows become their mean, so that no more are left.
    """
    from reproduction.report import records

    ready = [
        run
        for path in sorted(root.glob("*/*/seed_*"))
        if (run := records.read_run(path)) is not None and run.evaluated
    ]
    done = []
    for learner in sorted({run.path.parent for run in ready}):
        runs = sorted((r for r in ready if r.path.parent == learner), key=lambda r: r.seed)
        place = output / learner.relative_to(root)
        removed = [old for old in place.glob("seed_*") if _of_other_flags(old, runs[0])]
        for old in removed:
            shutil.rmtree(old)
        for index, run in enumerate(runs):
            largest = megabytes * 1e6 if index < policies else 0.0
            _keep(run.path, place / run.path.name, largest, most_rows)
        line = f"{place}: seeds {', '.join(str(run.seed) for run in runs)}"
        done.append(line + (f"; {len(removed)} of other flags removed" if removed else ""))
    for source in sorted(root.glob(f"*/{CROSSPLAY}")):
        place = output / source.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        files.write(place, crossplay_of(output, source.read_text(encoding="utf-8")))
        done.append(str(place))
    if done and (root / HISTORY).exists():
        place = output / history.record_of(root.name)
        shutil.copy(root / HISTORY, place)
        done.append(str(place))
    return done


def crossplay_of(root: Path, text: str) -> str:
    """A cross-play as one of the same runs below this directory, such as that of the records.

    Means have seven digits, as those of metrics.csv: there are thousands of them.
    """
    record = json.loads(text, parse_float=lambda digits: float(f"{float(digits):.7g}"))
    record["runs"] = {
        label: str(root.joinpath(*Path(run).parts[-3:])) for label, run in record["runs"].items()
    }
    return json.dumps(record, separators=(",", ":")) + "\n"


def _of_other_flags(old: Path, run) -> bool:
    """Whether a record was trained otherwise or for longer or less than a run of the same name."""
    from dimapg_tf.experiment.run_directory import RunDirectory

    ours, theirs = (RunDirectory(path).config() for path in (run.path, old))
    return ours.episodes != theirs.episodes or bool({*ours.differences(theirs)} - {"seed"})


def _keep(run: Path, place: Path, largest: float, most_rows: int | None) -> None:
    """The new record is whole before the older one goes; without a policy of more bytes.

    What an older record of the same training has besides, such as pictures and evaluations of
    other teams, stays.
    """
    from dimapg_tf.experiment import keeping, policy_file

    draft = place.with_name(f".{place.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    keeping.keep(run, draft, most_rows)
    if (draft / policy_file.ARRAYS).stat().st_size > largest:
        for name in (policy_file.ARRAYS, policy_file.DESCRIPTION):
            (draft / name).unlink()
    if _metrics(place) == _metrics(draft):
        for old in (path for path in place.rglob("*") if path.is_file()):
            new = draft / old.relative_to(place)
            if not new.exists() and old.name not in (policy_file.ARRAYS, policy_file.DESCRIPTION):
                new.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(old, new)
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)


def _metrics(record: Path) -> bytes | None:
    """Which training a record is of: no two have the same seconds; None where there is none."""
    from dimapg_tf.experiment import metrics_file

    path = metrics_file.compressed(record / "metrics.csv")
    return path.read_bytes() if path.exists() else None


def main(argv: list[str]) -> int:
    """Publish from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_string("output", "results", "directory of the records", flag_values=fv)
    flags.DEFINE_integer(
        "policies", 1, "seeds of a learner whose policies are kept", lower_bound=0, flag_values=fv
    )
    flags.DEFINE_float(
        "megabytes", 0.5, "what a policy that is kept may take", lower_bound=0.0, flag_values=fv
    )
    flags.DEFINE_integer(
        "rows",
        2000,
        "most rows of metrics that are kept of a run; of longer ones, means of each n",
        lower_bound=1,
        flag_values=fv,
    )
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 1:
        raise ConfigurationError(f"one directory of runs is needed, {len(left)} were given")
    root = Path(left[0])
    if not root.is_dir():
        raise ConfigurationError(f"ROOT = {root}: no such directory")
    console.prepare_tensorflow()
    done = publish(root, Path(fv.output), fv.policies, fv.megabytes, fv.rows)
    if not done:
        raise ConfigurationError(f"ROOT = {root}: holds no run that is finished and evaluated")
    print("\n".join(done))
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
