"""How an agent sees what is near it: the same numbers whatever the size of the world or the team.

No absolute positions, offsets of a bounded length, and as many rows as may be seen, those without
anything in them being flagged: so a policy fits any number of agents.
"""

from itertools import accumulate

import tensorflow as tf

from dimapg_tf.envs.particles.neighbours import Nearest, take
from dimapg_tf.types import Kind

# Not in the paper; about what 10 agents in an arena 2 wide have between them. An offset that is
# longer keeps its direction.
FARTHEST = 1.0
# A wall is seen from here on; an agent at full speed comes to rest within 0.6.
WALL = 0.3

OWN = 4  # numbers of `own`
POINT = 3  # rows of `points`, for each point
THERE = 2  # the one of them that says whether the point is there


def own(x: tf.Tensor, y: tf.Tensor, vx: tf.Tensor, vy: tf.Tensor, arena: float) -> list[tf.Tensor]:
    """Own velocity, and along each axis how far inside `WALL` of the arena's edge, or beyond it."""

    def wall(position: tf.Tensor) -> tf.Tensor:
        inner = arena - WALL
        return tf.nn.relu(position - inner) - tf.nn.relu(-position - inner)

    return [vx, vy, wall(x), wall(y)]


def points(seen: Nearest, x: tf.Tensor, y: tf.Tensor, to_x: tf.Tensor, to_y: tf.Tensor) -> list:
    """Stacks [k, n, B] of points among to_x, to_y [m, B]: offset, and 1 for a point that is there.

    Offsets are shortened to `FARTHEST`; of a point that is not there all three are 0.
    """
    dx, dy = take(to_x, seen.index) - x, take(to_y, seen.index) - y
    length = tf.sqrt(dx * dx + dy * dy)
    far = length > FARTHEST
    shorten = tf.where(far, FARTHEST / tf.where(far, length, 1.0), 1.0)
    there = tf.cast(seen.there, x.dtype)
    return [dx * shorten * there, dy * shorten * there, there]


def kinds_of(k: int, *features: int) -> tuple[Kind, ...]:
    """What `rows` are made of: k things of each kind, of so many numbers each."""
    starts = accumulate((k * count for count in features), initial=OWN)
    return tuple(Kind(start, k, count, THERE) for start, count in zip(starts, features))


def nothing(k: int, x: tf.Tensor) -> list:
    """The stacks of `points` where there are none."""
    return [tf.zeros([k, *x.shape], x.dtype)] * POINT


def rows(own: list[tf.Tensor], *kinds: list[tf.Tensor]) -> tf.Tensor:
    """An observation [O, n, B]: planes [n, B], then the stacks [k, n, B] of each kind of thing, one
    stack after the other."""
    return tf.concat([tf.stack(own), *(stack for kind in kinds for stack in kind)], axis=0)
