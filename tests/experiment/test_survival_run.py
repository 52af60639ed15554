"""A run on Survival from the command line: trained, resumed, evaluated with no flags."""

import json

import numpy as np
import pytest

from dimapg_tf import evaluate, policy, train
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.experiment import console, evaluation
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.rollouts import parallel

WORLD = {
    **{"env": "survival", "num_agents": 6, "num_food": 3, "food_hp": 5, "map_size": 9},
    **{"view_range": 2, "start_spacing": 1, "placement": "anywhere", "horizon": 12},
}
LEARNER = {
    **{"k": 2, "trajectories": 2, "sampled_agents": 3, "deviation": "simultaneous"},
    **{"central_update": "reinforce", "baseline": "shared", "hidden": 8, "epsilon": 0.003},
}
FLAGS = [f"--{name}={value}" for name, value in (WORLD | LEARNER).items()]


def run(logdir, episodes, *more):
    flags = [*FLAGS, f"--episodes={episodes}", f"--logdir={logdir}", *more]
    assert console.run(train.main, ["train", *flags]) == 0


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("runs") / "run"
    run(logdir, 24)
    return logdir


def test_a_resumed_run_is_the_unbroken_one(run_dir, tmp_path):
    run(tmp_path / "run", 12, "--checkpoint_every=1")
    run(tmp_path / "run", 24, "--checkpoint_every=1", "--resume")
    assert float(read_rows(run_dir / "metrics.csv")[0]["food_left"]) <= 3
    ignored = {"seconds"}
    for mine, expected in zip(
        read_rows(tmp_path / "run" / "metrics.csv"), read_rows(run_dir / "metrics.csv"), strict=True
    ):
        assert {k: v for k, v in mine.items() if k not in ignored} == {
            k: v for k, v in expected.items() if k not in ignored
        }


def test_the_dead_take_no_steps(run_dir):
    """agent_steps counts all the living of every rollout, not six agents in every step."""
    row = read_rows(run_dir / "metrics.csv")[-1]
    assert int(row["env_steps"]) < int(row["agent_steps"]) < 6 * int(row["env_steps"])


def test_evaluate_with_no_flags(run_dir, capsys):
    assert console.run(evaluate.main, ["evaluate", str(run_dir), "--episodes", "4"]) == 0
    printed = capsys.readouterr().out
    record = json.loads((run_dir / "evaluation.json").read_text())
    for name in ("theta_initial", "theta", "theta_greedy", "random", "go_to_food"):
        assert name in printed
        row = record[name]
        assert 0 <= row["food_left"] <= 3
        assert 1 <= row["survivors"] <= 6
        assert row["team_return"] == pytest.approx(6 * row["return_mean"], abs=1e-3)
        assert row["steps"] <= 12
    assert record["go_to_food"]["team_return"] > record["random"]["team_return"]


def test_the_initial_policy_is_that_of_the_run(small_game):
    settings = Settings(sampled_agents=2, hidden=(8,), central_update="reinforce")
    theta = {"agents": DiMAPG(small_game, settings, 5).theta("agents")}
    row = evaluation.evaluate_thetas(small_game, theta, 1, 3)
    assert row == evaluation.evaluate_thetas(small_game, theta, 1, 3)
    games = parallel.collect(small_game, theta, 1, 3)
    assert row["team_return"] == pytest.approx(games.returns["agents"].sum(axis=0).mean())
    assert row["steps"] == games.steps.mean()
    other = {"agents": policy.greedy(theta["agents"])}
    assert evaluation.evaluate_thetas(small_game, other, 1, 3) != row
    random = evaluation.evaluate_player(small_game, small_game.players["random"], 1, 3)
    assert np.isfinite(list(random.values())).all()
