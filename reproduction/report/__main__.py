"""The report: python -m reproduction.report ROOT [--output DIR] [--docs DIR] [--readme FILE]."""

import sys
from pathlib import Path

from dimapg_tf.experiment import console

USAGE = """Figures, tables and one page from run directories, with the paper's numbers beside ours.

  python -m reproduction.report ROOT [--output ROOT/report] [--docs docs] [--readme README.md]

ROOT holds <environment>/<learner>/seed_<s>/, such as results or runs/standard. Writes index.html,
which needs no network, figures as PDF and PNG, tables.md, and marl_eval.json; then what the pages
in docs/ and the README say about the records, between their markers."""


def main(argv: list[str]) -> int:
    """Write from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.types import ConfigurationError
    from reproduction.report import build, documents, findings, records, verdicts

    fv = flags.FlagValues()
    flags.DEFINE_string("output", None, "directory; by default ROOT/report", flag_values=fv)
    flags.DEFINE_string("docs", None, "directory whose pages are written anew", flag_values=fv)
    flags.DEFINE_string("readme", None, "file whose numbers are written anew", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 1:
        raise ConfigurationError(f"one directory of runs is needed, {len(left)} were given")
    results = records.read(left[0])
    output = Path(fv.output or Path(left[0]) / "report")
    page = build.write(results, output)
    print(verdicts.counted(findings.all_findings(results)))
    for run in [*results.runs, *results.ablation]:
        if run.problems:
            print(f"{run.name}: {'; '.join(run.problems)}")
    for problem in results.problems:
        print(problem)
    if fv.docs:
        documents.write_docs(results, Path(fv.docs), output)
        print(f"written: results.md and gradient.md in {fv.docs}")
    if fv.readme:
        documents.write_readme(results, Path(fv.readme))
        print(f"written: the numbers of {fv.readme}")
    print(f"written: {page}, {page.stat().st_size / 1e6:.1f} MB")
    return 0


def run() -> int:
    """The console script dimapg-report."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
