"""The policy network, and sampling by given noise."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.distributions import categorical


def test_logits_and_log_prob_against_numpy(small_theta, generator):
    observations = generator.normal(size=(2, 3, 4))
    actions = generator.integers(0, 3, (2, 3))
    got = policy.log_prob(small_theta, tf.constant(observations), tf.constant(actions))
    theta = reference.to_numpy(small_theta)
    for index in np.ndindex(2, 3):
        expected = reference.log_pi(theta, observations[index])
        assert got[index].numpy() == pytest.approx(expected[actions[index]], abs=1e-12)


def test_categoricals_against_numpy(generator):
    """Log-probability, entropy and KL, by logits that are far from normalised, too."""
    logits, others = 3.0 * generator.normal(size=(2, 3, 2, 5)) + [[[[7.0]]], [[[-2.0]]]]
    actions = generator.integers(0, 5, (3, 2))
    log_probs = categorical.log_prob(tf.constant(logits), tf.constant(actions))
    entropies = categorical.entropy(tf.constant(logits))
    distances = categorical.kl(tf.constant(logits), tf.constant(others))
    for index in np.ndindex(3, 2):
        p, q = (np.exp(v[index]) / np.sum(np.exp(v[index])) for v in (logits, others))
        expected = np.log(p[actions[index]]), -np.sum(p * np.log(p)), np.sum(p * np.log(p / q))
        got = [float(v[index]) for v in (log_probs, entropies, distances)]
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


def test_a_stack_is_one_by_one(small_theta, generator):
    stacked = tf.nest.map_structure(lambda v: tf.constant(np.stack([v, 0.5 * v, -v])), small_theta)
    observations = tf.constant(generator.normal(size=(3, 2, 5, 4)))
    got = policy.apply(stacked, observations)
    for n in range(3):
        theta_n = tf.nest.map_structure(lambda v, n=n: v[n], stacked)
        np.testing.assert_allclose(got[n], policy.apply(theta_n, observations[n]), atol=1e-12)


def test_stack_copies(small_theta):
    stacked = policy.stack(small_theta, 3)
    for many, one in zip(tf.nest.flatten(stacked), tf.nest.flatten(small_theta)):
        assert many.shape == (3, *one.shape)
        np.testing.assert_array_equal(many[2], one)


def test_architecture_is_app_c2s(generator):
    theta = policy.init(generator, 14, 5)
    assert [layer.weights.shape for layer in theta] == [(14, 100), (100, 100), (100, 5)]
    first = tf.nn.softmax(policy.apply(theta, tf.random.normal([50, 14])))
    np.testing.assert_allclose(first, 0.2, atol=0.02)


def test_sampling_follows_the_distribution(generator):
    logits = tf.constant(np.log([[0.1, 0.2, 0.3, 0.4]]))
    uniform = tf.constant((np.arange(10_000) + 0.5) / 10_000, tf.float32)
    actions, log_probs = categorical.sample(tf.repeat(logits, 10_000, axis=0), uniform)
    counts = np.bincount(actions.numpy(), minlength=4) / 10_000
    np.testing.assert_allclose(counts, [0.1, 0.2, 0.3, 0.4], atol=2e-4)
    np.testing.assert_allclose(log_probs, np.log([0.1, 0.2, 0.3, 0.4])[actions], atol=1e-12)


def test_sampling_never_leaves_the_actions():
    extreme = tf.constant([[0.0, -1e4, -1e4], [-1e4, -1e4, 0.0]], tf.float32)
    for uniform in (0.0, np.nextafter(np.float32(1), np.float32(0))):
        actions, _ = categorical.sample(extreme, tf.constant([uniform, uniform], tf.float32))
        np.testing.assert_array_equal(actions, [0, 2])


def test_greedy_takes_the_most_probable_action(small_theta, generator):
    observations = tf.constant(generator.normal(size=(200, 4)))
    logits = policy.apply(policy.greedy(small_theta), observations)
    actions, _ = categorical.sample(logits, tf.constant(generator.random(200), tf.float32))
    best = np.argmax(policy.apply(small_theta, observations), axis=1)
    np.testing.assert_array_equal(actions, best)


def test_flat_and_back(small_theta):
    back = policy.from_flat(tf.nest.flatten(small_theta))
    tf.nest.assert_same_structure(back, small_theta)
    np.testing.assert_array_equal(back[1].bias, small_theta[1].bias)
