"""Eq. 11: plain steps, Adam, and the trust region."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import policy, trpo
from dimapg_tf.algorithm import central_update
from dimapg_tf.algorithm.choices import OPTIMIZERS
from dimapg_tf.types import Box, Choices, Trajectory

TWO_CHOICES, PLANE = Choices((2, 3)), Box((-1.0, -1.0), (1.0, 1.0))


def variables_of(theta):
    return [tf.Variable(v) for v in tf.nest.flatten(theta)]


def test_sgd_is_eq_11(small_theta, generator):
    variables = variables_of(small_theta)
    gradient = tf.nest.map_structure(
        lambda v: tf.constant(generator.normal(size=v.shape)), small_theta
    )
    optimizer = central_update.make_optimizer("sgd", 0.05, variables)
    central_update.ascend(optimizer, variables, gradient)
    for after, before, g in zip(variables, tf.nest.flatten(small_theta), tf.nest.flatten(gradient)):
        np.testing.assert_allclose(after, before + 0.05 * g, atol=1e-8)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_epsilon_0_moves_nothing(name, small_theta):
    variables = variables_of(small_theta)
    gradient = tf.nest.map_structure(tf.ones_like, small_theta)
    central_update.ascend(central_update.make_optimizer(name, 0.0, variables), variables, gradient)
    for after, before in zip(variables, tf.nest.flatten(small_theta)):
        np.testing.assert_array_equal(after, before)


def test_adam_goes_uphill(small_theta):
    variables = variables_of(small_theta)
    gradient = tf.nest.map_structure(lambda v: -2.0 * tf.ones_like(v), small_theta)
    central_update.ascend(
        central_update.make_optimizer("adam", 0.01, variables), variables, gradient
    )
    for after, before in zip(variables, tf.nest.flatten(small_theta)):
        np.testing.assert_allclose(after, before - 0.01, atol=1e-6)


@pytest.fixture
def joint(small_theta, generator):
    """Trajectories of 2 agents, the second of whom dies half-way."""
    observations = tf.constant(generator.normal(size=(2, 20, 8, 4)))
    actions = tf.constant(generator.integers(0, 3, (2, 20, 8)), tf.int32)
    alive = np.ones((2, 20, 8))
    alive[1, :, 4:] = 0.0
    log_probs = policy.log_prob(small_theta, observations, actions)
    rewards = tf.constant(generator.normal(size=(2, 20, 8)))
    return Trajectory(observations, actions, log_probs, rewards, tf.constant(alive))


def moved(theta, generator, by=0.1):
    return tf.nest.map_structure(lambda v: v + by * generator.normal(size=v.shape), theta)


@pytest.mark.parametrize("stride", [1, 3])
def test_kl_in_a_loop(small_theta, joint, generator, stride):
    other = moved(small_theta, generator)
    total, count = 0.0, 0
    for n, b, t in np.ndindex(2, 20, 8):
        if t % stride == 0 and joint.alive[n, b, t] > 0:
            o = joint.observations[n, b, t][None]
            p = tf.nn.softmax(policy.apply(small_theta, o)).numpy()[0]
            q = tf.nn.softmax(policy.apply(other, o)).numpy()[0]
            total += np.sum(p * np.log(p / q))
            count += 1
    kl = central_update.kl_from(small_theta, central_update.visited(joint), stride)
    assert float(kl(other)) == pytest.approx(total / count, abs=1e-12)
    assert float(kl(small_theta)) == pytest.approx(0.0, abs=1e-12)


def test_kl_of_several_rollouts_is_one_mean(small_theta, joint, generator):
    """Not a mean of means: each sample counts as much as any other."""
    other = moved(small_theta, generator)
    (everything,) = central_update.visited(joint)
    parts = [
        central_update.Visited(everything.observations[:, worlds], everything.counts[:, worlds])
        for worlds in (slice(0, 3), slice(3, 20))
    ]
    whole = central_update.kl_from(small_theta, [everything])(other)
    assert float(whole) > 0.0
    np.testing.assert_allclose(central_update.kl_from(small_theta, parts)(other), whole, rtol=1e-12)


@pytest.mark.parametrize("space", [None, TWO_CHOICES, PLANE])
@pytest.mark.parametrize("stride", [1, 3])
def test_fisher_product_is_the_hessian_of_kl(joint, generator, space, stride):
    """Against two nested tapes over the same KL, which `trpo` has for callables of any kind."""
    num_outputs = {None: 3, TWO_CHOICES: 5, PLANE: 2}[space]
    theta = policy.init(generator, 4, num_outputs, (6, 5), dtype=tf.float64, space=space)
    theta = moved(theta, generator)  # no bias is 0
    (everything,) = central_update.visited(joint)
    region = [
        central_update.Visited(everything.observations[:, worlds], everything.counts[:, worlds])
        for worlds in (slice(0, 3), slice(3, 20))
    ]
    vector = tf.constant(generator.normal(size=trpo.flatten(theta).shape))
    kl = central_update.kl_from(theta, region, stride)
    expected = trpo.fisher_vector_product(kl, theta, vector, 0.0).numpy()
    product = central_update.fisher_product_at(theta, region, stride)
    np.testing.assert_allclose(product(vector), expected, rtol=1e-9, atol=1e-12)


@tf.function(jit_compile=True, autograph=False)
def powers_of_fisher(theta, region, vector):
    """F² v, in a loop as that of the conjugate gradient."""
    product = central_update.fisher_product_at(theta, region, 2)
    return tf.while_loop(lambda i, _: i < 2, lambda i, v: (i + 1, product(v)), (0, vector))[1]


def test_fisher_product_in_a_compiled_loop(small_theta, joint, generator):
    vector = tf.constant(generator.normal(size=trpo.flatten(small_theta).shape))
    region = central_update.visited(joint)
    product = central_update.fisher_product_at(small_theta, region, 2)
    np.testing.assert_allclose(
        powers_of_fisher(small_theta, region, vector), product(product(vector)), rtol=1e-9
    )


def test_trust_region_step_improves_within_delta(small_theta, joint):
    """The objective is the probability of action 0."""

    def objective(theta):
        first = tf.nn.softmax(policy.apply(theta, joint.observations))[..., 0]
        return tf.reduce_sum(first * joint.alive) / tf.reduce_sum(joint.alive)

    with tf.GradientTape() as tape:
        tape.watch(small_theta)
        value = objective(small_theta)
    gradient = tape.gradient(value, small_theta)
    region = central_update.visited(joint)
    step = central_update.trust_region(
        small_theta, gradient, objective, value, region, 0.01, 10, 1e-5, fisher_stride=2
    )
    assert step.accepted
    kl = float(central_update.kl_from(small_theta, region)(step.theta))
    assert 0.002 < kl <= 0.01
    assert float(step.kl) == pytest.approx(kl, abs=1e-9)
    assert float(objective(step.theta) - value) == pytest.approx(float(step.improvement))
    plain = tf.nest.map_structure(lambda v, g: v + 1e-3 * g, small_theta, gradient)
    cosine = tf.reduce_sum(
        trpo.flatten(tf.nest.map_structure(tf.subtract, step.theta, small_theta))
        * trpo.flatten(gradient)
    )
    assert cosine > 0
    assert float(objective(plain)) > float(value)
