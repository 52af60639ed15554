"""What an agent of Cooperative Navigation sees where it sees K goals and K others alone."""

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.particles import local_view, neighbours, physics
from dimapg_tf.envs.particles.local_view import FARTHEST
from dimapg_tf.envs.particles.neighbours import Planes, take
from dimapg_tf.envs.particles.physics import Planes as WorldPlanes
from dimapg_tf.envs.particles.settings import CooperativeNavigation as Settings
from dimapg_tf.types import Kind

COVERED = 0.1  # a goal is covered by an agent nearer than this (mpe2's benchmark_data)


def size(s: Settings) -> int:
    """Numbers in an observation."""
    return local_view.OWN + s.observed_neighbours * (2 * local_view.POINT + 1)


def kinds(s: Settings) -> tuple[Kind, ...]:
    """Goals and others."""
    return local_view.kinds_of(s.observed_neighbours, local_view.POINT + 1, local_view.POINT)


def observe(planes: WorldPlanes, s: Settings) -> tf.Tensor:
    """[O, n, B]: own velocity and walls; K goals; K others.

    Of each goal its offset, whether it is there, and how far from it the nearest other agent is,
    `FARTHEST` at most; of each other agent its offset and whether it is there.
    """
    k = s.observed_neighbours
    x, y, goal_x, goal_y = planes.x, planes.y, planes.landmark_x, planes.landmark_y
    own_index = neighbours.own_index(x)
    holder, nearest, second = _holders(planes)  # [L, B]

    def of_others(agent: tf.Tensor, holder, nearest, second) -> tf.Tensor:
        """Squared distance from goals to the nearest agent other than this one."""
        return tf.where(holder == agent, second, nearest)

    def key(agents: Planes, goals: Planes) -> tf.Tensor:
        distance = neighbours.squared_distance(agents, goals)
        if s.observed_goals == "nearest":
            return distance
        return tf.where(of_others(agents[2], *goals[2:]) >= COVERED**2, distance, np.inf)

    goals = neighbours.nearest([x, y, own_index], [goal_x, goal_y, holder, nearest, second], key, k)
    held = of_others(own_index, *(take(v, goals.index) for v in (holder, nearest, second)))
    held = tf.where(goals.there, tf.minimum(tf.sqrt(held), FARTHEST), 0.0)
    others = physics.nearest_others(x, y, k)
    return local_view.rows(
        local_view.own(x, y, planes.vx, planes.vy, s.half_width),
        [*local_view.points(goals, x, y, goal_x, goal_y), held],
        local_view.points(others, x, y, x, y),
    )


def _holders(planes: WorldPlanes) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Of each goal [L, B]: who is nearest to it; squared distances to that one and to the second,
    infinite where there is no second."""
    x, y, goal_x, goal_y = planes.x, planes.y, planes.landmark_x, planes.landmark_y
    two = neighbours.nearest([goal_x, goal_y], [x, y], neighbours.squared_distance, 2)
    offsets = take(x, two.index) - goal_x, take(y, two.index) - goal_y
    squared = sum(offset * offset for offset in offsets)
    return two.index[0], squared[0], tf.where(two.there[1], squared[1], np.inf)
