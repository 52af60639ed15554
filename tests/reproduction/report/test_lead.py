"""Equal episodes and equal minutes: who is ahead, against plain loops."""

import json

import numpy as np
import pytest
from small_records import write_run

from reproduction import tasks
from reproduction.report import curves, figures, lead, records, speeds
from reproduction.report.scores import MINIMUM


def write_speeds(root, speeds_of):
    rows = [
        {"task": task, "learner": learner, "episodes_per_second": rates}
        for (task, learner), rates in speeds_of.items()
    ]
    path = root / records.SPEEDS
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"records": rows}))


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Runs of 10 iterations of 100 episodes; returns rise by 10 an iteration to their ends."""
    monkeypatch.setattr(lead, "FIRST", 200)
    for learner, ends in (
        ("dimapg_set", (0.0, 2.0)),
        ("maddpg_tuned", (-9.0, -11.0)),
        ("dimapg_set_plain", ()),
    ):
        for seed, end in enumerate(ends, start=1):
            write_run(tmp_path, f"{tasks.NEAR_3}/{learner}/seed_{seed}", end)
    return tmp_path


def test_the_last_values_before_each_mark():
    generator = np.random.default_rng(0)
    spent, values = np.cumsum(generator.uniform(1.0, 5.0, 100)), generator.normal(size=100)
    marks = np.geomspace(0.5, 300.0, 50)
    for mark, got in zip(marks, curves.smoothed(spent, values, marks)):
        inside = [v for s, v in zip(spent, values) if 0.85 * mark < s <= mark]
        assert got == pytest.approx(np.mean(inside), abs=1e-9) if inside else np.isnan(got)


def test_equal_episodes(root):
    """Ours is 11 ahead at every equal number of episodes."""
    results = records.read(root)
    marks, difference = lead.leads(
        results, tasks.NEAR_3, "dimapg_set", "maddpg_tuned", curves.EPISODES
    )
    assert marks[0] == pytest.approx(200)
    assert marks[-1] == pytest.approx(1000)
    np.testing.assert_allclose(difference, 11.0)


def test_equal_minutes_by_the_speeds_of_learners_alone(root):
    """Half as fast, ours has half as many episodes: 200 of 400, 500 of 1,000."""
    near = tasks.NEAR_3
    write_speeds(root, {(near, "dimapg_set"): [9.0, 5.0, 4.0], (near, "maddpg_tuned"): [10.0]})
    results = records.read(root)
    assert results.speeds == {(near, "dimapg_set"): 5.0, (near, "maddpg_tuned"): 10.0}
    run = results.runs_in(near, "maddpg_tuned")[0]
    np.testing.assert_allclose(speeds.minutes(results, run), run.curve["episodes"] / 600.0)
    marks, difference = lead.leads(results, near, "dimapg_set", "maddpg_tuned", curves.MINUTES)
    assert marks[0] == pytest.approx(200 / 300)
    assert marks[-1] == pytest.approx(1000 / 600)
    # At the end ours has had 500 episodes, 5 iterations fewer than theirs.
    assert difference[-1] == pytest.approx(11.0 - 50.0, abs=10.0)
    ((*who, episodes, at_episodes, minutes, at_minutes),) = lead.table(results).rows
    assert (*who, episodes) == ("3", "DiMA-PG", "MADDPG", "200 to 1,000")
    assert at_episodes.startswith("+11.0 at ")
    assert minutes == "0.67 to 1.67"
    assert at_minutes.startswith("−")


def test_who_was_not_measured_has_no_minutes(root):
    write_speeds(root, {(tasks.NEAR_3, "dimapg_set"): [5.0]})
    results = records.read(root)
    assert lead.leads(results, tasks.NEAR_3, "dimapg_set", "maddpg_tuned", curves.MINUTES) is None
    (row,) = lead.table(results).rows
    assert row[5:] == ["–", "–"]
    _, minutes, _ = (panel for panel in figures.near(results).panels[:3])
    assert "DiMA-PG ends at" in minutes.alt
    assert "MADDPG" not in minutes.alt


def test_the_same_learner_with_the_baselines_network_has_rows_of_its_own(root):
    write_run(root, f"{tasks.NEAR_3}/{lead.PERCEPTRON}/seed_1", -1.0)
    rows = lead.table(records.read(root)).rows
    assert [row[1] for row in rows] == ["DiMA-PG", "DiMA-PG (perceptron)"]
    assert [row[4].split()[0] for row in rows] == ["+11.0", "+9.0"]


def test_without_a_record_of_speeds_minutes_are_those_of_the_runs(root):
    """An iteration of these records takes 6 seconds."""
    results = records.read(root)
    run = results.runs_in(tasks.NEAR_3)[0]
    np.testing.assert_allclose(speeds.minutes(results, run), 0.1 * np.arange(1, 11))
    assert "whatever their machine did" in speeds.explanation(results)
    assert MINIMUM in run.curve


@pytest.mark.parametrize("text", ["{", '{"records": [{}]}', "[]"])
def test_a_record_of_speeds_that_cannot_be_read_is_told(root, text):
    (root / "benchmarks").mkdir()
    (root / records.SPEEDS).write_text(text)
    results = records.read(root)
    assert results.speeds is None
    assert any("learner_speed.json" in problem for problem in results.problems)


def test_a_speed_of_zero_is_none(root):
    write_speeds(root, {(tasks.NEAR_3, "dimapg_set"): [0.0]})
    assert records.read(root).speeds is None


def test_broken_and_unmeasured_records_are_left_out(root):
    """A run without a curve, first by its seed, and an iteration without a return."""
    write_run(root, f"{tasks.NEAR_3}/dimapg_set/seed_0", 5.0)
    (root / tasks.NEAR_3 / "dimapg_set/seed_0/metrics.csv").unlink()
    path = root / tasks.NEAR_3 / "maddpg_tuned/seed_1/metrics.csv"
    lines = path.read_text().splitlines()
    lines[3] = ",".join([*lines[3].split(",")[:4], "", "", ""])
    path.write_text("\n".join(lines) + "\n")
    for over in (curves.EPISODES, curves.MINUTES):
        _, difference = lead.leads(
            records.read(root), tasks.NEAR_3, "dimapg_set", "maddpg_tuned", over
        )
        assert np.isfinite(difference).all()
        assert difference[-1] == pytest.approx(11.0)
