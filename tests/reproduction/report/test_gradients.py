"""Exact, first order and plain sharing at a few moments of training, against plain loops."""

import numpy as np
import pytest
from small_records import write_run

from reproduction import tasks
from reproduction.report import gradients, records
from reproduction.report.table import Cell

COLUMNS = ("min_return_per_episode", "goals_covered", "entropy")


def texts(table):
    return [[cell.text if isinstance(cell, Cell) else cell for cell in row] for row in table.rows]


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Runs of 10 iterations of 100 episodes that rise from -90 by 10 each."""
    monkeypatch.setattr(gradients, "MARKS", (500, 1_000, 2_000))
    for seed, end in ((1, 0.0), (2, 4.0)):
        write_run(tmp_path, f"{tasks.NEAR_3}/dimapg_set/seed_{seed}", end, columns=COLUMNS)
    write_run(tmp_path, f"{tasks.NEAR_3}/dimapg_set_plain/seed_1", 50.0, columns=COLUMNS)
    return records.read(tmp_path)


def test_means_over_seeds_and_the_last_episodes_before_a_mark(results):
    """The last 15 % before 500 are the iteration that ends there; before 1,000 the last two."""
    assert texts(gradients.table(results)) == [
        ["exact", "2", "−48.0, −48.0, −48.00", "−3.0, −3.0, −3.00", "–"],
        ["plain parameter sharing", "1", "0.0, 0.0, 0.00", "45.0, 45.0, 45.00", "–"],
    ]
    run = results.runs[0]
    by_hand = [v for e, v in zip(run.curve["episodes"], run.curve["entropy"]) if 850 < e <= 1000]
    assert gradients.at(run, 1_000, "entropy") == pytest.approx(np.mean(by_hand))


def test_a_mark_within_a_long_iteration(results):
    """No iteration ends between 0.85 * 190 and 190: the one that ends at 200 counts."""
    run = results.runs[0]
    assert gradients.at(run, 190, "entropy") == run.curve["entropy"][1]
    assert gradients.at(run, 50, "entropy") == run.curve["entropy"][0]


def test_without_records_the_section_is_empty(results, tmp_path):
    results.runs.clear()
    assert gradients.section(results, tmp_path) == ""
