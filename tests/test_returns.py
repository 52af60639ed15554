"""Discounted sums and generalised advantages, against loops in NumPy (float64)."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import returns

N, B, T = 2, 3, 5


@pytest.fixture
def episodes(generator):
    """(rewards, values, alive) [N, B, T]: agent 1 dies in world 0 after step 2, in 1 after 4."""
    rewards, values = generator.normal(size=(2, N, B, T))
    alive = np.ones((N, B, T))
    alive[1, 0, 2:] = 0.0
    alive[1, 1, 4:] = 0.0
    return rewards, values, alive


def test_discounted_sums_are_eq_1(generator):
    rewards = generator.normal(size=(N, B, T))
    got = returns.discounted_sums(tf.constant(rewards), 0.9)
    for index in np.ndindex(N, B, T):
        expected = reference.discounted_return(rewards[index[:2]][index[2] :], 0.9)
        assert got[index].numpy() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("gae_lambda", [1.0, 0.7, 0.0])
def test_advantages(episodes, generator, gae_lambda, ends):
    final = None if ends else generator.normal(size=(N, B))
    got = returns.advantages(
        *map(tf.constant, episodes), 0.9, gae_lambda, None if ends else tf.constant(final)
    )
    for n, b in np.ndindex(N, B):
        rewards, values, alive = (v[n, b] for v in episodes)
        expected = reference.gae(
            rewards, values, alive, 0.9, gae_lambda, 0.0 if ends else final[n, b]
        )
        np.testing.assert_allclose(got[n, b], expected, rtol=0, atol=1e-12)


def test_lambda_1_is_the_n_step_return(generator):
    """Minus the baseline: the rewards to come, discounted, then the value after them."""
    rewards, values = generator.normal(size=(2, B, T))
    final = generator.normal(size=B)
    alive = tf.ones([B, T], tf.float64)
    got = returns.advantages(*map(tf.constant, (rewards, values)), alive, 0.9, 1.0, final)
    for b, t in np.ndindex(B, T):
        expected = reference.discounted_return([*rewards[b, t:], final[b]], 0.9) - values[b, t]
        assert float(got[b, t]) == pytest.approx(expected, abs=1e-12)


def test_without_values_lambda_1_is_the_return(episodes):
    rewards = tf.constant(episodes[0])
    got = returns.advantages(rewards, tf.zeros_like(rewards), tf.ones_like(rewards), 0.9, 1.0)
    np.testing.assert_allclose(got, returns.discounted_sums(rewards, 0.9), atol=1e-12)
