"""The few nearest points, against a plain stable sort."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf.envs.particles import neighbours


def on_a_grid(generator, count, worlds, dtype=tf.float32):
    """Positions with many equal distances among them."""
    return [tf.constant(generator.integers(-3, 4, (count, worlds)), dtype) for _ in range(2)]


def check(found, keys, k):
    """Against all keys [m, n, B] in a stable sort."""
    order = np.argsort(keys, axis=0, kind="stable")[:k]
    expected = np.isfinite(np.take_along_axis(keys, order, axis=0))
    there = found.there.numpy()
    np.testing.assert_array_equal(there[: len(order)], expected)
    assert not there[len(order) :].any()
    np.testing.assert_array_equal(found.index.numpy()[: len(order)][expected], order[expected])
    assert np.isin(found.index, np.arange(len(keys))).all()


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
@pytest.mark.parametrize(
    ("agents", "points", "worlds", "k"),
    [(3, 5, 4, 3), (2, 3, 4, 5), (4, 37, 6, 5), (9, 67, 2, 7), (5, 40, 1, 10), (3, 163, 5, 6)],
    ids=["few points", "fewer than k", "groups", "turned", "as many as groups", "many groups"],
)
def test_nearest_is_a_stable_sort(agents, points, worlds, k, dtype, generator):
    x, y = on_a_grid(generator, agents, worlds, dtype)
    to_x, to_y = on_a_grid(generator, points, worlds, dtype)
    found = neighbours.nearest([x, y], [to_x, to_y], neighbours.squared_distance, k)
    keys = np.square(to_x[:, None] - x[None]) + np.square(to_y[:, None] - y[None])
    check(found, keys, k)
    assert found.index.shape == (k, agents, worlds)
    row = neighbours.take(to_x, found.index).numpy()
    np.testing.assert_array_equal(row, to_x.numpy()[found.index, np.arange(worlds)])


@pytest.mark.parametrize("count", [1, 4, 40, 170])
def test_nobody_is_among_its_others(count, generator):
    x, y = on_a_grid(generator, count, 3)
    found = tf.function(
        lambda x, y: neighbours.nearest_others(x, y, 5), jit_compile=True, autograph=False
    )(x, y)
    keys = np.square(x[:, None] - x[None]) + np.square(y[:, None] - y[None])
    keys[np.arange(count), np.arange(count)] = np.inf
    check(found, keys, 5)
