"""The few nearest of many points, for every agent of every world: exact, and compiled.

Sorting all points, or counting the rank of each, is slow under XLA where there are hundreds. Here
the points are split into groups. The k nearest points lie in the k groups that come nearest, so
only the points of those groups are looked at one by one.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

GROUP = 8  # points of a group
FEW = 32  # from so many points on, groups are faster (both measured)

Planes = Sequence[tf.Tensor]
Key = Callable[[Planes, Planes], tf.Tensor]
"""(planes of agents, planes of points) -> what the points are sorted by: infinite for those that
are not to be found. The planes broadcast against each other; the key looks at one agent and one
point at a time."""


class Nearest(NamedTuple):
    """The k points with the smallest keys, for each agent; equal keys in the order of the index.

    index int32 [k, n, B]; there bool [k, n, B]: where fewer than k points can be found, the last
    rows are not there, and their index, though of a point, means nothing.
    """

    index: tf.Tensor
    there: tf.Tensor


def nearest(agents: Planes, points: Planes, key: Key, k: int) -> Nearest:
    """The k points with the smallest keys, of m points, for each of n agents.

    Args:
      agents: planes [n, B].
      points: planes [m, B], some of them real numbers that make a key infinite by being so.
    """
    num_agents, num_worlds = agents[0].shape
    # XLA's inner loop runs along the last axis, so that is the longer one of the two.
    turned = num_agents > num_worlds
    if turned:
        agents = [tf.transpose(plane) for plane in agents]
    size = GROUP if points[0].shape[0] >= FEW else 1
    groups = [in_groups(plane, size) for plane in points]  # [groups, size, B]

    def of_member(member: int) -> tf.Tensor:
        planes = [plane[:, member] for plane in groups]
        return key(agents, [p[:, :, None] if turned else p[:, None] for p in planes])

    closest = of_member(0)
    for member in range(1, size):
        closest = tf.minimum(closest, of_member(member))
    chosen, keys = _smallest(closest, _numbers(closest.shape[0]), k)
    if size > 1:
        index = tf.concat([group[None] * size + _numbers(size) for group in chosen], axis=0)
        flat = [tf.reshape(plane, [-1, num_worlds]) for plane in groups]
        chosen, keys = _smallest(key(agents, [_take(p, index, turned) for p in flat]), index, k)
    last = points[0].shape[0] - 1
    found = Nearest(tf.minimum(tf.stack(chosen), last), tf.stack(keys) < np.inf)
    return Nearest(*map(tf.linalg.matrix_transpose, found)) if turned else found


def nearest_others(x: tf.Tensor, y: tf.Tensor, k: int) -> Nearest:
    """The k nearest of all other agents, by positions [n, B]."""
    themselves = [x, y, own_index(x)]

    def key(agents: Planes, points: Planes) -> tf.Tensor:
        return tf.where(points[2] != agents[2], squared_distance(agents, points), np.inf)

    return nearest(themselves, themselves, key, k)


def squared_distance(agents: Planes, points: Planes) -> tf.Tensor:
    """Between positions that broadcast: the first two planes of each."""
    dx, dy = points[0] - agents[0], points[1] - agents[1]
    return dx * dx + dy * dy


def own_index(plane: tf.Tensor) -> tf.Tensor:
    """int32 [n, B]: the index of each agent, beside a plane of agents."""
    return tf.broadcast_to(
        tf.constant(np.arange(plane.shape[0], dtype=np.int32)[:, None]), plane.shape
    )


def take(plane: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Values [k, n, B] of the points of this index, out of a plane [m, B]."""
    return _take(plane, index, turned=False)


def _take(plane: tf.Tensor, index: tf.Tensor, turned: bool) -> tf.Tensor:
    """The same; if `turned`, the index is [k, B, n]."""
    num_worlds = plane.shape[1]
    world = np.arange(num_worlds, dtype=np.int32)
    flat = index * num_worlds + tf.constant(world[:, None] if turned else world)
    return tf.gather(tf.reshape(plane, [-1]), flat)


def in_groups(plane: tf.Tensor, size: int) -> tf.Tensor:
    """[m, B] -> [groups, size, B], filled up with points at infinity."""
    missing = -plane.shape[0] % size
    nowhere = np.inf if plane.dtype.is_floating else 0
    padded = tf.pad(plane, [[0, missing], [0, 0]], constant_values=nowhere)
    return tf.reshape(padded, [-1, size, plane.shape[1]])


def _numbers(count: int) -> tf.Tensor:
    return tf.constant(np.arange(count, dtype=np.int32)[:, None, None])


def _smallest(keys: tf.Tensor, index: tf.Tensor, k: int) -> tuple[list, list]:
    """(indices, keys) of the k smallest along the first axis, by key and then by index."""
    chosen, smallest = [], []
    for _ in range(k):
        least = tf.reduce_min(keys, axis=0)
        first = tf.reduce_min(tf.where(keys == least[None], index, np.int32(2**31 - 1)), axis=0)
        keys = tf.where(index != first[None], keys, np.inf)
        chosen.append(first)
        smallest.append(least)
    return chosen, smallest
