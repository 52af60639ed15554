"""Contacts in worlds of many agents, against the sum over all pairs."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf.envs.particles import neighbours, physics


@pytest.mark.parametrize(("half_width", "crowded"), [(2.0, False), (0.3, True)])
def test_contacts_are_those_of_all_pairs(half_width, crowded, generator):
    """Also where more are in reach of an agent than are looked at."""
    count = 70
    x, y = (tf.constant(generator.uniform(-half_width, half_width, (count, 3))) for _ in range(2))
    radii = generator.uniform(0.03, 0.08, count)
    of_all = physics.push_of_all(x, y, radii)
    of_others = tf.function(
        lambda x, y: physics.push_of_others(x, y, radii), jit_compile=True, autograph=False
    )(x, y)
    for mine, expected in zip(of_others, of_all):
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-12)
    assert (np.abs(of_all[0]) > 1e-3).sum() > 20, "the case must have contacts"
    far = neighbours.nearest_others(x, y, physics.IN_REACH).index[-1]
    gap = np.hypot(*(np.take_along_axis(v.numpy(), far.numpy(), 0) - v for v in (x, y)))
    assert (gap < 2 * radii.max() + physics.CONTACT_REACH).any() == crowded


def test_an_agent_alone_is_not_pushed():
    one = tf.zeros([1, 2], tf.float64)
    for force in physics.push_of_others(one, one, np.full(1, 0.1)):
        assert force.numpy().tolist() == [[0.0, 0.0]]
