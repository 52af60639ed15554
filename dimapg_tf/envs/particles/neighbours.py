"""The few nearest of many points, for every agent of every world: exact, and compiled.

Sorting all points, or counting the rank of each, is slow under XLA where there are hundreds. Here
the points are split into groups. The k nearest points lie in the k groups that come nearest, so
only the points of those groups are looked at one by one. Many groups are split into groups again.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

# Measured: points of a group, and groups of a group of groups; from so many points, and from so
# many groups, on they are faster; how many worlds are worth an inner loop of their own.
GROUP = 4
FEW, FEW_GROUPS = 32, 40
FEW_WORLDS = 16

# Of a key and its index in one integer: bits of the index, and after the last point at infinity.
_BITS, _LOWER = np.int64(32), np.int64(2**32 - 1)
_LAST = np.int32(2**31 - 1)
_NOWHERE = np.float32(np.inf).view(np.int32).astype(np.int64) << _BITS | _LAST

Planes = Sequence[tf.Tensor]
Key = Callable[[Planes, Planes], tf.Tensor]
"""(planes of agents, planes of points) -> what the points are sorted by: 0 or more, infinite for
those that are not to be found. The planes broadcast against each other; the key looks at one agent
and one point at a time."""


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
    # XLA's inner loop runs along the last axis: that of the worlds, unless they are too few.
    turned = num_agents > num_worlds and num_worlds < FEW_WORLDS
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
    chosen, keys = _smallest_of_many(closest, k)
    if size > 1:
        index = _members(chosen, size)
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


def _members(chosen: list, size: int) -> tf.Tensor:
    """The indices of all members of these groups, along the first axis."""
    return tf.concat([group[None] * size + _numbers(size) for group in chosen], axis=0)


def _smallest_of_many(keys: tf.Tensor, k: int) -> tuple[list, list]:
    """(indices, keys) of the k smallest along the first axis, by key and then by index."""
    count, *rest = keys.shape
    if count < FEW_GROUPS:
        return _smallest(keys, _numbers(count), k)
    keys = tf.pad(keys, [[0, -count % GROUP], [0, 0], [0, 0]], constant_values=np.inf)
    closest = tf.reduce_min(tf.reshape(keys, [-1, GROUP, *rest]), axis=1)
    index = _members(_smallest(closest, _numbers(closest.shape[0]), k)[0], GROUP)
    place = np.arange(rest[0] * rest[1], dtype=np.int32).reshape(1, *rest)
    flat = index * place.size + tf.constant(place)
    return _smallest(tf.gather(tf.reshape(keys, [-1]), flat), index, k)


def _smallest(keys: tf.Tensor, index: tf.Tensor, k: int) -> tuple[list, list]:
    """(indices, keys) of the k smallest along the first axis, by key and then by index.

    Keys are 0 or more, and the bits of such a number, as an integer, have its order. So of float32
    a key and its index fit into one integer, and one pass finds what else takes three.
    """
    if keys.dtype != tf.float32:
        return _smallest_in_passes(keys, index, k)
    upper = tf.bitwise.left_shift(tf.cast(tf.bitcast(keys, tf.int32), tf.int64), _BITS)
    both = tf.bitwise.bitwise_or(upper, tf.cast(tf.broadcast_to(index, keys.shape), tf.int64))
    chosen, smallest = [], []
    left = both
    for _ in range(k):
        least = tf.reduce_min(left, axis=0)
        left = tf.where(both > least[None], both, _NOWHERE)
        chosen.append(tf.cast(tf.bitwise.bitwise_and(least, _LOWER), tf.int32))
        upper = tf.cast(tf.bitwise.right_shift(least, _BITS), tf.int32)
        smallest.append(tf.bitcast(upper, tf.float32))
    return chosen, smallest


def _smallest_in_passes(keys: tf.Tensor, index: tf.Tensor, k: int) -> tuple[list, list]:
    """The same for keys of any type."""
    chosen, smallest = [], []
    for _ in range(k):
        least = tf.reduce_min(keys, axis=0)
        first = tf.reduce_min(tf.where(keys == least[None], index, _LAST), axis=0)
        keys = tf.where(index != first[None], keys, np.inf)
        chosen.append(first)
        smallest.append(least)
    return chosen, smallest
