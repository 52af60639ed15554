"""Learners are compared at equal numbers of episodes, in Fig. 3 while they learn."""

import pytest
from small_records import write_crossplay, write_run

from reproduction import tasks
from reproduction.report import findings, records, verdicts


def figure(where, root, claim):
    every = findings.all_findings(records.read(root))
    (found,) = (f for f in every if f.where == where and f.claim == claim)
    return found


def fig_3(root, claim):
    return figure("Fig. 3", root, claim)


@pytest.fixture
def root(tmp_path):
    """Returns rise by 10 in each 100 episodes, DiMA-PG's to -13 after 1,000."""
    for seed, end in enumerate((-13.0, -12.0, -14.0), start=1):
        write_run(tmp_path, f"{tasks.NAVIGATION_3}/dimapg/seed_{seed}", end)
    return tmp_path


def test_whoever_has_had_more_episodes_is_taken_back(root):
    """TRPO-Kitchensink ends after 400 episodes: DiMA-PG was at -73 there, 2 behind."""
    for seed, end in enumerate((-10.0, -11.0, -12.0), start=1):
        name = f"{tasks.NAVIGATION_3}/trpo_kitchensink_tuned/seed_{seed}"
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


def test_after_training_the_runs_of_about_as_many_episodes_are_compared(root):
    """DiMA-PG's default has 1,000 episodes, its short runs 100; random features are no budget."""
    rewards = {}
    scripted = {"greedy": 3.0}
    runs = {"dimapg_predator_prey": 1000, "dimapg_predator_prey_short": 100, "maddpg": 120}
    runs |= {"dimapg_predator_prey_random_features": 120}
    for index, (name, episodes) in enumerate(runs.items()):
        for seed in (1, 2):
            run = f"{name}/seed_{seed}"
            columns = ("predators/return_mean",)
            path = write_run(root, f"predator_prey_3v1/{run}", 1.0, columns=columns)
            text = (path / "flags.txt").read_text()
            (path / "flags.txt").write_text(text.replace("=1000", f"={episodes}"))
            lines = (path / "metrics.csv").read_text().splitlines()[:2]
            lines[1] = lines[1].replace("100", str(episodes), 1)
            (path / "metrics.csv").write_text("\n".join(lines) + "\n")
            rewards[run, "fleeing"] = 10.0 * index + seed
            rewards |= {(player, run): 1.0 for player in scripted}
    names = [run for run, prey in rewards if prey == "fleeing"]
    write_crossplay(root, "predator_prey_3v1", names, rewards)
    claim = "3v1: DiMA-PG's predators (reward against fleeing prey) are better than MADDPG's"
    found = figure("Fig. 4", root, claim)
    assert "DiMA-PG (episodes of MADDPG) 11.5 ± 0.7 (seeds: 2, episodes: 100)" in found.ours
    assert found.verdict == verdicts.DIFFERS
