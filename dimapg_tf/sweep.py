"""Train every combination of some settings: python -m dimapg_tf.sweep --set alpha_1=0.01,0.1."""

import shlex
import sys
from pathlib import Path

from dimapg_tf.experiment import console

USAGE = """Train every combination of some settings, each with several seeds, and compare them.

  python -m dimapg_tf.sweep --env_config=cooperative_navigation_3 --algorithm_config=dimapg \\
      --set alpha_1=0.01,0.1 --set k=1,3 --seeds 1-3 --jobs 2 --logdir=runs/sweep

All other flags are those of a training, of any learner. Each run is an ordinary run directory,
runs/sweep/alpha_1_0.01_k_1/seed_1. The same command goes on after any stop, and with more values or
seeds. At the end there are sweep.csv, sweep.md and, where Matplotlib is installed, sweep.png."""


def main(argv: list[str]) -> int:
    """Sweep from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.sweep_plan import plan, settings_of
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    text = "NAME=VALUE,VALUE,...; may be repeated, for all combinations (; if values hold commas)"
    flags.DEFINE_multi_string("set", [], text, flag_values=fv)
    flags.DEFINE_string("seeds", "1", "the seeds of each: 4, 1-3 or 1,2,5", flag_values=fv)
    flags.DEFINE_integer("jobs", 1, "trainings at a time", flag_values=fv)
    flags.DEFINE_string("logdir", None, "where all is kept", flag_values=fv)
    flags.DEFINE_bool("dry_run", False, "print the commands, and end", flag_values=fv)
    left = parse(fv, argv, USAGE, others=True)
    if left is None:
        return 0
    if fv.logdir is None:
        raise ConfigurationError("logdir is missing: --logdir=DIR says where the sweep is kept")
    checks.at_least("jobs", fv.jobs, 1)
    directory = checks.path("logdir", fv.logdir)
    settings = settings_of(fv.set)
    trials = plan(left, settings, _seeds(fv.seeds), directory)
    if fv.dry_run:
        print("\n".join(shlex.join(trial.command) for trial in trials))
        return 0
    return _run(trials, settings, fv.jobs, directory)


def _seeds(text: str) -> list[int]:
    from dimapg_tf.experiment.commands import seeds_of
    from dimapg_tf.types import ConfigurationError

    try:
        return seeds_of(text)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _run(trials: list, settings: list[dict[str, str]], jobs: int, directory: Path) -> int:
    """Train what is not done, then compare."""
    from dimapg_tf.experiment import files, lock
    from dimapg_tf.experiment.sweep_runs import SweepRuns

    files.make_directory(directory)
    with lock.locked(directory):
        runs = SweepRuns(trials, jobs, directory / "logs")
        print(f"{len(trials)} runs, {runs.skipped} of them done already", flush=True)
        code = runs.run()
        if code >= 128:
            print("stopped; the same command goes on")
            return code
        _compare([trial for trial in trials if trial.name not in runs.failed], settings, directory)
    for name, how in runs.failed.items():
        print(f"FAILED: {name} ({how})")
    return code


def _compare(done: list, settings: list[dict[str, str]], directory: Path) -> None:
    """Write and print the table; draw it."""
    from dimapg_tf.drawing import heat_map, learning_curves
    from dimapg_tf.experiment import files, sweep_table
    from dimapg_tf.types import ConfigurationError

    table = sweep_table.SweepTable(done, settings)
    files.write(directory / "sweep.csv", table.csv())
    files.write(directory / "sweep.md", table.markdown())
    print(f"\n{table.text()}\n{sweep_table.CAPTION}\nwritten to {directory / 'sweep.csv'}")
    try:
        heat_map.require_matplotlib("sweep.png", "")
    except ConfigurationError as error:
        print(f"no picture: {error}")
        return
    if table.measures:
        panels = {
            measure: {
                table.label(index): [(c.episodes, c.values[measure]) for c in curves]
                for index, curves in enumerate(table.curves)
            }
            for measure in table.measures
        }
        learning_curves.draw(directory / "sweep.png", panels)
        print(f"written to {directory / 'sweep.png'}")


def run() -> int:
    """The console script dimapg-sweep."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
