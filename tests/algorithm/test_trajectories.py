"""τ^θ and τ^{θ, θ_n} (Eq. 6, 8) as the algorithm asks for them."""

import copy
import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import trajectories
from dimapg_tf.rollouts import host, parallel
from dimapg_tf.types import Deviation

EVERYBODY = {"agents": tf.range(3)}


def test_shared_and_deviating(small_env):
    theta = policy.init(seeds.generator(0), 14, 5)
    thetas = {"agents": theta}
    joint = trajectories.shared(small_env, thetas, 3, 4, EVERYBODY)
    observations = joint.trajectories["agents"].observations
    assert observations.shape == (3, 4, 6, 14)
    assert (joint.env_steps, joint.agent_steps) == (24, 24 * 3)
    agents = tf.constant([0, 2])
    deviation = Deviation("agents", agents, policy.stack(theta, 2))
    collected, steps = trajectories.deviating(small_env, thetas, deviation, 3, 4)
    got = collected["agents"]
    assert got.observations.shape == (2, 4, 6, 14)
    assert got.rewards.shape == got.actions.shape == got.log_probs.shape == (2, 4, 6)
    assert steps == (48, 48 * 3)
    # θ_n = θ is Eq. 6: the same worlds and noise as 8 joint rollouts.
    joint = trajectories.shared(small_env, thetas, 3, 8, EVERYBODY).trajectories["agents"]
    np.testing.assert_array_equal(got.actions[0], joint.actions[0, :4])
    np.testing.assert_array_equal(got.actions[1], joint.actions[2, 4:])


def test_simultaneous_deviation_needs_no_worlds_of_its_own(small_env):
    theta = policy.init(seeds.generator(0), 14, 5)
    agents = tf.constant([0, 2])
    deviation = Deviation("agents", agents, policy.stack(theta, 2), simultaneous=True)
    collected, steps = trajectories.deviating(small_env, {"agents": theta}, deviation, 3, 4)
    got = collected["agents"]
    assert got.observations.shape == (2, 4, 6, 14)
    assert steps == (24, 24 * 3)
    shared = trajectories.shared(small_env, {"agents": theta}, 3, 4, EVERYBODY)
    joint = shared.trajectories["agents"]
    np.testing.assert_array_equal(got.actions, tf.gather(joint.actions, agents))


def test_of_agents(small_env):
    theta = policy.init(seeds.generator(0), 14, 5)
    joint = trajectories.shared(small_env, {"agents": theta}, 3, 4, EVERYBODY)
    chosen = trajectories.of_agents(joint, "agents", tf.constant([0, 2]))
    everybody = joint.trajectories["agents"]
    np.testing.assert_array_equal(chosen.observations[1], everybody.observations[2])
    np.testing.assert_array_equal(chosen.rewards[0], everybody.rewards[0])


@pytest.mark.parametrize("simultaneous", [False, True])
def test_games_record_the_sampled_agents(small_game, simultaneous):
    population = small_game.spec.populations["agents"]
    thetas = {"agents": policy.init(seeds.generator(0), population.observation_size, 23, (8,))}
    agents = tf.constant([1, 4])
    joint = trajectories.shared(small_game, thetas, 3, 4, {"agents": agents})
    assert joint.returns["agents"].shape == (6, 4)
    assert joint.measures["team_return"].mean() == pytest.approx(joint.returns["agents"].sum() / 4)
    own = trajectories.of_agents(joint, "agents", agents)
    assert own.rewards.shape[:2] == (2, 4)
    returns = tf.reduce_sum(own.rewards * own.alive, axis=2)
    np.testing.assert_allclose(returns, joint.returns["agents"][[1, 4]], atol=1e-5)
    one = trajectories.of_agents(joint, "agents", tf.constant([4]))
    np.testing.assert_array_equal(one.actions[0], own.actions[1])
    deviation = Deviation("agents", agents, policy.stack(thetas["agents"], 2), simultaneous)
    collected, steps = trajectories.deviating(small_game, thetas, deviation, 3, 4)
    got = collected["agents"]
    assert got.rewards.shape[:2] == (2, 4)
    worlds = tf.reduce_max(got.alive, axis=0) if simultaneous else got.alive
    assert steps.env_steps == tf.reduce_sum(worlds)
    parallel.workers_of(small_game).close()


@pytest.mark.parametrize("simultaneous", [False, True])
def test_agent_steps_are_decisions_of_the_living(small_game, simultaneous):
    """Of all agents, not the recorded ones alone; of games, and of the host's worlds."""
    population = small_game.spec.populations["agents"]
    thetas = {"agents": policy.init(seeds.generator(0), population.observation_size, 23, (8,))}
    agents = tf.constant([1, 4])
    theta_n = policy.stack(thetas["agents"], 2)  # Eq. 8 with θ_n = θ: the same episodes as Eq. 6
    deviation = Deviation("agents", agents, theta_n, simultaneous)
    worlds = 4 if simultaneous else 8
    alive = host.collect_on_host(small_game, thetas, 3, worlds)[0]["agents"].alive.numpy()
    assert alive.min() == 0.0  # somebody dies
    joint = trajectories.shared(small_game, thetas, 3, worlds, {"agents": agents})
    assert (joint.env_steps, joint.agent_steps) == (alive.max(axis=0).sum(), alive.sum())

    expected = [0, 0]
    for world in range(worlds):
        deviating = alive[[1, 4] if simultaneous else [(1, 4)[world // 4]], world].max(axis=0)
        expected[0] += deviating.sum()
        expected[1] += (alive[:, world] * deviating).sum()
    for rollout in ("games", "host"):
        env = copy.copy(small_game)
        env.spec = dataclasses.replace(small_game.spec, rollout=rollout)
        _, steps = trajectories.deviating(env, thetas, deviation, 3, 4)
        assert steps == tuple(expected)
        parallel.workers_of(env).close()
