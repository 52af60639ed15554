"""The report: python -m reproduction.report ROOT [--output DIR] [--readme README.md]."""

import sys
from pathlib import Path

from dimapg_tf.experiment import console

USAGE = """Figures, tables and one page from run directories, with the paper's numbers beside ours.

  python -m reproduction.report ROOT [--output ROOT/report] [--readme README.md]

ROOT holds <environment>/<learner>/seed_<s>/, such as results or runs/standard. Writes index.html,
which needs no network, figures as PDF and PNG, tables.md, and marl_eval.json."""


def main(argv: list[str]) -> int:
    """Write from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.types import ConfigurationError
    from reproduction.report import build, findings, readme, records

    fv = flags.FlagValues()
    flags.DEFINE_string("output", None, "directory; by default ROOT/report", flag_values=fv)
    flags.DEFINE_string(
        "readme", None, "a file whose results section is written anew", flag_values=fv
    )
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 1:
        raise ConfigurationError(f"one directory of runs is needed, {len(left)} were given")
    results = records.read(left[0])
    output = Path(fv.output or Path(left[0]) / "report")
    page = build.write(results, output)
    print(findings.counted(findings.all_findings(results)))
    for run in [*results.runs, *results.ablation]:
        if run.problems:
            print(f"{run.name}: {'; '.join(run.problems)}")
    for problem in results.problems:
        print(problem)
    if fv.readme:
        readme.write(results, Path(fv.readme), output)
        print(f"written: the results section of {fv.readme}")
    print(f"written: {page}, {page.stat().st_size / 1e6:.1f} MB")
    return 0


def run() -> int:
    """The console script dimapg-report."""
    return console.run(main, with_tensorflow=False)


if __name__ == "__main__":
    sys.exit(run())
