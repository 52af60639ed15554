"""The joint policy's measures and advantages against NumPy loops."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from baselines.kitchensink import objective


@pytest.fixture
def data(generator):
    """Logits [3, 2, 4, 5], others, actions and masks in which one of 4 agents is dead."""
    logits, others = generator.normal(size=(2, 3, 2, 4, 5))
    alive = np.ones((3, 2, 4))
    alive[1, 0, 2] = 0.0
    return tuple(map(tf.constant, (logits, others, generator.integers(0, 5, (3, 2, 4)), alive)))


def test_measures_are_sums_over_living_agents(data):
    logits, others, actions, alive = data
    one, other = (tfp.distributions.Categorical(logits=v) for v in (logits, others))

    def total(v):
        return np.sum(v.numpy() * alive.numpy(), axis=-1)

    got = objective.log_prob(logits, tf.cast(actions, tf.int32), alive)
    np.testing.assert_allclose(got, total(one.log_prob(actions)))
    np.testing.assert_allclose(objective.entropy(logits, alive), total(one.entropy()))
    np.testing.assert_allclose(objective.kl(logits, others, alive), total(one.kl_divergence(other)))


def test_advantages_against_a_loop(generator):
    """λ = 0.7; in world 1 nobody is alive from step 3 on."""
    rewards, values = generator.normal(size=(2, 5, 2))
    following = np.array([generator.normal(), 0.0])
    acting = np.ones((5, 2))
    acting[3:, 1] = 0.0
    rewards *= acting
    got = objective.advantages(*map(tf.constant, (rewards, values, following, acting)), 0.9, 0.7)
    for b, length in ((0, 5), (1, 3)):
        v = [*values[:length, b], following[b]]
        delta = [rewards[t, b] + 0.9 * v[t + 1] - v[t] for t in range(length)]
        for t in range(5):
            expected = sum((0.9 * 0.7) ** i * d for i, d in enumerate(delta[t:]))
            assert float(got[t, b]) == pytest.approx(expected, abs=1e-12)


def test_mean_over_those_who_act():
    values, acting = tf.constant([[1.0, 5.0], [3.0, 7.0]]), tf.constant([[1.0, 1.0], [1.0, 0.0]])
    assert objective.mean_over(values, acting) == 3.0
