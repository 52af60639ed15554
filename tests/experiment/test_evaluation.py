"""Evaluation of a run, and its policy loaded without flags."""

import json

import numpy as np
import pytest

import dimapg_tf
from dimapg_tf import evaluate, policy, seeds, train
from dimapg_tf.envs import make_env
from dimapg_tf.envs.random_play import random_player
from dimapg_tf.experiment import console, evaluation
from dimapg_tf.rollouts import collect as rollout
from dimapg_tf.rollouts import host

FLAGS = ["--horizon=5", "--num_agents=2", "--agent_radius=0.3", "--trajectories=2", "--k=1"]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("runs") / "run"
    flags = [*FLAGS, "--hidden=8,6", "--episodes=12", f"--logdir={logdir}"]
    assert console.run(train.main, ["train", *flags]) == 0
    return logdir


def test_evaluate_a_run(run_dir, capsys):
    assert console.run(evaluate.main, ["evaluate", str(run_dir), "--episodes", "4"]) == 0
    printed = capsys.readouterr().out
    record = json.loads((run_dir / "evaluation.json").read_text())
    assert record["episodes"] == 4
    for name in ("theta", "theta_greedy", "theta_n", "random", "nearest", "assignment"):
        assert name in printed
        assert set(record[name]) == {
            *("return_mean", "min_return_per_episode", "min_mean_return"),
            *("goals_covered", "share_of_goals_covered", "collisions", "normalised_return"),
        }
        assert record[name]["min_return_per_episode"] <= record[name]["min_mean_return"]
        assert record[name]["min_mean_return"] <= record[name]["return_mean"]


def test_load_policy(run_dir):
    trained = dimapg_tf.load_policy(run_dir)
    assert trained.env.settings["agent_radius"] == 0.3
    assert trained.env.spec.populations["agents"].num_agents == 2
    assert [layer.bias.shape[0] for layer in trained.thetas["agents"]] == [8, 6, 5]


def test_all_policies_play_the_same_episodes():
    env = make_env("cooperative_navigation", num_agents=2, horizon=5)
    theta = policy.init(seeds.generator(0), env.spec.populations["agents"].observation_size, 5)
    _, states, _ = rollout.roll_out(env, {"agents": theta}, 9, 3, record_states=True)
    choose = random_player(env.spec)
    steps = host.host_steps(env, lambda *args: (choose(*args), None), 9, 3)
    *_, first = next(steps)
    np.testing.assert_array_equal(first.positions, states.positions[0])


def test_table_is_aligned():
    rows = {
        "theta": {"return_mean": -1.0, "collisions": 100.25},
        "a_longer_name": {"return_mean": -199.5, "collisions": 0.0},
    }
    lines = evaluation.table(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["theta", "-1.00", "100.25"]
