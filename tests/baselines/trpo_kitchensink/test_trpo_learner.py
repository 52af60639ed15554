"""TRPO-Kitchensink: runs end to end."""

import csv
import json

import numpy as np
import pytest
import tensorflow as tf
from real_loop import train_with

from baselines.trpo_kitchensink import train
from baselines.trpo_kitchensink.learner import TRPOKitchensink
from baselines.trpo_kitchensink.settings import Settings
from dimapg_tf import evaluate, trpo
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import console
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.policies import load_policy
from dimapg_tf.types import ConfigurationError, NonFiniteError

TINY = [
    *("--trajectories=3", "--fisher_trajectories=2", "--cg_iterations=3"),
    *("--conv=2,3", "--dense=4", "--lstm=5", "--checkpoint_every=2"),
    *("--env=predator_prey", "--num_predators=2", "--num_prey=1", "--horizon=6"),
]


def run(logdir, iterations, *more):
    episodes = f"--episodes={3 * iterations}"
    return console.run(train.main, ["train", *TINY, f"--logdir={logdir}", episodes, *more])


def column(logdir, name):
    with open(logdir / "metrics.csv", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_two_populations_from_training_through_resume_to_evaluation(tmp_path, capfd):
    """Two joint learners at once, one of a single agent.

    Stopped and resumed is bit for bit the unbroken run; every accepted step keeps KL ≤ δ.
    """
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    assert run(broken, 3) == 0
    assert run(broken, 5, "--resume") == 0
    assert run(whole, 5) == 0
    first, second = (trpo.flatten(load_policy(path).thetas) for path in (broken, whole))
    np.testing.assert_array_equal(first, second)
    for name in ("episodes", "env_steps", "return_mean", "predators/kl", "prey/entropy"):
        assert column(broken, name) == column(whole, name)
    assert column(whole, "env_steps")[-1] == str(5 * 3 * 6)
    for name in ("predators", "prey"):
        distances = [float(value) for value in column(whole, f"{name}/kl")]
        assert 0.0 < max(distances) <= 0.03
    assert console.run(evaluate.main, ["evaluate", str(whole), "--episodes=2"]) == 0
    assert "random" in capfd.readouterr().out
    record = json.loads((whole / "evaluation.json").read_text())
    assert np.isfinite(record["theta"]["prey/return_mean"])


def test_what_is_not_a_number_changes_nothing():
    env = make_env("cooperative_navigation", num_agents=2, horizon=6)
    settings = Settings(trajectories=2, fisher_trajectories=1, conv=(2, 3), dense=4, lstm=5)
    learner = TRPOKitchensink(env, settings, seed=0)
    before = trpo.flatten(learner.params()).numpy()
    learner.improve = lambda params, *_: (
        tf.nest.map_structure(tf.zeros_like, params),
        {"kl": tf.constant(np.nan)},
    )
    with pytest.raises(NonFiniteError, match="iteration 4: kl"):
        learner.update(4)
    np.testing.assert_array_equal(trpo.flatten(learner.params()), before)


def test_a_value_fit_that_is_not_a_number_is_refused(tmp_path):
    """The loop saves the learner as it was before: the value layer of the iteration before."""
    env = make_env("cooperative_navigation", num_agents=2, horizon=6)
    settings = Settings(trajectories=2, fisher_trajectories=1, conv=(2, 3), dense=4, lstm=5)
    learner = TRPOKitchensink(env, settings, seed=0)
    improve, before = learner.improve, []

    def fitted_wrongly_in_the_second_iteration(params, *arguments):
        before.append(trpo.flatten(params).numpy())
        new, measures = improve(params, *arguments)
        if len(before) == 2:
            new = new._replace(value=tf.nest.map_structure(lambda v: v * np.nan, new.value))
        return new, measures

    learner.improve = fitted_wrongly_in_the_second_iteration
    with pytest.raises(NonFiniteError, match="iteration 1: norm of the new parameters"):
        train_with(learner, env, tmp_path, 8)
    saved = TRPOKitchensink(env, settings, seed=1)
    assert Checkpoints(tmp_path / "checkpoints", saved).restore()
    np.testing.assert_array_equal(trpo.flatten(saved.params()["agents"]), before[1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trajectories", 0),
        ("fisher_trajectories", 65),
        ("delta", 0.0),
        ("value_ridge", 0.0),
        ("joint_reward", "sum"),
    ],
)
def test_settings_that_cannot_be(name, value):
    with pytest.raises(ConfigurationError, match=f"^{name} = "):
        Settings(**{name: value})
