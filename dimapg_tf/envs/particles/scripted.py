"""Scripted players of the particle worlds: what greedy and coordinated play score."""

from collections.abc import Iterator

import numpy as np
from scipy.optimize import linear_sum_assignment

from dimapg_tf.envs.base import Choose
from dimapg_tf.envs.particles.physics import DAMPING, DT, NUM_ACTIONS, ParticleState

# An agent that does nothing goes on for v · DT · (0.75 + 0.75² + ...) before it comes to rest.
COASTING = DT * (1.0 - DAMPING) / DAMPING
# One action moves the place of rest by 0.2, so a nearer goal than half of that is left alone.
CLOSE_ENOUGH = 0.1
NEAREST = 0.02  # what is nearer pushes no harder than from here


def navigators() -> dict[str, Choose]:
    """Players of Cooperative Navigation: each agent to the nearest goal, or to one of its own."""
    return {
        "nearest": lambda _name, _obs, state, _noise: go_to(state, nearest(state)),
        "assignment": lambda _name, _obs, state, _noise: go_to(state, assignment(state)),
    }


def hunters(num_predators: int) -> dict[str, Choose]:
    """Predators: greedy ones head for where the nearest prey is, intercepting ones for where it is
    going."""
    return {
        "greedy": lambda _name, _obs, state, _noise: pursue(state, num_predators, 0.0),
        "intercepting": lambda _name, _obs, state, _noise: pursue(state, num_predators, COASTING),
    }


def fugitives(num_predators: int) -> dict[str, Choose]:
    """Prey that flee."""
    return {"fleeing": lambda _name, _obs, state, _noise: flee(state, num_predators)}


def of_kind(players: dict[str, Choose], actions: str) -> dict[str, Choose]:
    """The players where actions are "discrete" or "continuous": then all of the one they choose."""
    if actions == "discrete":
        return players

    def whole(player: Choose) -> Choose:
        return lambda *seen: np.eye(NUM_ACTIONS, dtype=np.float32)[player(*seen)]

    return {name: whole(player) for name, player in players.items()}


def distances(state: ParticleState) -> Iterator[np.ndarray]:
    """From every agent to every goal [n, L], world by world: large teams would not fit together."""
    for agents, goals in zip(np.asarray(state.positions), np.asarray(state.landmarks)):
        yield np.linalg.norm(agents[:, None] - goals, axis=-1)


def nearest(state: ParticleState) -> np.ndarray:
    """The goal nearest to each agent [B, n]; two agents may choose the same."""
    return np.stack([of_world.argmin(axis=1) for of_world in distances(state)])


def assignment(state: ParticleState) -> np.ndarray:
    """A goal of its own for each agent [B, n], with the smallest sum of distances (Hungarian)."""
    return np.stack([linear_sum_assignment(costs)[1] for costs in distances(state)])


def go_to(state: ParticleState, goals: np.ndarray) -> np.ndarray:
    """Actions [B, n] towards the chosen goals: full thrust along the axis that is further off.

    What counts is where the agent would come to rest. Others are not avoided.
    """
    targets = np.take_along_axis(np.asarray(state.landmarks), goals[..., None], axis=1)
    resting = np.asarray(state.positions) + COASTING * np.asarray(state.velocities)
    offsets = targets - resting
    return np.where(np.abs(offsets).max(axis=-1) > CLOSE_ENOUGH, thrust(offsets), 0)


def pursue(state: ParticleState, num_predators: int, look_ahead: float) -> np.ndarray:
    """Actions [B, predators] towards the nearest prey: full thrust along the longer axis.

    Positions are taken `look_ahead` ahead at the present velocities: 0 heads for where the prey
    is, `COASTING` for where it would come to rest from where the predator would.
    """
    ahead = np.asarray(state.positions) + look_ahead * np.asarray(state.velocities)
    offsets = ahead[:, None, num_predators:] - ahead[:, :num_predators, None]  # [B, P, Q, 2]
    nearest = np.linalg.norm(offsets, axis=-1).argmin(axis=2)
    return thrust(np.take_along_axis(offsets, nearest[:, :, None, None], axis=2)[:, :, 0])


def flee(state: ParticleState, num_predators: int, arena: float = 1.0) -> np.ndarray:
    """Actions [B, prey] away from all predators and walls.

    Each predator pushes with the inverse of its distance, and so does each wall of the arena, as
    though a predator stood at its nearest point. Obstacles are not avoided.
    """
    positions = np.asarray(state.positions)
    predators, prey = positions[:, :num_predators], positions[:, num_predators:]
    away = prey[:, :, None] - predators[:, None]  # [B, Q, P, 2]
    distance = np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), NEAREST)
    push = (away / distance**2).sum(axis=2)
    walls = 1.0 / np.maximum(arena + prey, NEAREST) - 1.0 / np.maximum(arena - prey, NEAREST)
    return thrust(push + walls)


def thrust(direction: np.ndarray) -> np.ndarray:
    """Actions [...]: full thrust along the longer component of a direction [..., 2]."""
    x, y = np.moveaxis(direction, -1, 0)
    along_x = np.where(x < 0, 1, 2)
    along_y = np.where(y < 0, 3, 4)
    return np.where(np.abs(x) > np.abs(y), along_x, along_y)
