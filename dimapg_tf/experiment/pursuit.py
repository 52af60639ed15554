"""Scripted predators and prey: what pursuit and flight without learning score."""

import numpy as np

from dimapg_tf.envs.particles import ParticleState
from dimapg_tf.envs.predator_prey import ARENA

NEAREST = 0.02  # what is nearer pushes no harder than from here


def pursue(state: ParticleState, num_predators: int, look_ahead: float) -> np.ndarray:
    """Actions [B, predators] towards the nearest prey: full thrust along the longer axis.

    Positions are taken `look_ahead` ahead at the present velocities: 0 heads for where the prey
    is, `scripted.COASTING` for where it would come to rest from where the predator would.
    """
    ahead = np.asarray(state.positions) + look_ahead * np.asarray(state.velocities)
    offsets = ahead[:, None, num_predators:] - ahead[:, :num_predators, None]  # [B, P, Q, 2]
    nearest = np.linalg.norm(offsets, axis=-1).argmin(axis=2)
    return thrust(np.take_along_axis(offsets, nearest[:, :, None, None], axis=2)[:, :, 0])


def flee(state: ParticleState, num_predators: int) -> np.ndarray:
    """Actions [B, prey] away from all predators and walls.

    Each predator pushes with the inverse of its distance, and so does each wall of the arena, as
    though a predator stood at its nearest point. Obstacles are not avoided.
    """
    positions = np.asarray(state.positions)
    predators, prey = positions[:, :num_predators], positions[:, num_predators:]
    away = prey[:, :, None] - predators[:, None]  # [B, Q, P, 2]
    distance = np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), NEAREST)
    push = (away / distance**2).sum(axis=2)
    walls = 1.0 / np.maximum(ARENA + prey, NEAREST) - 1.0 / np.maximum(ARENA - prey, NEAREST)
    return thrust(push + walls)


def thrust(direction: np.ndarray) -> np.ndarray:
    """Actions [...]: full thrust along the longer component of a direction [..., 2]."""
    x, y = np.moveaxis(direction, -1, 0)
    along_x = np.where(x < 0, 1, 2)
    along_y = np.where(y < 0, 3, 4)
    return np.where(np.abs(x) > np.abs(y), along_x, along_y)
