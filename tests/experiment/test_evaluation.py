"""Evaluation of a run, and its policy loaded without flags."""

import json

import numpy as np
import pytest
import tensorflow as tf

import dimapg_tf
from dimapg_tf import evaluate, policy, seeds, train
from dimapg_tf.algorithm import announce
from dimapg_tf.envs import make_env
from dimapg_tf.envs.random_play import random_player
from dimapg_tf.experiment import console, evaluation, policies
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
            *("goals_covered", "collisions"),
        }
        assert record[name]["min_return_per_episode"] <= record[name]["min_mean_return"]
        assert record[name]["min_mean_return"] <= record[name]["return_mean"]


def test_load_policy(run_dir):
    trained = dimapg_tf.load_policy(run_dir)
    assert trained.env.settings["agent_radius"] == 0.3
    assert trained.env.spec.populations["agents"].num_agents == 2
    observations = np.random.default_rng(0).normal(size=(50, 10)).astype(np.float32)
    best = trained.act(observations)
    logits = policy.apply(trained.thetas["agents"], tf.constant(observations))
    np.testing.assert_array_equal(best, np.argmax(logits, axis=1))
    drawn = trained.act(observations, seed=1)
    np.testing.assert_array_equal(drawn, trained.act(observations, seed=1))
    assert not np.array_equal(drawn, trained.act(observations, seed=2))
    in_a_dict = trained.act({"agents": observations[:2].reshape(1, 2, 10)}, seed=1)
    assert in_a_dict["agents"].shape == (1, 2)


def test_all_policies_play_the_same_episodes():
    env = make_env("cooperative_navigation", num_agents=2, horizon=5)
    theta = policy.init(seeds.generator(0), env.spec.populations["agents"].observation_size, 5)
    _, states = rollout.roll_out(env, {"agents": theta}, 9, 3, record_states=True)
    choose = random_player(env.spec)
    steps = host.host_steps(env, lambda *args: (choose(*args), None), 9, 3)
    *_, first = next(steps)
    np.testing.assert_array_equal(first.positions, states.positions[0])


@pytest.mark.parametrize("stacked", [False, True])
def test_a_loaded_policy_scores_what_its_parameters_score(stacked):
    """Stepped through `Policy.start` as in the compiled rollout; with one θ, or one an agent."""
    env = make_env("cooperative_navigation", num_agents=2, horizon=8)
    size = env.spec.populations["agents"].observation_size
    members = [policy.init(seeds.generator(seed), size, 5) for seed in (0, 1)]
    scale = tf.nest.map_structure(lambda *v: 5.0 * tf.stack(v), *members)
    theta = scale if stacked else tf.nest.map_structure(lambda v: v[0], scale)
    loaded = policies.TrainedPolicy(env, {"agents": theta})
    played = evaluation.evaluate_player(env, loaded.start(6), 3, 6)
    trained = evaluation.evaluate_thetas(env, {"agents": theta}, 3, 6)
    assert played == pytest.approx(trained, abs=1e-4)


def test_act_of_stacked_parameters(generator):
    """Agent n decides by its own θ_n, under whatever axes the observations have."""
    env = make_env("cooperative_navigation", num_agents=2)
    members = [policy.init(seeds.generator(seed), 10, 5) for seed in (0, 1)]
    stack = tf.nest.map_structure(lambda *v: tf.stack(v), *members)
    loaded = policies.TrainedPolicy(env, {"agents": stack})
    observations = generator.normal(size=(7, 3, 2, 10)).astype(np.float32)
    for n, theta in enumerate(members):
        expected = np.argmax(policy.apply(theta, tf.constant(observations[:, :, n])), axis=-1)
        np.testing.assert_array_equal(loaded.act(observations)[:, :, n], expected)


def test_another_learners_policy_is_loaded_by_its_loader(run_dir, monkeypatch):
    def load(env, path):
        return env.spec.name, path

    monkeypatch.setattr(evaluation, "load_for_test", load, raising=False)
    loader = "dimapg_tf.experiment.evaluation:load_for_test"
    kind = announce.DIMAPG._replace(load_policy=loader)
    monkeypatch.setattr(announce, "DIMAPG", kind)
    name, path = dimapg_tf.load_policy(run_dir)
    assert name == "cooperative_navigation"
    assert path.startswith(str(run_dir / "checkpoints" / "ckpt-"))


def test_table_is_aligned():
    rows = {
        "theta": {"return_mean": -1.0, "collisions": 100.25},
        "a_longer_name": {"return_mean": -199.5, "collisions": 0.0},
    }
    lines = evaluation.table(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["theta", "-1.00", "100.25"]
