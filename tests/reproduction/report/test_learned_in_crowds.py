"""Learning in large teams: the table's moments against a plain loop, the figure, and gaps."""

import json

import numpy as np
import pytest
from small_records import returns, write_run

from reproduction import tasks
from reproduction.report import build, crowds, records
from reproduction.report.scores import MEAN
from reproduction.report.table import Cell

HOME, LARGE = f"{tasks.NEAR_10}/dimapg_set", tasks.NEAR_30


def evaluation(value):
    return {
        "theta": returns(value, normalised_return=0.9, share_of_goals_covered=0.8),
        "assignment": returns(-3.0),
        "nearest": returns(-70.0),
        "random": returns(-93.0),
    }


@pytest.fixture
def root(tmp_path):
    """What 10 have learned has a mean return of -41 with 30, random play -91, so that -42 is nearly
    as good; an iteration takes 0.1 minutes.
    """
    run = write_run(tmp_path, f"{HOME}/seed_1", -5.0, evaluation(-5.0))
    folder = run / "arena_agents_10_num_agents_30"
    folder.mkdir()
    there = {"elsewhere": {"num_agents": 30, "arena_agents": 10}, "episodes": 5, "seed": 0}
    (folder / "evaluation.json").write_text(json.dumps(there | evaluation(-43.0)))
    for seed, end in ((1, 0.0), (2, -20.0)):
        write_run(tmp_path, f"{LARGE}/dimapg_crowd/seed_{seed}", end, evaluation(end))
    for seed, end in ((1, -30.0), (2, -60.0)):
        write_run(tmp_path, f"{LARGE}/maddpg_pooled/seed_{seed}", end, evaluation(end))
    write_run(tmp_path, f"{tasks.NEAR_100}/maddpg_pooled/seed_1", -50.0, evaluation(-50.0))
    return tmp_path


def by_hand(run, level):
    minutes = run.curve["seconds"] / 60.0
    for now in minutes:
        before = [v for m, v in zip(minutes, run.curve[MEAN]) if 0.85 * now < m <= now + 1e-9]
        if np.mean(before) >= level:
            return now
    return None


def test_the_table(root):
    results = records.read(root)
    rows = [[c.text if isinstance(c, Cell) else c for c in r] for r in crowds.table(results).rows]
    assert crowds.nearly(results, LARGE) == pytest.approx(-42.0)
    reached = [by_hand(run, -42.0) for run in results.runs_in(LARGE)]
    assert None in reached[2:]
    assert reached[:2] == pytest.approx([0.6, 0.9])
    shown = ["1,000", "1.0", "0.90 ± 0.00", "80 ± 0"]
    assert rows == [
        ["30", "DiMA-PG", *shown, f"{np.mean(reached[:2]):.1f}", "2"],
        ["30", "MADDPG (pooled critic)", *shown, f"{reached[2]:.1f}; 1 of 2 seeds", "2"],
        ["100", "MADDPG (pooled critic)", "1,000", "1.0", "0.90", "80", "–", "1"],
    ]
    for run, moment in zip(results.runs_in(LARGE), reached):
        got = crowds.minutes_to(results, run, -42.0)
        assert got == (moment if moment is None else pytest.approx(moment))


def test_a_level_that_nobody_reaches(root):
    results = records.read(root)
    results.runs_in(tasks.NEAR_10)[0].elsewhere[30]["theta"][MEAN] = 100.0
    assert crowds.table(results).rows[0][-2] == "never"


def test_in_the_report(root):
    output = root / "report"
    build.write(records.read(root), output)
    assert (output / "crowds.png").stat().st_size > 10_000
    page = (output / "index.html").read_text()
    assert 'id="crowds"' in page
    assert "DiMA-PG ends at −10.0" in page
    without = records.read(root)
    without.runs = [run for run in without.runs if run.env == tasks.NEAR_10]
    assert not crowds.table(without).rows
    build.write(without, root / "without")
    assert not (root / "without/crowds.png").exists()
