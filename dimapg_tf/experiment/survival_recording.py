"""A game of Survival, played by a policy or a scripted player and recorded for the drawing code."""

from collections.abc import Mapping

import numpy as np

from dimapg_tf.drawing.survival import ON_AGENT, ON_FOOD, ON_NOTHING, Film, Frame
from dimapg_tf.envs.survival.env import SurvivalEnv
from dimapg_tf.envs.survival.game import Scene
from dimapg_tf.envs.survival.rules import ATTACKS, FIRST_ATTACK
from dimapg_tf.envs.survival.views import turned
from dimapg_tf.rollouts import parallel
from dimapg_tf.types import Params


def record(env: SurvivalEnv, policy: Mapping[str, Params] | str, seed: int, title: str) -> Film:
    """A game of these parameters, or of the scripted player of this name.

    The game is the first one of an evaluation with this seed.
    """
    if isinstance(policy, str):
        moments = parallel.film_scripted(env, env.players[policy], seed)
    else:
        moments = parallel.film(env, policy, seed)
    settings = env.game[1]
    frames: list[Frame] = []
    deaths = np.zeros((0, 2), int)
    scenes = [moment.scene for moment in moments]
    for index, (scene, actions, team_return) in enumerate(moments):
        if index:
            deaths = np.concatenate([deaths, _deaths(scenes[index - 1], scene)])
        caption = (
            f"food {len(scene.food)}, agents {len(scene.agents)}, team return {team_return:.0f}"
        )
        left = 1.0 - scene.food_hits / settings.food_hits
        wounded = scene.hits > 0
        attacks = _attacks(scene, actions)
        frames.append(Frame(scene.positions, wounded, scene.food, left, attacks, deaths, caption))
    return Film(title, settings.map_size, tuple(frames))


def _deaths(before: Scene, after: Scene) -> np.ndarray:
    """Where those stood who are there no more: [d, 2]."""
    return before.positions[~np.isin(before.agents, after.agents)]


def _attacks(scene: Scene, actions: np.ndarray | None) -> np.ndarray:
    """Rows (from x, y, to x, y, on what) of the attacks that agents choose in a scene: [k, 5]."""
    if actions is None:
        return np.zeros((0, 5), int)
    (attackers,) = np.nonzero(actions >= FIRST_ATTACK)
    food = {tuple(cell) for cell in scene.food.tolist()}
    agents = {tuple(cell) for cell in scene.positions.tolist()}
    rows = []
    for agent in attackers:
        dx, dy = turned(*ATTACKS[actions[agent] - FIRST_ATTACK], scene.headings[agent])
        x, y = scene.positions[agent].tolist()
        target = (x + dx, y + dy)
        kind = ON_FOOD if target in food else ON_AGENT if target in agents else ON_NOTHING
        rows.append((x, y, *target, kind))
    return np.array(rows, int).reshape(-1, 5)
