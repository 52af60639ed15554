"""What came of a sweep: a table with one row for each combination, and its learning curves.

Everything is from metrics.csv, and nothing from clocks: runs that were killed and went on give the
same table as runs that were not.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dimapg_tf.experiment.columns import aligned
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.experiment.sweep_plan import Trial

LAST = 0.1  # of the iterations of a run: what it had learned in the end
MEAN, WORST = "return_mean", "min_return_per_episode"


class Curves(NamedTuple):
    """Of one run: episodes [iterations], and each measure by name [iterations]."""

    episodes: np.ndarray
    values: Mapping[str, np.ndarray]


def curves_of(trial: Trial) -> Curves | None:
    """What a run measured while it was trained; None where there is nothing.

    Raises:
      RunDirectoryError: metrics.csv is damaged.
    """
    path = trial.directory / "metrics.csv"
    rows = read_rows(path) if path.exists() else []
    if not rows:
        return None
    columns = {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}
    return Curves(columns["episodes"], {name: columns[name] for name in measures(columns)})


def measures(columns: Sequence[str]) -> list[str]:
    """What is compared: the mean return of each population; of one alone, the worst agent's too."""
    of_populations = [name for name in columns if name.endswith(f"/{MEAN}")]
    return of_populations or [name for name in (MEAN, WORST) if name in columns]


class SweepTable:
    """The table; of runs that failed what there is, and how many seeds that are.

    Args:
      trials: those that are done.
      settings: the combinations, in the order of the rows.
    """

    def __init__(self, trials: Sequence[Trial], settings: Sequence[Mapping[str, str]]):
        self._settings = list(settings)
        self.curves: list[list[Curves]] = [
            [c for t in trials if t.setting == setting and (c := curves_of(t)) is not None]
            for setting in self._settings
        ]
        known = [curve for curves in self.curves for curve in curves]
        self.measures = list(known[0].values) if known else []

    def text(self) -> str:
        """In columns, for a terminal."""
        return aligned(self._cells())

    def markdown(self) -> str:
        """As a Markdown table, with what its numbers are."""
        head, *rows = (f"| {' | '.join(line)} |" for line in self._cells())
        rule = "|" + " --- |" * len(self._cells()[0])
        return "\n".join([head, rule, *rows, "", CAPTION, ""])

    def csv(self) -> str:
        """With all digits; the cells of what is not known are empty."""
        names = [f"{m}/{when}" for m in self.measures for when in ("end", "whole")]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        statistics = [f"{name}{suffix}" for name in names for suffix in ("", "_std")]
        writer.writerow([*self._settings[0], "seeds", *statistics])
        for setting, curves in zip(self._settings, self.curves):
            numbers = [n for m in self.measures for pair in _pairs(curves, m) for n in pair]
            cells = ["" if np.isnan(n) else f"{n:.7g}" for n in numbers]
            writer.writerow([*setting.values(), len(curves), *cells])
        return text.getvalue()

    def label(self, index: int) -> str:
        """A combination in words."""
        return ", ".join(f"{k} = {v}" for k, v in self._settings[index].items()) or "all seeds"

    def _cells(self) -> list[list[str]]:
        titles = [f"{m}, {when}" for m in self.measures for when in ("end", "whole")]
        cells = [[*(self._settings[0] or ["runs"]), "seeds", *titles]]
        for setting, curves in zip(self._settings, self.curves):
            pairs = [pair for m in self.measures for pair in _pairs(curves, m)]
            cells.append([*(setting.values() or ["all"]), str(len(curves)), *map(_shown, pairs)])
        return cells


CAPTION = (
    "Mean over seeds ± standard deviation. end: mean over the last tenth of the iterations of "
    "training; whole: over all of them."
)


def _pairs(curves: Sequence[Curves], measure: str) -> list[tuple[float, float]]:
    """(mean, standard deviation) over seeds, at the end and of the whole training."""
    values = [curve.values[measure] for curve in curves if measure in curve.values]
    ends = [v[-max(1, round(LAST * len(v))) :].mean() for v in values]
    return [_statistics(ends), _statistics([v.mean() for v in values])]


def _statistics(numbers: Sequence[float]) -> tuple[float, float]:
    mean = float(np.mean(numbers)) if numbers else float("nan")
    return mean, float(np.std(numbers, ddof=1)) if len(numbers) > 1 else float("nan")


def _shown(pair: tuple[float, float]) -> str:
    mean, spread = pair
    if np.isnan(mean):
        return "-"
    return f"{mean:.2f}" + ("" if np.isnan(spread) else f" ± {spread:.2f}")
