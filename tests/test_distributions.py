"""Distributions over actions that are not one plain choice, against NumPy and SciPy in float64."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from dimapg_tf import policy, seeds
from dimapg_tf.types import Box, Choices, Population

BOX = Box((-1.0, 0.0, -np.inf), (1.0, 4.0, np.inf))
MIDDLE, HALF = np.array([0.0, 2.0, 0.0]), np.array([1.0, 2.0, 1.0])
SEVERAL, MASKED = Choices((3, 2)), Choices((3, 2), masked=True)
ONE_MASKED = Choices((5,), masked=True)


def theta_of(space, generator, inputs=7):
    """A policy far from its start, of 7 inputs; with a mask the last 5 of them."""
    outputs = 3 if isinstance(space, Box) else 5
    theta = policy.init(generator, inputs, outputs, (4,), tf.float64, space=space)
    return tf.nest.map_structure(lambda v: v + generator.normal(0.0, 0.5, v.shape), theta)


def observations_of(space, generator, samples):
    """Random ones; with a mask each choice has a legal action."""
    seen = generator.normal(size=(samples, 7))
    if not isinstance(space, Box) and space.masked:
        legal = generator.random((samples, 5)) < 0.5
        for start, size in zip(np.cumsum((0, *space.sizes)), space.sizes):
            legal[np.arange(samples), start + generator.integers(0, size, samples)] = True
        seen[:, -5:] = legal
    return seen


def probabilities(theta, space, seen):
    """[samples, A] for each choice, of a network evaluated in NumPy."""
    x = seen
    for index, layer in enumerate(theta):
        x = x @ layer.weights.numpy() + layer.bias.numpy()
        x = np.maximum(x, 0.0) if index < len(theta) - 1 else x
    weight = np.exp(x)
    if space.masked:
        weight *= seen[:, -5:]
    parts = np.split(weight, np.cumsum(space.sizes)[:-1], axis=1)
    return [part / part.sum(axis=1, keepdims=True) for part in parts]


@pytest.mark.parametrize("space", [SEVERAL, MASKED, ONE_MASKED])
def test_choices_against_numpy(space, generator):
    theta, other = theta_of(space, generator), theta_of(space, generator)
    seen = observations_of(space, generator, 40)
    distribution = policy.distribution_of(theta)
    outputs, others = (policy.apply(t, tf.constant(seen)) for t in (theta, other))
    noise = generator.random((40, 2) if len(space.sizes) > 1 else 40)
    actions, log_probs = distribution.sample(outputs, tf.constant(noise))
    p, q = probabilities(theta, space, seen), probabilities(other, space, seen)
    log = lambda v: np.log(np.where(v > 0.0, v, 1.0))  # noqa: E731 - 0 log 0 = 0
    columns = actions.numpy().reshape(40, -1).T
    expected = sum(np.log(part[np.arange(40), a]) for part, a in zip(p, columns))
    np.testing.assert_allclose(log_probs, expected, atol=1e-12)
    np.testing.assert_allclose(policy.log_prob(theta, seen, actions), expected, atol=1e-12)
    entropy = sum(-(part * log(part)).sum(axis=1) for part in p)
    np.testing.assert_allclose(policy.entropy(theta, tf.constant(seen)), entropy, atol=1e-12)
    kl = sum((a * (log(a) - log(b))).sum(axis=1) for a, b in zip(p, q))
    np.testing.assert_allclose(distribution.kl(outputs, others), kl, atol=1e-12)
    modes = np.stack([part.argmax(axis=1) for part in p], axis=1)
    got = distribution.most_probable(outputs).numpy().reshape(40, -1)
    np.testing.assert_array_equal(got, modes)
    greedy = policy.apply(policy.greedy(theta), tf.constant(seen))
    drawn = distribution.sample(greedy, tf.constant(noise))[0].numpy().reshape(40, -1)
    np.testing.assert_array_equal(drawn, modes)


def test_gaussian_against_scipy(generator):
    theta, other = theta_of(BOX, generator), theta_of(BOX, generator)
    seen = tf.constant(observations_of(BOX, generator, 30))
    distribution = policy.distribution_of(theta)
    outputs, others = policy.apply(theta, seen), policy.apply(other, seen)
    noise = generator.normal(size=(30, 3))
    actions, log_probs = distribution.sample(outputs, tf.constant(noise))
    mean = MIDDLE + HALF * outputs.numpy()[:, :3]
    std = HALF * np.exp(theta[-1].more[0].numpy())
    np.testing.assert_allclose(actions, mean + std * noise, atol=1e-12)
    np.testing.assert_allclose(log_probs, stats.norm(mean, std).logpdf(actions).sum(axis=1))
    np.testing.assert_allclose(policy.log_prob(theta, seen, actions), log_probs, atol=1e-12)
    entropy = np.full(30, stats.norm(scale=std).entropy().sum())
    np.testing.assert_allclose(policy.entropy(theta, seen), entropy, atol=1e-12)
    mean_2 = MIDDLE + HALF * others.numpy()[:, :3]
    std_2 = HALF * np.exp(other[-1].more[0].numpy())
    kl = np.log(std_2 / std) + (std**2 + (mean - mean_2) ** 2) / (2 * std_2**2) - 0.5
    np.testing.assert_allclose(distribution.kl(outputs, others), kl.sum(axis=1))
    np.testing.assert_allclose(distribution.most_probable(outputs), mean, atol=1e-12)
    greedy, _ = distribution.sample(policy.apply(policy.greedy(theta), seen), tf.constant(noise))
    np.testing.assert_allclose(greedy, mean, atol=1e-12)
    low, high = np.array(BOX.low), np.array(BOX.high)
    np.testing.assert_array_equal(distribution.in_bounds(actions), np.clip(actions, low, high))


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_a_masked_action_is_never_taken(dtype, generator):
    """Whatever the noise and however certain the policy, one illegal action or all but one."""
    space = Choices((4,), masked=True)
    scale = np.repeat([1e-3, 1.0, 1e3, 1e6], 5_000)[:, None]
    logits = tf.constant(generator.normal(size=(20_000, 4)) * scale, dtype)
    legal = generator.random((20_000, 4)) < 0.5
    legal[np.arange(20_000), generator.integers(0, 4, 20_000)] = True
    noise = generator.random(20_000, dtype=np.float32)
    noise[::7], noise[1::7] = 0.0, np.nextafter(np.float32(1.0), np.float32(0.0))
    distribution = policy.distributions.of(space)
    outputs = distribution.outputs_of(logits, tf.constant(legal, dtype))
    actions, log_probs = tf.function(distribution.sample, jit_compile=True)(outputs, noise)
    assert legal[np.arange(20_000), actions].all()
    assert np.isfinite(log_probs).all()
    assert legal[np.arange(20_000), distribution.most_probable(outputs)].all()


@pytest.mark.parametrize("space", [BOX, SEVERAL, MASKED])
def test_gradients_against_finite_differences(space, generator):
    """Of log-probability, entropy and KL, by every parameter: those of masked logits are 0."""
    theta, old = theta_of(space, generator), theta_of(space, generator)
    seen = tf.constant(observations_of(space, generator, 6))
    distribution = policy.distribution_of(theta)
    noise = generator.normal(size=(6, 3)) if space is BOX else generator.random((6, 2))
    actions, _ = distribution.sample(policy.apply(old, seen), tf.constant(noise))
    before = policy.apply(old, seen)

    def value(theta):
        kl = distribution.kl(before, policy.apply(theta, seen))
        bonus = policy.entropy(theta, seen)
        return tf.reduce_sum(policy.log_prob(theta, seen, actions) + 0.3 * bonus - 0.7 * kl)

    with tf.GradientTape() as tape:
        tape.watch(theta)
        total = value(theta)
    gradient = tf.nest.flatten(tape.gradient(total, theta))
    flat = tf.nest.flatten(theta)
    direction = [generator.normal(size=v.shape) for v in flat]

    def at(length):
        moved = [v + length * d for v, d in zip(flat, direction)]
        return value(tf.nest.pack_sequence_as(theta, moved))

    expected = (at(1e-6) - at(-1e-6)) / 2e-6
    got = sum(tf.reduce_sum(g * d) for g, d in zip(gradient, direction))
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("space", [BOX, MASKED])
def test_a_stack_is_each_theta_by_itself(space, generator):
    members = [theta_of(space, generator) for _ in range(3)]
    stacked = tf.nest.map_structure(lambda *v: tf.stack(v), *members)
    seen = np.stack([observations_of(space, generator, 4) for _ in range(3)])[:, :, None]
    got = policy.apply(stacked, tf.constant(seen))
    for n, theta in enumerate(members):
        np.testing.assert_allclose(got[n], policy.apply(theta, seen[n]), atol=1e-12)
    back = policy.from_flat(tf.nest.flatten(stacked), space)
    assert back[-1].space == space
    np.testing.assert_array_equal(policy.apply(back, tf.constant(seen)), got)


def test_noise_of_each_kind():
    """Uniform for choices, normal for real numbers; one number for each thing that is decided."""
    shape = (400, 5)
    kinds = {None: (400, 5), SEVERAL: (400, 5, 2), ONE_MASKED: (400, 5), BOX: (400, 5, 3)}
    for space, expected in kinds.items():
        noise = seeds.noise_of(seeds.generator(1), Population(5, 7, 5, space), shape)
        assert noise.shape == expected
        assert noise.dtype == np.float32
        assert (noise.min() < 0.0) == (space is BOX)
        assert abs(noise.mean() - (0.0 if space is BOX else 0.5)) < 0.05
