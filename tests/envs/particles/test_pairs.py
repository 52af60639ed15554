"""All pairs of agents and points, against tables of all distances in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf.envs.particles import neighbours, pairs, physics

SHAPES = pytest.mark.parametrize(
    ("agents", "points", "worlds"),
    [(3, 5, 4), (1, 1, 1), (20, 45, 30), (45, 33, 2)],
    ids=["few points", "alone", "groups", "groups, turned"],
)


def planes(generator, count, worlds, dtype=np.float32):
    return [tf.constant(generator.uniform(-1, 1, (count, worlds)).astype(dtype)) for _ in range(2)]


def distances(agents, points):
    """[m, n, B], as one that takes all roots has them."""
    dx, dy = (own.numpy()[None] - other.numpy()[:, None] for own, other in zip(agents, points))
    return np.sqrt(dx * dx + dy * dy)


@SHAPES
def test_the_nearest(agents, points, worlds, generator):
    seers, seen = planes(generator, agents, worlds), planes(generator, points, worlds)
    expected = distances(seers, seen).min(axis=0)
    np.testing.assert_array_equal(pairs.to_the_nearest(seers, seen), expected)


@SHAPES
def test_how_many_are_near(agents, points, worlds, generator):
    seers, seen = planes(generator, agents, worlds), planes(generator, points, worlds)
    apart = distances(seers, seen)
    count = pairs.touching(seers, seen, 0.7)
    np.testing.assert_array_equal(count, (apart < np.float32(0.7)).sum(axis=0))
    of_each = generator.uniform(0.1, 1.5, (points, agents))
    count = pairs.touching(seers, seen, of_each)
    expected = (apart < of_each.astype(np.float32)[:, :, None]).sum(axis=0)
    np.testing.assert_array_equal(count, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_a_root_to_the_last_bit(dtype, generator):
    """Squares next to the square of the reach, on both sides of it."""
    for reach in (0.1, 0.3, 1.0, 0.15 + 0.075, *generator.uniform(0.01, 3.0, 50)):
        limit = dtype(reach)
        squares = [limit * limit]
        for towards in (0.0, np.inf):
            square = squares[0]
            for _ in range(6):
                squares.append(square := np.nextafter(square, dtype(towards)))
        squares = np.array(squares, dtype)
        expected = np.sqrt(squares) < limit
        assert expected.any()
        assert not expected.all()
        np.testing.assert_array_equal(pairs.nearer_than(tf.constant(squares), reach), expected)


@pytest.mark.parametrize("count", [40, physics.CROWD + 1])
def test_the_nearest_of_a_crowd_are_found_among_more(count, generator):
    x, y = planes(generator, count, 2)
    for k in (1, 5, physics.IN_REACH + 2):
        found = physics.nearest_others(x, y, k)
        for mine, expected in zip(found, neighbours.nearest_others(x, y, k)):
            np.testing.assert_array_equal(mine, expected)
