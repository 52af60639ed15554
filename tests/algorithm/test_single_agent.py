"""Fine-tune: agent 0 alone learns, the others keep the initial policy."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import fine_tune, policy, seeds, trpo
from dimapg_tf.algorithm.single_agent import FineTune, Settings
from dimapg_tf.experiment import console
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.run import Run
from dimapg_tf.rollouts import collect as rollout
from dimapg_tf.rollouts import parallel
from dimapg_tf.types import ConfigurationError

TINY = Settings(trajectories=4, hidden=(8,), fisher_stride=2, cg_iterations=3)


@pytest.fixture(scope="module")
def learner(small_env):
    """After one iteration."""
    learner = FineTune(small_env, TINY, seed=3)
    learner.result = learner.update(0)
    return learner


def flat(theta):
    return trpo.flatten(theta).numpy()


def test_agent_0_alone_follows_theta(learner):
    theta, theta_0 = learner.theta("agents"), learner.initial["agents"]
    played = learner.played("agents")
    assert policy.is_stacked(played)
    of_agent = [flat(tf.nest.map_structure(lambda v, n=n: v[n], played)) for n in range(3)]
    np.testing.assert_array_equal(of_agent[0], flat(theta))
    assert not np.array_equal(of_agent[0], flat(theta_0))
    for other in of_agent[1:]:
        np.testing.assert_array_equal(other, flat(theta_0))
    assert 0.0 < learner.result.values["agents"]["kl"] <= TINY.delta
    assert learner.result.episodes == 4
    assert learner.result.env_steps == 4 * 6
    assert learner.result.returns["agents"].shape == (3, 4)


def test_the_others_act_by_the_initial_policy(learner, small_env, monkeypatch):
    """In the episodes that it learns from: log-probabilities of what each agent did."""
    seen = {}

    def remember(*args, **kwargs):
        seen["trajectories"] = rollout_collect(*args, **kwargs)
        return seen["trajectories"]

    rollout_collect = rollout.roll_out
    monkeypatch.setattr(rollout, "roll_out", remember)
    again = FineTune(small_env, TINY, seed=3)
    again.update(0)
    theta = again.theta("agents")
    again.update(1)
    trajectory = seen["trajectories"][0]["agents"]
    theta_0 = again.initial["agents"]
    for agent, follows in enumerate([theta, theta_0, theta_0]):
        expected = policy.log_prob(
            follows, trajectory.observations[agent], trajectory.actions[agent]
        )
        np.testing.assert_allclose(trajectory.log_probs[agent], expected, atol=1e-5)
    difference = policy.log_prob(theta, trajectory.observations[1], trajectory.actions[1])
    assert np.abs(difference - trajectory.log_probs[1]).max() > 1e-3


def test_what_the_others_earn_and_do_has_no_influence(learner, small_env, monkeypatch):
    """Everything of agents 1 and 2 is replaced; θ moves to the very same place."""
    rollout_collect = rollout.roll_out

    def disturbed(*args, **kwargs):
        trajectories, *rest = rollout_collect(*args, **kwargs)
        others = tf.nest.map_structure(lambda v: v[1:], trajectories["agents"])
        others = others._replace(
            rewards=-3.0 * others.rewards + 1.0,
            actions=(others.actions + 1) % 5,
            observations=2.0 * others.observations,
            log_probs=others.log_probs - 1.0,
        )
        joined = tf.nest.map_structure(
            lambda v, o: tf.concat([v[:1], o], axis=0), trajectories["agents"], others
        )
        return {"agents": joined}, *rest

    monkeypatch.setattr(rollout, "roll_out", disturbed)
    again = FineTune(small_env, TINY, seed=3)
    result = again.update(0)
    np.testing.assert_array_equal(flat(again.theta("agents")), flat(learner.theta("agents")))
    assert not np.array_equal(result.returns["agents"], learner.result.returns["agents"])
    kept = "return_of_agent_0"
    assert result.values["agents"][kept] == learner.result.values["agents"][kept]


def test_it_starts_where_dimapg_does(learner, small_env):
    population = small_env.spec.populations["agents"]
    size = (population.observation_size, population.num_actions, (8,))
    expected = policy.init(seeds.generator(3, 0), *size)
    np.testing.assert_array_equal(flat(learner.initial["agents"]), flat(expected))


def test_stopped_and_resumed_is_the_unbroken_run(learner, small_env, tmp_path):
    """Also what the others follow: θ_0 is no part of the checkpoint, it follows from the seed."""
    Checkpoints(tmp_path, learner).save()
    resumed = FineTune(small_env, TINY, seed=3)
    assert Checkpoints(tmp_path, resumed).restore()
    np.testing.assert_array_equal(flat(resumed.played("agents")), flat(learner.played("agents")))
    unbroken = FineTune(small_env, TINY, seed=3)
    unbroken.update(0)
    first, second = resumed.update(1), unbroken.update(1)
    np.testing.assert_array_equal(first.returns["agents"], second.returns["agents"])
    np.testing.assert_array_equal(flat(resumed.theta("agents")), flat(unbroken.theta("agents")))


def test_the_command(tmp_path):
    """In the run there is one θ for everybody, and no θ_n."""
    flags = ["--num_agents=2", "--horizon=4", "--trajectories=2", "--hidden=4", "--cg_iterations=2"]
    run = ["--episodes=2", f"--logdir={tmp_path}"]
    assert console.run(fine_tune.main, ["fine_tune", *flags, *run]) == 0
    trained = Run(tmp_path)
    assert not policy.is_stacked(trained.load_policy().thetas["agents"])
    rows = trained.evaluate(episodes=2)
    assert list(rows) == ["theta", "theta_greedy", "random", "nearest", "assignment"]


def test_games_are_played(small_game):
    """Agent 0 alone learns there as well, and alone is recorded."""
    learner = FineTune(small_game, TINY, seed=0)
    before = learner.theta("agents")
    result = learner.update(0)
    assert result.returns["agents"].shape == (6, TINY.trajectories)
    assert not np.array_equal(flat(before), flat(learner.theta("agents")))
    parallel.workers_of(small_game).close()


@pytest.mark.parametrize("name", ["trajectories", "delta", "cg_iterations", "fisher_stride"])
def test_settings_that_cannot_be(name):
    with pytest.raises(ConfigurationError, match=f"^{name} = 0"):
        Settings(**{name: 0})
