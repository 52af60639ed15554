"""Derivatives from the way that a rollout went, against TensorFlow's tapes, in float64."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.kitchensink import derivatives, network, rollout, torso
from baselines.kitchensink.network import Sizes
from dimapg_tf import seeds
from dimapg_tf.envs import make_env

WORLDS = 3


@pytest.fixture(scope="module")
def played():
    """(parameters, steps of two agents with their way, from a memory that is not blank)."""
    env = make_env("cooperative_navigation", num_agents=2, horizon=6)
    sizes = Sizes((2, 3), 4, 5)
    params = network.init(seeds.generator(0), env.spec.populations["agents"], sizes, tf.float64)
    generator = seeds.generator(1)
    params = tf.nest.map_structure(lambda v: v + generator.normal(0, 0.3, v.shape), params)
    carry = rollout.start(env, {"agents": params}, 2, WORLDS)
    memory = tf.nest.map_structure(lambda v: v + generator.normal(size=v.shape), carry.memories)
    noise = {"agents": tf.constant(seeds.action_noise(env.spec, 3, WORLDS)["agents"][:4])}
    unroll = tf.function(rollout.unroll, jit_compile=True, autograph=False)
    _, steps = unroll(env, {"agents": params}, carry._replace(memories=memory), noise, "minimum")
    return params, steps["agents"]


def test_a_rollout_keeps_its_way(played):
    """What `network.unroll` would have gone through, of the same parameters and observations."""
    params, steps = played
    recalled = derivatives.unroll(params, steps.observations, steps.memory, steps.way)
    gone = network.unroll(params, steps.observations, steps.memory)
    for mine, truth in zip(tf.nest.flatten(recalled), tf.nest.flatten(gone)):
        np.testing.assert_allclose(mine, truth, atol=1e-12)
    t, b, n, m = steps.observations.shape
    below = torso.run(params, tf.reshape(steps.observations, [t * b, n, m]))
    for kept, truth in zip(steps.way.torso, below):
        np.testing.assert_allclose(tf.reshape(kept, truth.shape), truth, atol=1e-12)


def test_its_gradient_is_the_tapes(played):
    """Of a function of all that an unroll gives, also of the memory in the end."""
    params, steps = played

    def gradient(unroll, *way):
        with tf.GradientTape() as tape:
            tape.watch(params)
            results = unroll(params, steps.observations, steps.memory, *way)
            flat = tf.nest.flatten(results)
            total = tf.add_n([tf.reduce_sum((i + 1.0) * tf.sin(v)) for i, v in enumerate(flat)])
        return tape.gradient(total, params)

    mine, truth = gradient(derivatives.unroll, steps.way), gradient(network.unroll)
    tf.nest.assert_same_structure(mine, truth)
    for ours, tapes in zip(tf.nest.flatten(mine), tf.nest.flatten(truth)):
        np.testing.assert_allclose(ours, tapes, atol=1e-10)


def test_products_with_the_jacobian_are_the_tapes(played):
    """J v by differences of the logits, Jᵀ u by the tape."""
    params, steps = played
    seen = (steps.observations, steps.memory)
    generator = seeds.generator(4)
    direction = tf.nest.map_structure(lambda v: tf.constant(generator.normal(size=v.shape)), params)
    of_logits = derivatives.jacobian(params, *seen, steps.way)

    def logits(length):
        moved = tf.nest.map_structure(lambda p, d: p + length * d, params, direction)
        return network.unroll(moved, *seen)[0].numpy()

    differences = (logits(1e-6) - logits(-1e-6)) / 2e-6
    along = of_logits.along(direction)
    np.testing.assert_allclose(along, differences, atol=1e-6)

    cotangent = tf.constant(generator.normal(size=along.shape))
    with tf.GradientTape() as tape:
        tape.watch(params)
        outputs = network.unroll(params, *seen)[0]
    truth = tape.gradient(outputs, tuple(params[:-1]), output_gradients=cotangent)
    mine = of_logits.against(cotangent)
    for ours, tapes in zip(tf.nest.flatten(mine), tf.nest.flatten(truth)):
        np.testing.assert_allclose(ours, tapes, atol=1e-10)


def test_the_elu_and_its_gradient_are_tensorflows():
    """Also at 0, where layers with zero biases begin."""
    x = tf.constant([-30.0, -2.0, -1e-3, 0.0, 1e-3, 2.0, 30.0], tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        mine, truth = torso.elu(x), tf.nn.elu(x)
    np.testing.assert_allclose(mine, truth, atol=1e-15)
    np.testing.assert_allclose(tape.gradient(mine, x), tape.gradient(truth, x), atol=1e-15)
