"""DiMA-PG against each other learner, both halves of a duel, against plain loops."""

import numpy as np
import pytest
from small_records import write_crossplay, write_run

from reproduction import tasks
from reproduction.report import head_to_head, records, statistics

ENV = tasks.PURSUIT_3V1
OURS = [f"dimapg_predator_prey/seed_{seed}" for seed in (1, 2, 3)]
THEIRS = [f"maddpg_tuned/seed_{seed}" for seed in (1, 2)]


@pytest.fixture
def rewards(generator):
    """Of a predator, for every pair of runs, and of a scripted one."""
    players = [*OURS, *THEIRS]
    pairs = {(a, b): float(generator.uniform(1.0, 5.0)) for a in players for b in players}
    return {**pairs, ("greedy", OURS[0]): 1.0}


def read(tmp_path, rewards):
    write_run(tmp_path, f"{ENV}/maddpg_tuned/seed_1", -3.0)
    write_crossplay(tmp_path, ENV, [*OURS, *THEIRS], rewards)
    return records.read(tmp_path)


def test_both_halves_of_each_duel(tmp_path, rewards):
    results = read(tmp_path, rewards)
    found = head_to_head.both_rewards(results.crossplay[ENV], OURS, THEIRS)
    for n, run in enumerate(OURS):
        hunting = np.mean([rewards[run, other] for other in THEIRS])
        hunted = np.mean([rewards[other, run] for other in THEIRS])
        np.testing.assert_allclose(found["predators"][n], [hunting, hunted])
        # Prey lose four times what a predator gets, as the records are written.
        np.testing.assert_allclose(found["prey"][n], [-4.0 * hunted, -4.0 * hunting])
    gaps = found["predators"] @ [1.0, -1.0]
    low, high = statistics.interval_of_mean(gaps)
    (row,) = head_to_head.table(results, ENV).rows
    own, theirs = found["predators"].mean(axis=0)
    difference = f"{gaps.mean():+.2f} ({low:+.2f} to {high:+.2f})".replace("-", "−")
    assert row[:5] == ["DiMA-PG", "MADDPG", f"{own:.2f}", f"{theirs:.2f}", difference]
    assert row[-1] == "3, 2"


def test_one_seed_has_no_interval(tmp_path, rewards):
    few = {pair: r for pair, r in rewards.items() if not {OURS[1], OURS[2]} & set(pair)}
    (row,) = head_to_head.table(read(tmp_path, few), ENV).rows
    assert row[4].endswith(" (–)")


def test_who_did_not_meet_on_both_sides_has_no_row(tmp_path, rewards):
    del rewards[THEIRS[0], OURS[2]]
    assert head_to_head.table(read(tmp_path, rewards), ENV).rows == []


def test_no_cross_play_no_table(tmp_path):
    write_run(tmp_path, f"{ENV}/maddpg_tuned/seed_1", -3.0)
    assert head_to_head.table(records.read(tmp_path), ENV).rows == []
