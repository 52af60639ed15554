"""The other agents' samples against loops over agents and worlds."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf.algorithm.others import make_others, others_surrogate
from dimapg_tf.types import Trajectory

AGENTS = [2, 0]  # sampled out of n = 3
B, T = 2, 3


@pytest.fixture
def make_trajectory(generator):
    """Of 3 agents with 4 inputs and 3 actions; some are dead at the end."""

    def make(num_worlds):
        shape = (3, num_worlds, T)
        alive = (generator.random(shape) < 0.8).astype(float)
        return Trajectory(
            tf.constant(generator.normal(size=(*shape, 4))),
            tf.constant(generator.integers(0, 3, shape), tf.int32),
            tf.constant(np.log(generator.random(shape))),
            tf.constant(generator.normal(size=shape)),
            tf.constant(np.cumprod(alive, axis=2)),
        )

    return make


@pytest.mark.parametrize("groups", [1, 2], ids=["shared", "deviating"])
def test_sum_over_the_others(groups, small_theta, make_small_batch, make_trajectory, generator):
    """Agent n's weighting times every other agent's ratio, in the worlds where n's samples are."""
    everybody = make_trajectory(groups * B)
    own = make_small_batch(tf.nest.map_structure(lambda v: tf.stack([v, v]), small_theta))
    weighting = generator.normal(size=(2, B * T))
    others = make_others(everybody, own, tf.constant(AGENTS))
    got = others_surrogate(small_theta, others, tf.constant(weighting))

    theta = reference.to_numpy(small_theta)
    expected = np.zeros(2)
    for g, n in enumerate(AGENTS):
        for m in range(3):
            for b, t in np.ndindex(B, T):
                world = b if groups == 1 else g * B + b
                if m == n or not everybody.alive[m, world, t]:
                    continue
                o, a = everybody.observations[m, world, t], everybody.actions[m, world, t]
                new = reference.log_pi(theta, o.numpy())[int(a)]
                ratio = np.exp(new - everybody.log_probs[m, world, t].numpy())
                expected[g] += own.weights[g, b * T + t].numpy() * weighting[g, b * T + t] * ratio
    np.testing.assert_allclose(got, expected, rtol=1e-10)
