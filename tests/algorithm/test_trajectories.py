"""τ^θ and τ^{θ, θ_n} (Eq. 6, 8) as the algorithm asks for them."""

import numpy as np
import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import trajectories


def test_shared_and_deviating(small_env):
    theta = policy.init(seeds.generator(0), 14, 5)
    thetas = {"agents": theta}
    joint = trajectories.shared(small_env, thetas, 3, 4)["agents"]
    assert joint.observations.shape == (3, 4, 6, 14)
    agents = tf.constant([0, 2])
    theta_n = policy.stack(theta, 2)
    got = trajectories.deviating(small_env, thetas, "agents", agents, theta_n, 3, 4)
    assert got.observations.shape == (2, 4, 6, 14)
    assert got.rewards.shape == got.actions.shape == got.log_probs.shape == (2, 4, 6)
    # θ_n = θ is Eq. 6: the same worlds and noise as 8 joint rollouts.
    joint = trajectories.shared(small_env, thetas, 3, 8)["agents"]
    np.testing.assert_array_equal(got.actions[0], joint.actions[0, :4])
    np.testing.assert_array_equal(got.actions[1], joint.actions[2, 4:])


def test_of_agents(small_env):
    theta = policy.init(seeds.generator(0), 14, 5)
    joint = trajectories.shared(small_env, {"agents": theta}, 3, 4)["agents"]
    chosen = trajectories.of_agents(joint, tf.constant([2, 0]))
    np.testing.assert_array_equal(chosen.observations[0], joint.observations[2])
    np.testing.assert_array_equal(chosen.rewards[1], joint.rewards[0])
