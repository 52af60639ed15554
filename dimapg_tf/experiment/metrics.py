"""What is measured of a run: the three returns, metrics.csv and TensorBoard."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import numpy as np


def three_returns(returns: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The returns of episodes in the three readings, from {population: [n, B]}.

    return_mean: over agents and episodes.
    min_return_per_episode: mean over episodes of the worst agent's return.
    min_mean_return: the worst agent's mean return over episodes.
    The last two are the two readings of the paper's "minimum reward across all agents". With more
    than one population, each has columns of its own, and those without prefix are over all agents.
    """
    everybody = np.concatenate([np.asarray(values) for values in returns.values()])
    table = _three(everybody, "")
    if len(returns) > 1:
        for name, values in returns.items():
            table.update(_three(np.asarray(values), f"{name}/"))
    return table


def _three(returns: np.ndarray, prefix: str) -> dict[str, float]:
    returns = returns.astype(np.float64)
    return {
        f"{prefix}return_mean": float(returns.mean()),
        f"{prefix}min_return_per_episode": float(returns.min(axis=0).mean()),
        f"{prefix}min_mean_return": float(returns.mean(axis=1).min()),
    }


def with_prefixes(values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """{population: {name: value}} as one dict; names get the population's where there are two."""
    alone = len(values) == 1
    return {
        (name if alone else f"{population}/{name}"): value
        for population, table in values.items()
        for name, value in table.items()
    }


class MetricsLog:
    """metrics.csv, one row an iteration, and the same numbers for TensorBoard.

    Args:
      csv_path, tensorboard: where they are.
      iteration: rows after it are dropped: they stem from iterations that a killed run had done
        after its last checkpoint, and that will be done again.
    """

    def __init__(self, csv_path: Path, tensorboard: Path, iteration: int):
        self._path = csv_path
        rows = read_rows(csv_path) if csv_path.exists() else []
        kept = [row for row in rows if int(row["iteration"]) <= iteration]
        self._columns = list(kept[0]) if kept else []
        self._file = self._written_anew(kept)

        import tensorflow as tf

        self._tf = tf
        # The event files are written anew from the rows that are kept: they cannot be cut.
        for events in tensorboard.glob("events.*"):
            events.unlink()
        self._events = tf.summary.create_file_writer(str(tensorboard))
        for row in kept:
            self._summarise({name: float(value) for name, value in row.items() if value})

    def write(self, row: Mapping[str, float]) -> None:
        """Append a row; measures that the rows before do not have get a column that they leave
        empty: a run may go on with a version that measures more, or less."""
        newer = [name for name in row if name not in self._columns]
        if newer:
            self._columns += newer
            self._file.close()
            self._file = self._written_anew(read_rows(self._path))
        formatted = {
            name: f"{value:.7g}" if isinstance(value, float) else value
            for name, value in row.items()
        }
        csv.DictWriter(self._file, self._columns).writerow(formatted)
        self._file.flush()
        self._summarise(row)

    def _written_anew(self, rows: list[dict[str, str]]) -> TextIO:
        """Replace the file by one of these rows, which a crash leaves whole; open to append to."""
        draft = self._path.with_name(self._path.name + ".draft")
        with open(draft, "w", newline="", encoding="utf-8") as file:
            if self._columns:
                writer = csv.DictWriter(file, self._columns)
                writer.writeheader()
                writer.writerows(rows)
        os.replace(draft, self._path)
        return open(self._path, "a", newline="", encoding="utf-8")

    def _summarise(self, row: Mapping[str, float]) -> None:
        """Scalars over episodes, the axis that algorithms are compared on."""
        with self._events.as_default(step=int(row["episodes"])):
            for name, value in row.items():
                if name != "episodes":
                    self._tf.summary.scalar(name, value)

    def close(self) -> None:
        """Write out what is buffered."""
        self._file.close()
        self._events.close()


def read_rows(path: Path) -> list[dict[str, str]]:
    """The complete rows of a metrics.csv, in order; a line cut short by a crash is left out."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return [row for row in reader if None not in row and None not in row.values()]
