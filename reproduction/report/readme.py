"""The README's results section, written from the records."""

import json
import textwrap
from pathlib import Path
from statistics import median

from dimapg_tf.types import ConfigurationError
from reproduction.report import build, findings, names, overview, predator_prey_tables, tables
from reproduction.report.records import Results
from reproduction.report.table import Table, number, relative

BEGIN, END = "<!-- results:begin -->\n", "<!-- results:end -->"
SPEED = "benchmarks/training_speed.json"


def write(results: Results, path: Path, report: Path) -> None:
    """Replace what stands between the markers of a file; report: where the page and figures are.

    Raises:
      ConfigurationError: the file has no such markers.
    """
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ConfigurationError(
            f"readme = {path}: must hold the lines {BEGIN.strip()} and {END} once, in this order"
        )
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    start = path.parent
    path.write_text(before + BEGIN + section(results, start, report) + END + after, "utf-8")


def section(results: Results, start: Path, report: Path) -> str:
    """The section in Markdown; links are relative to `start`."""
    found = findings.all_findings(results)
    page = relative(report / build.PAGE, start)
    parts = [
        "## Results\n",
        _wrapped(
            f"Written by `python -m reproduction.report {relative(results.root, start)} --readme "
            f"README.md` from the run records. [The page]({page}), to be opened from disk, has all "
            "of it and more: animations, statistics over seeds, configuration, versions; "
            f"[tables.md]({relative(report / build.TABLES, start)}) has all tables. "
            f"{overview.extent(results)} {findings.counted(found)} What was not run is marked so."
        ),
        *_pictured(report / "fig3.png", start, "Fig. 3"),
        *_tables([tables.table_1(results)], start),
        *_tables(_cooperative(results), start),
        *_pictured(report / "fig4.png", start, "Fig. 4"),
        *_tables(_pursuit(results), start),
        *_tables([tables.table_2(results)], start),
        *_tables([tables.simple_spread(results)], start),
        *_speed(results.root / SPEED, start),
    ]
    return "\n".join(parts)


def _cooperative(results: Results) -> list[Table]:
    envs = (names.COOPERATIVE_3, names.COOPERATIVE_10)
    return [tables.after_training(results, env) for env in envs]


def _pursuit(results: Results) -> list[Table]:
    return [
        table
        for env in (names.PURSUIT_3V1, names.PURSUIT_12V4)
        for table in (
            predator_prey_tables.figure_4(results, env),
            predator_prey_tables.between(results, env),
        )
    ]


def _tables(found: list[Table], start: Path) -> list[str]:
    """Titles and tables; a note that several share stands once, below the last."""
    parts, notes = [], {}
    for table in found:
        if table.rows:
            parts.append(f"### {table.title}\n\n{table.markdown(start)}")
            notes.update(dict.fromkeys(table.notes))
    return [*parts, *map(_wrapped, notes)]


def _pictured(path: Path, start: Path, alt: str) -> list[str]:
    return [f"![{alt}]({relative(path, start)})\n"] if path.exists() else []


def _speed(path: Path, start: Path) -> list[str]:
    """Whole training against bare stepping, from the benchmark's record."""
    if not path.exists():
        return []
    record = json.loads(path.read_text(encoding="utf-8"))
    table = Table("Speed", ["task", "episodes/s", "world steps/s", "times mpe2"])
    for row in record["records"]:
        steps = number(median(row["training_steps_per_second"]), 0)
        episodes = number(row["training_episodes_per_second"], 0)
        ratio = number(row["ratio_of_medians"], 0)
        table.rows.append([names.task(row["task"]), episodes, steps, ratio])
    machine = record["versions"]
    rounds = sorted({len(row["training_steps_per_second"]) for row in record["records"]})
    words = (
        "Speed of whole training of DiMA-PG, against mpe2's bare stepping of one world with random "
        f"actions, measured in turn in one process ([record]({relative(path, start)}), medians of "
        f"{' or '.join(map(str, rounds))}, {machine['processor']}, "
        f"{machine['cores']} cores); `python benchmarks/training_speed.py` repeats it:"
    )
    return ["### Speed\n", _wrapped(words), table.markdown(start)]


def _wrapped(words: str) -> str:
    """A paragraph in lines of the README's width."""
    return textwrap.fill(words, 100, break_long_words=False, break_on_hyphens=False) + "\n"
