"""Particle worlds: one physics step, batched, as a pure function of the state.

The physics are those of OpenAI's multiagent-particle-envs (Lowe et al. 2017), maintained today as
mpe2; constants and both integration orders were read in their sources (`core.py`). The state's
public layout is `[B, n, 2]`. The arithmetic is done on planes `[n, B]`, one for each coordinate,
with the batch innermost, which keeps XLA's inner loops long and contiguous.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.particles import neighbours
from dimapg_tf.envs.particles.softplus import softplus
from dimapg_tf.types import Box

DT = 0.1  # length of a time step
DAMPING = 0.25  # share of the velocity lost in a step
CONTACT_FORCE = 100.0
CONTACT_MARGIN = 1e-3  # softness of a contact, as a length
# Further apart than this beyond their radii, two bodies push with less than exp(-40) of the force.
CONTACT_REACH = 40 * CONTACT_MARGIN
# With more agents than CROWD only the nearest IN_REACH others of each are looked at, where no more
# of them are in reach: as exact, and faster (measured).
CROWD, IN_REACH = 64, 8
ACTION_GAIN = 5.0  # acceleration of an action, unless a body has its own
NUM_ACTIONS = 5  # 0 none, 1 -x, 2 +x, 3 -y, 4 +y (mpe2's order)
CONTINUOUS = Box((0.0,) * NUM_ACTIONS, (1.0,) * NUM_ACTIONS)  # how much of each of them


class ParticleState(NamedTuple):
    """positions [B, n, 2], velocities [B, n, 2], landmarks [B, L, 2].

    All populations are stacked in the order of the environment's spec.
    """

    positions: tf.Tensor
    velocities: tf.Tensor
    landmarks: tf.Tensor


class Planes(NamedTuple):
    """The same state, one plane a coordinate: x, y, vx, vy [n, B]; the landmarks [L, B]."""

    x: tf.Tensor
    y: tf.Tensor
    vx: tf.Tensor
    vy: tf.Tensor
    landmark_x: tf.Tensor
    landmark_y: tf.Tensor


@dataclass(frozen=True)
class Bodies:
    """What does not change in an episode. Lengths in the world's unit, the arena being 2 wide.

    agent_radii [n]; accelerations [n], the force of an action on a mass of 1; max_speeds [n],
    infinite where there is no limit; obstacle_radii [L], empty where landmarks do not collide.
    """

    agent_radii: np.ndarray
    accelerations: np.ndarray
    max_speeds: np.ndarray
    obstacle_radii: np.ndarray


def actions(kind: str) -> tuple[int, Box | None]:
    """The last two fields of a `Population`: of discrete actions, or of continuous ones."""
    return NUM_ACTIONS, None if kind == "discrete" else CONTINUOUS


def to_planes(state: ParticleState) -> Planes:
    """[B, n, 2] -> planes [n, B]; the dtype stays."""

    def split(points):
        return tf.unstack(tf.transpose(tf.convert_to_tensor(points), [2, 1, 0]))

    return Planes(*split(state.positions), *split(state.velocities), *split(state.landmarks))


def from_planes(planes: Planes) -> ParticleState:
    """Planes [..., n, B] -> [..., B, n, 2]."""

    def join(x, y):
        return tf.stack([tf.linalg.matrix_transpose(x), tf.linalg.matrix_transpose(y)], axis=-1)

    return ParticleState(
        join(planes.x, planes.y),
        join(planes.vx, planes.vy),
        join(planes.landmark_x, planes.landmark_y),
    )


def distances(x: tf.Tensor, y: tf.Tensor, to_x: tf.Tensor, to_y: tf.Tensor) -> tuple:
    """Differences [k, n, B] from every one of k points to each agent, and their length."""
    dx = x[None] - to_x[:, None]
    dy = y[None] - to_y[:, None]
    return dx, dy, tf.sqrt(dx * dx + dy * dy)


def contact_force(dx, dy, distance, distance_min) -> tuple[tf.Tensor, tf.Tensor]:
    """The soft force of each contact, along the line between the centres.

    penetration = margin * log(1 + exp(-(distance - distance_min) / margin)). Two bodies at the very
    same point have no direction to be pushed in: the force is zero (the original gives NaN).
    """
    penetration = softplus((distance_min - distance) * (1.0 / CONTACT_MARGIN))  # in margins
    force = CONTACT_FORCE * CONTACT_MARGIN * penetration
    over_distance = tf.where(distance > 0.0, force / distance, 0.0)
    return over_distance * dx, over_distance * dy


def push_of_all(x: tf.Tensor, y: tf.Tensor, radii: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
    """The contact forces [n, B] on bodies with radii [n], summed over all pairs."""
    dx, dy, distance = distances(x, y, x, y)  # [n, n, B]
    touching = tf.constant((radii[:, None] + radii[None])[:, :, None], x.dtype)
    push_x, push_y = contact_force(dx, dy, distance, touching)  # zero between a body and itself
    return tf.reduce_sum(push_x, 0), tf.reduce_sum(push_y, 0)


def nearest_others(x: tf.Tensor, y: tf.Tensor, k: int) -> neighbours.Nearest:
    """The k nearest others of each, for positions [n, B]; see `neighbours.nearest_others`.

    In a crowd some more are looked for, as many as contacts need: what is then asked of the same
    positions twice, for an observation and for contacts, XLA computes once.
    """
    more = max(k, IN_REACH) if x.shape[0] > CROWD else k
    found = neighbours.nearest_others(x, y, more)
    return neighbours.Nearest(*(rows[:k] for rows in found))


def push_of_others(x: tf.Tensor, y: tf.Tensor, radii: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
    """The same, summed over the nearest others of each where all others are out of reach."""
    near = nearest_others(x, y, IN_REACH)
    dx, dy = x - neighbours.take(x, near.index), y - neighbours.take(y, near.index)
    distance = tf.where(near.there, tf.sqrt(dx * dx + dy * dy), np.inf)

    def of_the_nearest():
        radius = tf.constant(radii, x.dtype)
        touching = radius[:, None] + tf.gather(radius, near.index)
        forces = contact_force(dx, dy, distance, touching)
        return tuple(tf.reduce_sum(tf.where(near.there, force, 0.0), 0) for force in forces)

    few = tf.reduce_all(distance[-1] > 2.0 * radii.max() + CONTACT_REACH)
    return tf.cond(few, of_the_nearest, lambda: push_of_all(x, y, radii))


def action_force(actions: tf.Tensor, accelerations: np.ndarray, dtype) -> tuple:
    """Force planes [n, B] of the discrete actions [n, B], or of the continuous ones [n, B, 5].

    Continuous actions say how much of each discrete one, clipped to [0, 1] (mpe2's
    `continuous_actions`).
    """
    gain = tf.constant(accelerations[:, None], dtype)
    if actions.dtype.is_floating:
        amounts = tf.unstack(tf.clip_by_value(tf.cast(actions, dtype), 0.0, 1.0), axis=-1)
        return gain * (amounts[2] - amounts[1]), gain * (amounts[4] - amounts[3])
    zero = tf.zeros([], dtype)
    force_x = tf.where(actions == 2, gain, zero) - tf.where(actions == 1, gain, zero)
    force_y = tf.where(actions == 4, gain, zero) - tf.where(actions == 3, gain, zero)
    return force_x, force_y


def physics_step(planes: Planes, actions: tf.Tensor, bodies: Bodies, integrator: str) -> Planes:
    """One time step of all worlds; actions [n, B] or, continuous ones, [n, B, 5].

    `openai`: the velocity changes first, then the body moves (the code of 2018 that the paper
    used). `mpe2`: the body moves with the old velocity (PettingZoo PR #970, 2023), so that an
    action acts one step later.
    """
    dtype = planes.x.dtype
    radii = bodies.agent_radii
    force_x, force_y = action_force(actions, bodies.accelerations, dtype)

    push = push_of_others if len(radii) > CROWD else push_of_all
    push_x, push_y = push(planes.x, planes.y, radii)
    force_x += push_x
    force_y += push_y

    if bodies.obstacle_radii.size:
        dx, dy, distance = distances(planes.x, planes.y, planes.landmark_x, planes.landmark_y)
        touching = tf.constant((bodies.obstacle_radii[:, None] + radii[None])[:, :, None], dtype)
        push_x, push_y = contact_force(dx, dy, distance, touching)
        force_x += tf.reduce_sum(push_x, 0)
        force_y += tf.reduce_sum(push_y, 0)

    vx = planes.vx * (1.0 - DAMPING) + force_x * DT
    vy = planes.vy * (1.0 - DAMPING) + force_y * DT
    if np.isfinite(bodies.max_speeds).any():
        limit = tf.constant(bodies.max_speeds[:, None], dtype)
        speed = tf.sqrt(vx * vx + vy * vy)
        shrink = tf.where(speed > limit, limit / tf.where(speed > limit, speed, 1.0), 1.0)
        vx, vy = vx * shrink, vy * shrink
    moved_with = (vx, vy) if integrator == "openai" else (planes.vx, planes.vy)
    return planes._replace(
        x=planes.x + moved_with[0] * DT, y=planes.y + moved_with[1] * DT, vx=vx, vy=vy
    )


def others(plane: tf.Tensor) -> tf.Tensor:
    """The values of all others, for each agent: [n - 1, n, B], in the order of their index."""
    n = plane.shape[0]
    k = np.arange(n - 1)[:, None]
    skips_itself = tf.constant((k >= np.arange(n)[None])[:, :, None])
    return tf.where(skips_itself, plane[1:, None], plane[:-1, None])


def nearest_first(dx: tf.Tensor, dy: tf.Tensor, *more: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Relative positions [k, n, B] in the order of their distance, ties in that of their index.

    `more` are other values of the same points, put into the same order. Each point's rank is
    counted by comparing it with all others: for few points much faster than a sort under XLA.
    """
    points, *batch = dx.shape
    if points < 2:
        return dx, dy, *more
    squared = dx * dx + dy * dy
    index = np.arange(points, dtype=np.int32)
    before = tf.constant((index[:, None] < index[None])[:, :, None, None])
    mine, other = squared[None], squared[:, None]
    closer = tf.where(before, other <= mine, other < mine)  # [k, k, n, B]
    rank = tf.reduce_sum(tf.cast(closer, tf.int32), axis=0)
    # Who has the rank of each row; summed, since one point has it.
    chosen = tf.constant(index[:, None, None, None]) == rank[None]
    order = tf.reduce_sum(tf.where(chosen, tf.constant(index[None, :, None, None]), 0), axis=1)
    column = np.arange(np.prod(batch), dtype=np.int32).reshape(1, *batch)
    flat = order * column.size + tf.constant(column)
    return tuple(tf.gather(tf.reshape(plane, [-1]), flat) for plane in (dx, dy, *more))


def interleave(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Rows x_0, y_0, x_1, y_1, ... [2k, n, B] of two stacks [k, n, B]."""
    return tf.reshape(tf.stack([x, y], axis=1), [2 * x.shape[0], *x.shape[1:]])
