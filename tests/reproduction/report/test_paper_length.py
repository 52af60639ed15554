"""The paper's number of episodes, beside the shorter runs of the same learners."""

from small_records import returns, write_run

from reproduction import tasks
from reproduction.report import build, paper_length, records
from reproduction.report.table import Cell

RUN = f"{tasks.NAVIGATION_3}/dimapg_trpo/seed"


def write(root, seed, value):
    write_run(root, f"{RUN}_{seed}", value, {"theta": returns(value)})


def test_both_lengths_beside_each_other(tmp_path):
    write(tmp_path, 1, -11.0)
    for seed, value in ((1, -9.0), (2, -8.0)):
        write(tmp_path / paper_length.DIRECTORY, seed, value)
    results = records.read(tmp_path)
    assert len(results.runs) == 1
    table = paper_length.table(results)
    ((task, learner, measure, *cells),) = [
        [c.text if isinstance(c, Cell) else c for c in row] for row in table.rows
    ]
    assert (task, learner) == ("Cooperative Navigation, N = 3", "DiMA-PG (to the letter)")
    assert measure.startswith("worst agent's return")
    assert cells[:5] == ["−11.0", "1,000", "−8.5 ± 0.7", "2", "1,000"]
    assert table.rows[0][0].link == tmp_path / paper_length.DIRECTORY / RUN.removesuffix("/seed")
    assert table.title in {one.title for one in build.all_tables(results)}


def test_without_the_shorter_runs_and_without_the_longer(tmp_path):
    write(tmp_path / paper_length.DIRECTORY, 1, -9.0)
    write_run(tmp_path, f"{tasks.NAVIGATION_3}/maddpg/seed_1", -9.0)
    (row,) = paper_length.table(records.read(tmp_path)).rows
    assert row[3:5] == ["–", "–"]
    assert not paper_length.table(records.read(tmp_path / paper_length.DIRECTORY)).rows
