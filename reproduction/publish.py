"""Records from runs: python -m reproduction.publish ROOT [--output results]."""

import shutil
import sys
from pathlib import Path

from dimapg_tf.experiment import console
from reproduction import history

USAGE = """Keep the finished and evaluated runs below ROOT as records, in the place of older ones.

  python -m reproduction.publish ROOT [--output results] [--policies 1] [--rows N]

ROOT holds <task>/<learner>/seed_<s>/, such as runs/standard. Records of runs that are not below
ROOT stay as they are. Records of one learner whose flags differ are of no use together: the older
ones are then removed. Cross-play is kept as crossplay.json, from which the report draws it; the
history of the experiments as <name of ROOT>_history.txt."""

CROSSPLAY, HISTORY = "crossplay/crossplay.json", f"logs/{history.FILE}"


def publish(root: Path, output: Path, policies: int, most_rows: int | None = None) -> list[str]:
    """Make the records; returns what was done, a line for each learner and each cross-play.

    Args:
      root: of the runs.
      output: of the records.
      policies: of so many seeds of each learner, the first ones, policies are kept.
      most_rows: of longer curves, every n-th row is kept, so that at most so many are left.
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
            _keep(run.path, place / run.path.name, index < policies, most_rows)
        line = f"{place}: seeds {', '.join(str(run.seed) for run in runs)}"
        done.append(line + (f"; {len(removed)} of other flags removed" if removed else ""))
    copies = {source: source.relative_to(root) for source in sorted(root.glob(f"*/{CROSSPLAY}"))}
    if done and (root / HISTORY).exists():
        copies[root / HISTORY] = Path(history.record_of(root.name))
    for source, name in copies.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, output / name)
        done.append(str(output / name))
    return done


def _of_other_flags(old: Path, run) -> bool:
    """Whether a record was trained otherwise or for longer or less than a run of the same name."""
    from dimapg_tf.experiment.run_directory import RunDirectory

    ours, theirs = (RunDirectory(path).config() for path in (run.path, old))
    return ours.episodes != theirs.episodes or bool({*ours.differences(theirs)} - {"seed"})


def _keep(run: Path, place: Path, with_policy: bool, most_rows: int | None) -> None:
    """The new record is whole before the older one goes."""
    from dimapg_tf.experiment import keeping, policy_file

    draft = place.with_name(f".{place.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    keeping.keep(run, draft, most_rows)
    if not with_policy:
        for name in (policy_file.ARRAYS, policy_file.DESCRIPTION):
            (draft / name).unlink()
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)


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
    flags.DEFINE_integer(
        "rows",
        None,
        "most rows of metrics that are kept of a run, every n-th of longer ones; all by default",
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
    done = publish(root, Path(fv.output), fv.policies, fv.rows)
    if not done:
        raise ConfigurationError(f"ROOT = {root}: holds no run that is finished and evaluated")
    print("\n".join(done))
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
