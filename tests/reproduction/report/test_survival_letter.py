"""Survival by two readings of its rewards, side by side."""

from small_records import returns, write_run

from reproduction import tasks
from reproduction.plan import EXPERIMENTS
from reproduction.report import build, records, survival_letter
from reproduction.report.table import Cell


def rows(**measures):
    return {"theta": returns(0.0, **measures), "random": returns(0.0, team_return=-430.0)}


def write(root, env, seed=1, **measures):
    (name,) = dict(EXPERIMENTS["fig6_literal"].runs + EXPERIMENTS["table2_230"].runs)[env]
    write_run(root, f"{env}/{name}/seed_{seed}", 1.0, rows(**measures))


def test_both_readings_beside_each_other(tmp_path):
    common = {"food_left": 0.0, "steps": 40.0}
    write(tmp_path, tasks.SURVIVAL_230, survivors=230.0, team_return=960.0, **common)
    for seed, attacks in ((1, 30.0), (2, 50.0)):
        more = {"attacks": attacks, "team_return": 500.0, **common}
        write(tmp_path, tasks.LITERAL_230, seed, survivors=200.0, **more)
    table = survival_letter.table(records.read(tmp_path))
    assert [[c.text if isinstance(c, Cell) else c for c in row] for row in table.rows] == [
        ["230", "hits on food pay", "230.0", "–", "0.0", "40.0", "960.0", "227", "−430", "1"],
        [
            *("230", "to the letter", "200.0 ± 0.0", "40.0 ± 14.1", "0.0 ± 0.0", "40.0 ± 0.0"),
            *("500.0 ± 0.0", "227", "−430", "2"),
        ],
    ]
    assert table.title in {one.title for one in build.all_tables(records.read(tmp_path))}


def test_without_the_letter_there_is_no_table(tmp_path):
    write(tmp_path, tasks.SURVIVAL_230, survivors=230.0, team_return=960.0)
    assert not survival_letter.table(records.read(tmp_path)).rows
