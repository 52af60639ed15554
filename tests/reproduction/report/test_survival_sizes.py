"""Policies of Survival in teams of the other size: planned where the table looks, and tabled."""

import json
from pathlib import Path

from small_records import returns, write_run

from dimapg_tf.experiment import elsewhere
from reproduction import steps, tasks
from reproduction.report import build, records, survival_sizes
from reproduction.report.table import Cell


def rows(team_return, food_left=0.0, survivors=230.0):
    """An evaluation; random play and the script are 100 below and 10 above."""
    played = {"theta": 0.0, "random": -100.0, "go_to_food": 10.0}
    about = {"food_left": food_left, "survivors": survivors}
    return {
        name: returns(0.0, team_return=team_return + more, **about) for name, more in played.items()
    }


def root(tmp_path):
    for seed, gain in ((1, 0.0), (2, 20.0)):
        run = write_run(
            tmp_path, f"{tasks.SURVIVAL_230}/dimapg_survival_all_data/seed_{seed}", 1.0, rows(950.0)
        )
        settings = {"num_agents": 630, "start_square": 97}
        there = run / elsewhere.folder(settings)
        there.mkdir()
        record = {"elsewhere": settings, "episodes": 5, "seed": 0, **rows(800.0 + gain, 2.0, 629.0)}
        (there / "evaluation.json").write_text(json.dumps(record))
    home = f"{tasks.SURVIVAL_630}/dimapg_survival_630_all_data/seed_1"
    write_run(tmp_path, home, 1.0, rows(840.0, survivors=630.0))
    return tmp_path


def test_the_table(tmp_path):
    results = records.read(root(tmp_path))
    table = survival_sizes.table(results)
    assert [[c.text if isinstance(c, Cell) else c for c in row] for row in table.rows] == [
        ["Food left", "630", "230", "2.0 ± 0.0", "0.0", "0", "2.0", "2.0", "2"],
        ["Survivors", "630", "230", "629.0 ± 0.0", "630.0", "490", "629.0", "629.0", "2"],
        ["Average reward", "630", "230", "810.0 ± 14.1", "840.0", "674", "700.0", "810.0", "2"],
    ]
    assert table.title in {one.title for one in build.all_tables(results)}


def test_the_plan_evaluates_where_the_report_looks():
    planned = steps.steps_of("standard", ["scale"], [1], Path("runs"), "python")
    there = {s.output: s for s in planned if "start_square" in str(s.output)}
    for env, agents, square in ((tasks.SURVIVAL_230, 630, 97), (tasks.SURVIVAL_630, 230, 68)):
        folder = elsewhere.folder({"num_agents": agents, "start_square": square})
        (step,) = [s for output, s in there.items() if env in str(output)]
        assert step.output.parent.name == folder
        assert {f"--num_agents={agents}", f"--start_square={square}"} <= set(step.command)
        assert step.whole_machine
        flagfile = Path(__file__).parents[3] / f"configs/env/survival_{agents}.flags"
        assert f"--start_square={square}" in flagfile.read_text()
