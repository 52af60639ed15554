"""Eq. 9 and 10 against NumPy."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import policy, trpo
from dimapg_tf.algorithm.adaptation import adapt, adapt_step


def test_one_step_is_eq_9(small_theta, make_small_batch):
    theta_n = tf.nest.map_structure(lambda v: tf.stack([v, -v]), small_theta)
    batch = make_small_batch(theta_n)
    got = adapt_step(theta_n, batch, 0.3)
    for n in range(2):
        before = reference.member(theta_n, n)
        step = reference.grad_L(
            before,
            *(np.array(v)[n] for v in (batch.observations, batch.actions)),
            *(np.array(v)[n] for v in (batch.advantages, batch.weights)),
        )
        expected = reference.add(before, step, 0.3)
        np.testing.assert_allclose(
            reference.flat(reference.member(got, n)), reference.flat(expected), atol=1e-12
        )


@pytest.mark.parametrize("k", [1, 3])
def test_k_steps_are_eq_10(k, small_theta, make_small_batch):
    batches = [make_small_batch(policy.stack(small_theta, 2)) for _ in range(k)]
    alphas = (0.5, 0.2, 0.1)[:k]
    got = adapt(small_theta, batches, alphas)
    for n in range(2):
        expected = reference.adapt(reference.to_numpy(small_theta), batches, alphas, n)
        np.testing.assert_allclose(
            reference.flat(reference.member(got, n)), reference.flat(expected), atol=1e-12
        )


def test_each_agent_adapts_on_its_own_data(small_theta, make_small_batch):
    """Stacked is one by one; and the other agent's data does not matter."""
    batches = [make_small_batch(policy.stack(small_theta, 2)) for _ in range(2)]
    together = adapt(small_theta, batches, (0.5, 0.5))
    for n in range(2):
        alone = adapt(
            small_theta,
            [tf.nest.map_structure(lambda v, n=n: v[n : n + 1], b) for b in batches],
            (0.5, 0.5),
        )
        np.testing.assert_allclose(
            trpo.flatten(alone),
            reference.flat(reference.member(together, n)),
            atol=1e-12,
        )


def test_compiled_is_eager(small_theta, make_small_batch):
    theta_n = policy.stack(small_theta, 2)
    batch = make_small_batch(theta_n)
    compiled = tf.function(adapt_step, jit_compile=True)(theta_n, batch, 0.3)
    np.testing.assert_allclose(
        trpo.flatten(compiled), trpo.flatten(adapt_step(theta_n, batch, 0.3)), atol=1e-12
    )
