"""Learners of Fig. 3 are compared while they learn, at equal numbers of episodes."""

import pytest
from small_records import write_run

from reproduction import tasks
from reproduction.report import findings, records, verdicts


def fig_3(root, claim):
    every = findings.all_findings(records.read(root))
    (found,) = (f for f in every if f.where == "Fig. 3" and f.claim == claim)
    return found


@pytest.fixture
def root(tmp_path):
    """Returns rise by 10 in each 100 episodes, DiMA-PG's to -13 after 1,000."""
    for seed, end in enumerate((-13.0, -12.0, -14.0), start=1):
        write_run(tmp_path, f"{tasks.NAVIGATION_3}/dimapg/seed_{seed}", end)
    return tmp_path


def test_whoever_has_had_more_episodes_is_taken_back(root):
    """TRPO-Kitchensink ends after 400 episodes: DiMA-PG was at -73 there, 2 behind."""
    for seed, end in enumerate((-10.0, -11.0, -12.0), start=1):
        name = f"{tasks.NAVIGATION_3}/trpo_kitchensink/seed_{seed}"
        write_run(root, name, end, episodes=400)
        path = root / name / "metrics.csv"
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:5]))
    found = fig_3(root, "N = 3: TRPO-Kitchensink performs worse than DiMA-PG")
    assert "DiMA-PG −73.0 ± 1.0 (seeds: 3, episodes: 400)" in found.ours
    assert "TRPO-Kitchensink −71.0 ± 1.0 (seeds: 3, episodes: 400)" in found.ours
    assert found.verdict == verdicts.UNDECIDED


def test_who_is_not_there_was_not_run(root):
    found = fig_3(root, "N = 3: MADDPG performs worse than DiMA-PG")
    assert (found.verdict, found.ours) == (verdicts.NOT_RUN, "MADDPG: not run")
