"""Exact, first order and plain sharing with the recommended values, as they learn."""

from pathlib import Path

import numpy as np

from reproduction.report.curves import LAST
from reproduction.report.names import learner
from reproduction.report.records import Results, RunRecord
from reproduction.report.scores import MINIMUM
from reproduction.report.table import NONE, Cell, Table, number
from reproduction.tasks import NEAR_3

LEARNERS = ("dimapg_set", "dimapg_set_first_order", "dimapg_set_plain")
MARKS = (1_000, 5_000, 10_000)  # episodes
COLUMNS = {MINIMUM: 1, "goals_covered": 1, "entropy": 2}  # of metrics.csv, with digits


def at(run: RunRecord, mark: int, column: str) -> float:
    """The mean of a column over the iterations that ended in the last 15 % of the episodes before
    a mark; if none did, its value in the iteration that the mark falls into."""
    episodes, values = run.curve["episodes"], run.curve[column]
    inside = (episodes > (1.0 - LAST) * mark) & (episodes <= mark)
    if inside.any():
        return float(np.mean(values[inside]))
    return float(values[min(np.searchsorted(episodes, mark), len(values) - 1)])


def table(results: Results) -> Table:
    """One row for each gradient; a cell has the means over seeds of all columns."""
    titles = [f"{mark:,} episodes" for mark in MARKS]
    table = Table("With the recommended values", ["gradient", "seeds", *titles])
    for name in LEARNERS:
        runs = [run for run in results.runs_in(NEAR_3, name) if set(COLUMNS) <= run.curve.keys()]
        if runs:
            head = Cell(learner(name).variant or "exact", runs[0].path.parent)
            cells = [_cell([run for run in runs if run.episodes >= mark], mark) for mark in MARKS]
            table.rows.append([head, str(len(runs)), *cells])
    return table


def _cell(runs: list[RunRecord], mark: int) -> str:
    if not runs:
        return NONE
    means = {name: np.mean([at(run, mark, name) for run in runs]) for name in COLUMNS}
    return ", ".join(number(float(means[name]), digits) for name, digits in COLUMNS.items())


def section(results: Results, start: Path) -> str:
    """The table in Markdown; links are relative to `start`."""
    found = table(results)
    return found.markdown(start) if found.rows else ""
