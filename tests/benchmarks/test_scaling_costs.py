"""What is read off the record of measured parts, and what is predicted from it."""

import json
from pathlib import Path

import numpy as np
import pytest
from scaling_record import COEFFICIENTS, WOBBLE, case, record, seconds

from benchmarks.scaling import costs, figure, model, page, predictions
from benchmarks.scaling.costs import Fit, Size
from reproduction.report import sections

ROOT = Path(__file__).parents[2]
RECORD, PREDICTIONS, PAGE = (
    ROOT / "results/benchmarks/cluster_parts.json",
    ROOT / "results/benchmarks/cluster_predictions.json",
    ROOT / "docs/scaling.md",
)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fit():
    return Fit(record())


def test_the_fit_finds_the_law(fit):
    assert max(fit.errors.values()) < 1e-6
    law = [COEFFICIENTS[name] for name in ("a call", "world", "pair", "sample")]
    np.testing.assert_allclose(fit.coefficients["block", "roll_out"], law, rtol=1e-5)
    np.testing.assert_allclose(fit.coefficients["shared", "value"], law[::3], rtol=1e-5)


def test_the_fit_goes_on_to_other_sizes(fit):
    size = Size(5000, 1000, 10)
    load = fit.load(size)
    assert load.blocks == 100
    for method in costs.METHODS:
        expected = seconds(5000, 1000, 10, method)
        np.testing.assert_allclose(getattr(load.block, method), expected, rtol=1e-5)
        expected = seconds(5000, 1000, 1, method)
        np.testing.assert_allclose(getattr(load.shared, method), expected, rtol=1e-5)
    pairs = COEFFICIENTS["pair"] * 10 * 5000**2
    linear = fit.load(size, linear=True).block
    np.testing.assert_allclose(load.block.roll_out - linear.roll_out, pairs, rtol=1e-5)
    assert linear[1:] == load.block[1:]


def test_an_iteration_as_measured():
    load = costs.measured(record(), case(10, 8, 2)["case"])
    assert (load.blocks, load.values, load.products, load.theta) == (4, 1.5, 11, 4000)
    assert load.returned == (900, 900)
    np.testing.assert_allclose(load.add, 0.02 / 100)
    np.testing.assert_allclose(load.chief + 4 * load.add, 0.02)
    np.testing.assert_allclose(load.block.value, seconds(10, 8, 2, "value"))
    np.testing.assert_allclose(load.block.roll_out, seconds(10, 8, 2, "roll_out"))
    np.testing.assert_allclose(load.shared.gradient, seconds(10, 8, 1, "gradient"))


def test_compilation_is_what_the_first_calls_took_longer():
    np.testing.assert_allclose(costs.compiling(case(10, 8, 2)), 6 * 3.0)


def test_spread_is_beside_the_mean():
    np.testing.assert_allclose(costs.spread(case(30, 8, 2)), WOBBLE)


def test_a_call():
    wires = costs.wires(record())
    np.testing.assert_allclose(wires, (0.0005, 0.0025 / 2e6, 0.00075))
    np.testing.assert_allclose(costs.wires(record(), 2), (0.002, 0.01 / 2e6, 0.001))
    assert 2 * 10 < costs.key_bytes(10) < 100


def test_memory_of_a_worker(fit):
    size = Size(1000, 64, 2)
    steps, table = 2 * 5 * 200, 2 * 5 * 1000**2 / 8
    samples = steps * (64 + 8) * 44
    found = [fit.worker_bytes(size, workers) / 4 for workers in (1, 32, 512)]
    np.testing.assert_allclose(found[0], 32 * samples + steps * 1000 + table)
    np.testing.assert_allclose(found[1:], samples + steps * 1000 + table)
    np.testing.assert_allclose(fit.worker_bytes(size, 32, True) / 4, found[1] - table)


def test_durations_are_read_at_once():
    shown = [page.duration(s) for s in (0.0123, 0.5, 61.0, 600.0, 7300.0, 9e5, 3e8)]
    assert shown == ["12 ms", "0.5 s", "61 s", "10 min", "2 h", "10 days", "9.5 years"]


def test_everything_is_predicted_and_drawn(monkeypatch, tmp_path):
    monkeypatch.setattr(predictions, "ITERATIONS", 2)
    monkeypatch.setattr(predictions, "MORE_WORKERS", (1, 8))
    monkeypatch.setattr(predictions, "POPULATIONS", (1000, 10**6))
    found = json.loads(json.dumps(predictions.predict(record())))
    rows = {(row["agents"], row["everybody"], row["sampled"]): row for row in found["rows"]}
    assert len(rows) == 2 + 3
    small, everybody = rows[1000, False, 64], rows[10**6, True, 10**6]
    assert small["model"]["64"] < small["model"]["8"] < small["alone"]
    assert small["limit"] < small["model"]["64"]
    assert everybody["blocks"] == 1000
    # A block takes longer than a worker lives.
    assert everybody["block"] > 10 * predictions.DAY
    assert everybody["simulated"]["512"]["seconds"] is None
    text = "".join(page.texts(record(), found).values())
    assert text.count("\n| 1,000,000 | everybody | 1,000 × ") == 1
    assert page.NEVER in text
    figure.save(found, tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").stat().st_size > 10_000


def test_the_page_is_what_the_records_say():
    """`python -m benchmarks.scaling.predictions` would change nothing."""
    for name, text in page.texts(read(RECORD), read(PREDICTIONS)).items():
        assert sections.read(PAGE, name) == text


def test_a_prediction_of_the_record():
    """The same now as when it was written; without simulating all of them."""
    parts, found = read(RECORD), read(PREDICTIONS)
    fit, wires = Fit(parts), predictions.cluster_wires(parts)
    (row,) = (r for r in found["rows"] if (r["agents"], r["sampled"]) == (1000, 64))
    load = fit.load(predictions.size_of(1000, 64))
    for workers in predictions.WORKERS:
        expected = model.seconds(load, wires, workers).total
        np.testing.assert_allclose(row["model"][str(workers)], expected, rtol=1e-6)
    again = predictions.simulated(load, wires, 8, fit)
    np.testing.assert_allclose(row["simulated"]["8"]["seconds"], again["seconds"], rtol=1e-6)


def test_the_model_against_a_real_cluster():
    record = read(RECORD)
    assert record["cluster"]
    for run in record["cluster"]:
        predicted, found = page.checked(record, run["workers"])
        np.testing.assert_allclose(predicted, found, rtol=0.25)
