"""The page of results in docs/, written from the records: figures and all tables of the paper."""

import json
from pathlib import Path
from statistics import median

from reproduction.report import (
    build,
    crowds,
    findings,
    head_to_head,
    lead,
    names,
    overview,
    paper_length,
    predator_prey_tables,
    scale,
    survival_letter,
    survival_sizes,
    tables,
)
from reproduction.report.records import Results
from reproduction.report.sections import wrapped
from reproduction.report.table import Table, number, relative
from reproduction.report.verdicts import counted
from reproduction.tasks import (
    NAVIGATION_3,
    NAVIGATION_10,
    NEAR_3,
    NEAR_3V1,
    NEAR_10,
    NEAR_12V4,
    PURSUIT_3V1,
    PURSUIT_12V4,
)

SPEED = "benchmarks/training_speed.json"


def section(results: Results, start: Path, report: Path) -> str:
    """The results in Markdown; links are relative to `start`, where the pictures are, too.

    Args:
      report: the directory of the page and of the tables.
    """
    statements = findings.all_findings(results)
    page, every = (relative(report / name, start) for name in (build.PAGE, build.TABLES))
    parts = [
        wrapped(
            "Written from the run records by `python -m reproduction.report results --docs docs "
            f"--readme README.md`. [The page]({page}), to be opened from disk, has all of it and "
            "more: animations, statistics over seeds, configuration, versions; "
            f"[tables.md]({every}) has all tables. {overview.extent(results)} "
            f"{counted(statements)} What was not run is marked so."
        ),
        *_tables([findings.table(statements)], start),
        *_pictured("fig3.png", start, "Fig. 3"),
        *_tables([tables.table_1(results)], start),
        *_tables(_cooperative(results), start),
        *_pictured("near.png", start, "Cooperative Navigation, near things finely"),
        *_tables([tables.after_training(results, env) for env in (NEAR_3, NEAR_10)], start),
        *_tables([lead.table(results)], start),
        *_pictured("scale.png", start, "One policy for any number of agents"),
        *_tables([scale.table(results)], start),
        *_pictured("crowds.png", start, "Learning in large teams"),
        *_tables([crowds.table(results)], start),
        *_pictured("fig4.png", start, "Fig. 4"),
        *_tables(_pursuit(results, (PURSUIT_3V1, PURSUIT_12V4)), start),
        *_tables(_pursuit(results, (NEAR_3V1, NEAR_12V4)), start),
        *_tables([tables.table_2(results), survival_sizes.table(results)], start),
        *_tables([survival_letter.table(results)], start),
        *_tables([paper_length.table(results)], start),
        *_tables([tables.simple_spread(results)], start),
        *_speed(results.root / SPEED, start),
    ]
    return "\n".join(parts)


def _cooperative(results: Results) -> list[Table]:
    envs = (NAVIGATION_3, NAVIGATION_10)
    return [tables.after_training(results, env) for env in envs]


def _pursuit(results: Results, envs: tuple[str, ...]) -> list[Table]:
    return [
        table
        for env in envs
        for table in (
            predator_prey_tables.figure_4(results, env),
            predator_prey_tables.between(results, env),
            head_to_head.table(results, env),
        )
    ]


def _tables(page_tables: list[Table], start: Path) -> list[str]:
    """Titles and tables; a note that several share stands once, below the last."""
    parts, notes = [], {}
    for table in page_tables:
        if table.rows:
            parts.append(f"## {table.title}\n\n{table.markdown(start)}")
            notes.update(dict.fromkeys(table.notes))
    return [*parts, *map(wrapped, notes)]


def _pictured(name: str, start: Path, alt: str) -> list[str]:
    return [f"![{alt}]({name})\n"] if (start / name).exists() else []


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
    explanation = (
        "Speed of whole training of DiMA-PG, against mpe2's bare stepping of one world with random "
        f"actions, measured in turn in one process ([record]({relative(path, start)}), medians of "
        f"{' or '.join(map(str, rounds))}, {machine['processor']}, "
        f"{machine['cores']} cores); `python -m benchmarks.training_speed` repeats it:"
    )
    return ["## Speed\n", wrapped(explanation), table.markdown(start)]
