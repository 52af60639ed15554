"""The three returns, and metrics.csv across a stop and resume."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from dimapg_tf.experiment import metrics
from dimapg_tf.experiment.metrics_file import read_rows, rows_until


def test_three_returns_differ():
    returns = np.array([[-1.0, -9.0], [-6.0, -2.0]])  # agent x episode
    assert metrics.three_returns({"agents": returns}) == {
        "return_mean": -4.5,
        "min_return_per_episode": (-6.0 - 9.0) / 2,
        "min_mean_return": -5.0,
    }


def test_populations_get_columns_of_their_own():
    table = metrics.three_returns({"a": np.array([[1.0]]), "b": np.array([[3.0], [5.0]])})
    assert table["return_mean"] == 3.0
    assert table["a/return_mean"] == 1.0
    assert table["b/min_mean_return"] == 3.0
    assert metrics.with_prefixes({"a": {"kl": 1.0}}) == {"kl": 1.0}
    assert metrics.with_prefixes({"a": {"kl": 1.0}, "b": {}}) == {"a/kl": 1.0}


def row(iteration):
    return {"iteration": iteration, "episodes": 10 * iteration, "return_mean": -1.0 / 3}


def iterations(path):
    return [int(r["iteration"]) for r in read_rows(path)]


def test_rows_after_the_checkpoint_are_written_anew(tmp_path):
    path, events = tmp_path / "metrics.csv", tmp_path / "tensorboard"
    log = metrics.MetricsLog(path, events, [])
    for iteration in range(1, 8):
        log.write(row(iteration))
    log.close()
    with open(path, "a") as file:
        file.write("8,8")  # a line that a kill cut short
    log = metrics.MetricsLog(path, events, rows_until(path, 5))
    assert iterations(path) == [1, 2, 3, 4, 5]
    log.write(row(6))
    log.close()
    assert iterations(path) == [1, 2, 3, 4, 5, 6]
    assert float(read_rows(path)[0]["return_mean"]) == pytest.approx(-1 / 3, abs=1e-6)
    accumulator = EventAccumulator(str(events), size_guidance={"scalars": 0})
    accumulator.Reload()
    assert [event.step for event in accumulator.Scalars("return_mean")] == [10, 20, 30, 40, 50, 60]
    assert accumulator.Scalars("return_mean")[0].value == pytest.approx(-1 / 3)
    assert set(accumulator.Tags()["scalars"]) == {"iteration", "return_mean"}
