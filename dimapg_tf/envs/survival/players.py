"""Scripted play of Survival: functions (game, uniform noise [n]) -> actions of the living [m].

They know more than an agent sees: where all food is, and their own heading.
"""

import numpy as np

from dimapg_tf.envs.survival.game import Game
from dimapg_tf.envs.survival.rules import ATTACKS, FIRST_ATTACK, MOVES, NUM_ACTIONS, STAY
from dimapg_tf.envs.survival.views import turned


def random(game: Game, uniform: np.ndarray) -> np.ndarray:
    """Every action with the same probability."""
    return (uniform[game.scene.agents] * NUM_ACTIONS).astype(np.int32)


def go_to_food(game: Game, uniform: np.ndarray) -> np.ndarray:
    """Hit food in a neighbouring cell; else move nearer to the nearest food. Never hits agents.

    Among the free cells that a move reaches, the one nearest to that food is taken, ties by chance.
    """
    scene = game.scene
    offsets = scene.food[None] - scene.positions[:, None]  # [m, f, 2]
    nearest = (offsets**2).sum(axis=2).argmin(axis=1)
    goal = offsets[np.arange(len(nearest)), nearest]  # [m, 2]
    hits = _in_reach(ATTACKS, scene.headings) == goal[:, None]
    hit = hits.all(axis=2)  # [m, 8]

    reached = _in_reach(MOVES, scene.headings)  # [m, 13, 2]
    to = scene.positions[:, None] + reached
    taken = np.ones((game.settings.map_size + 4,) * 2, bool)  # walls and a margin
    taken[3:-3, 3:-3] = False
    for cells in (scene.positions, scene.food):
        taken[cells[:, 0] + 2, cells[:, 1] + 2] = True
    blocked = taken[to[..., 0] + 2, to[..., 1] + 2]
    blocked[:, STAY] = False
    costs = ((goal[:, None] - reached) ** 2).sum(axis=2) + 1e6 * blocked
    # One number breaks the ties of an agent: it turns the order of its moves.
    turn = (uniform[scene.agents, None] * len(MOVES) + np.arange(len(MOVES))) % len(MOVES)
    move = (costs + 1e-3 * turn).argmin(axis=1)
    return np.where(hit.any(axis=1), FIRST_ATTACK + hit.argmax(axis=1), move).astype(np.int32)


def _in_reach(offsets: tuple, headings: np.ndarray) -> np.ndarray:
    """What actions reach, as (dx, dy) on the map: [m, actions, 2]."""
    x, y = np.array(offsets).T
    return np.stack([np.stack(turned(x, y, h), axis=1) for h in range(4)])[headings]
