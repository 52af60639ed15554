"""All pairs of agents and points: how far the nearest is, how many are near; [n, B] planes.

Roots are far dearer than all else here. They keep the order of numbers, also of rounded ones, so
what is asked for the nearest alone, or whether something is near, needs no root of all pairs.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.particles.neighbours import (
    FEW,
    Planes,
    in_groups,
    squared_distance,
)

GROUP = 8  # points that are combined with those of other groups; measured


def to_the_nearest(agents: Planes, points: Planes) -> tf.Tensor:
    """From each agent, x and y [n, B], to the nearest of the points [m, B]: [n, B]."""
    return tf.sqrt(_over_points(agents, points, lambda squared: squared, tf.minimum, tf.reduce_min))


def touching(agents: Planes, points: Planes, reach: np.ndarray | float) -> tf.Tensor:
    """How many points are nearer to each agent than `reach`, a length or one for each pair [m, n]:
    [n, B]."""
    if np.ndim(reach):
        near = nearer_than(squared_distances(agents, points), reach[:, :, None])
        return tf.reduce_sum(tf.cast(near, agents[0].dtype), axis=0)

    def near(squared: tf.Tensor) -> tf.Tensor:
        return tf.cast(nearer_than(squared, reach), squared.dtype)

    return _over_points(agents, points, near, tf.add, tf.reduce_sum)


def squared_distances(agents: Planes, points: Planes) -> tf.Tensor:
    """Of all pairs: [m, n, B]."""
    return squared_distance([p[None] for p in agents], [p[:, None] for p in points])


def nearer_than(squared: tf.Tensor, reach: np.ndarray | float) -> tf.Tensor:
    """Where sqrt(squared) < reach, to the last bit, without a root: bool."""
    return squared <= tf.constant(_largest_square(reach, squared.dtype.as_numpy_dtype))


def _over_points(
    agents: Planes,
    points: Planes,
    value: Callable[[tf.Tensor], tf.Tensor],
    combine: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    combine_all: Callable[..., tf.Tensor],
) -> tf.Tensor:
    """A value of squared distances, combined over all points, in whatever order: [n, B].

    XLA's reductions look at one number after another, so of many points, one of each group after
    another is combined with those of the other groups beside it. Its inner loop runs along the last
    axis, which is that of the worlds, or of the agents where there are more of them.
    """
    if points[0].shape[0] < FEW:
        return combine_all(value(squared_distances(agents, points)), axis=0)
    turned = agents[0].shape[0] > agents[0].shape[1]
    if turned:
        agents = [tf.transpose(plane) for plane in agents]
    groups = [in_groups(plane, GROUP) for plane in points]  # [groups, GROUP, B]

    def of_member(member: int) -> tf.Tensor:
        others = [plane[:, member] for plane in groups]
        others = [plane[:, :, None] if turned else plane[:, None] for plane in others]
        return value(squared_distance([plane[None] for plane in agents], others))

    combined = combine_all(reduce(combine, map(of_member, range(GROUP))), axis=0)
    return tf.transpose(combined) if turned else combined


def _largest_square(reach: np.ndarray | float, dtype: type) -> np.ndarray:
    """The largest numbers whose rounded roots are below reach > 0."""
    reach, zero, infinite = (np.asarray(v, dtype) for v in (reach, 0.0, np.inf))
    square = reach * reach
    for towards, wrong in (
        (zero, lambda v: np.sqrt(v) >= reach),
        (infinite, lambda v: np.sqrt(np.nextafter(v, infinite)) < reach),
    ):
        while wrong(square).any():
            square = np.where(wrong(square), np.nextafter(square, towards), square)
    return square
