"""What is measured of a run: the three returns, metrics.csv and TensorBoard."""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dimapg_tf.experiment import files
from dimapg_tf.experiment.metrics_file import MetricsFile, Row


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
      csv_path, tensorboard: where they are; both are written anew.
      kept: rows of metrics.csv that a resumed run begins with.
    """

    def __init__(self, csv_path: Path, tensorboard: Path, kept: list[Row]):
        self._file = MetricsFile(csv_path, kept)

        # Heavier than what else needs this module, such as a report of many runs.
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event, self._summary = event_pb2.Event, summary_pb2.Summary
        # The event files are written anew from the rows that are kept: they cannot be cut.
        for events in tensorboard.glob("events.*"):
            files.remove(events)
        files.make_directory(tensorboard)
        # Not TensorBoard's own EventFileWriter, whose thread tells of a full disk on its own.
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}"
        self._events = RecordWriter(_Appending(files.Appender(tensorboard / name)))
        self._add_event(file_version="brain.Event:2")
        for row in kept:
            self._summarise({name: float(value) for name, value in row.items() if value})

    def write(self, row: Mapping[str, float]) -> None:
        """Append a row; raises StorageError."""
        self._file.append(row)
        self._summarise(row)

    def _summarise(self, row: Mapping[str, float]) -> None:
        """Scalars over episodes, the axis that algorithms are compared on: one event a row."""
        values = [
            self._summary.Value(tag=name, simple_value=value)
            for name, value in row.items()
            if name != "episodes"
        ]
        self._add_event(step=int(row["episodes"]), summary=self._summary(value=values))

    def _add_event(self, **content: Any) -> None:
        event = self._event(wall_time=time.time(), **content)
        self._events.write(event.SerializeToString())

    def sync(self) -> None:
        """Have the rows on the disk: a checkpoint is about to count on them."""
        self._file.sync()

    def close(self) -> None:
        """Close both files; nothing is buffered."""
        self._file.close()
        self._events.close()


class _Appending:
    """An `Appender` as TensorBoard's RecordWriter takes it; TensorBoard sees each row at once."""

    def __init__(self, file: files.Appender):
        self.write, self.close = file.append, file.close

    def flush(self) -> None:
        """Nothing is held back."""
