"""The paper's tables as the README has them."""

import pytest
from small_records import returns, write_all, write_run

from reproduction.report import in_the_readme, records
from reproduction.report.scores import MINIMUM


@pytest.fixture
def results(tmp_path):
    root = write_all(tmp_path)
    letter = {"theta": returns(-20.0), "theta_n": returns(-21.0)}
    write_run(root, "cooperative_navigation_3/dimapg_trpo/seed_1", -20.0, letter)
    # A variant that is in neither column.
    write_run(root, "cooperative_navigation_3/dimapg_trpo_first_order/seed_1", -9.0, letter)
    return records.read(root)


def test_table_1(results):
    assert MINIMUM in results.runs_in("cooperative_navigation_3")[0].evaluation["theta"]
    assert in_the_readme.table_1(results).rows == [
        ["Using θ", "−34.80", "−13.0 ± 1.0", "−20.0", "−8.00", "–", "–"],
        ["Using θₙ", "−37.19", "−13.5 ± 1.0", "−21.0", "−8.50", "–", "–"],
        ["Fine tune", "−44.17", "−44.0", "–", "−56.30", "–", "–"],
    ]


def test_table_2(results):
    assert in_the_readme.table_2(results).rows == [
        ["Food left", "0", "0.5", "–", "0", "–", "–"],
        ["Survivors", "227", "228.0", "–", "490", "–", "–"],
        ["Average reward", "946", "940.0", "–", "674", "–", "–"],
        ["Initial average reward", "−1,530", "−1,500.0", "–", "−3,800", "–", "–"],
    ]


def test_pictures_come_first(results):
    text = in_the_readme.section(results)
    assert text.startswith("![Fig. 3")
    assert "(docs/fig4.png)" in text.split("| Table 1")[0]
