"""An episode of a particle world, played by a policy and recorded for the drawing code."""

from typing import Any

import numpy as np

from dimapg_tf.drawing.particles import RecordedEpisode
from dimapg_tf.envs import settings_class
from dimapg_tf.envs.base import Env
from dimapg_tf.envs.particles import close_pairs
from dimapg_tf.experiment.policies import Policy
from dimapg_tf.rollouts.collect import steps_of_players
from dimapg_tf.types import ConfigurationError

GOAL_RADIUS = 0.05  # goals are points; this is how they are drawn


def record(policy: Policy, seed: int, name: str) -> RecordedEpisode:
    """One episode in which all populations follow the policy.

    Args:
      seed: of the episode; the same as in an evaluation of one episode.
      name: what the picture says of who plays.

    Raises:
      ConfigurationError: the environment is no particle world.
    """
    env = policy.env
    if env.spec.name not in ("cooperative_navigation", "predator_prey"):
        raise ConfigurationError(
            f"env = {env.spec.name!r}: there are pictures of cooperative_navigation, predator_prey "
            "and survival only"
        )
    players = dict.fromkeys(env.spec.populations, policy.player(1))
    states, rewards = [], []
    for _, step_rewards, _, state in steps_of_players(env, players, seed, 1):
        states.append(state)
        if step_rewards:
            rewards.append({p: values[0] for p, values in step_rewards.items()})
    positions = np.stack([np.asarray(state.positions)[0] for state in states]).astype(np.float64)
    return _recorded(env, name, positions, np.asarray(states[0].landmarks)[0], rewards)


def _recorded(
    env: Env, name: str, positions: np.ndarray, landmarks: np.ndarray, rewards: list[dict[str, Any]]
) -> RecordedEpisode:
    populations = env.spec.populations
    counts = [population.num_agents for population in populations.values()]
    population_of = np.repeat(np.arange(len(counts)), counts)
    solid = env.bodies.obstacle_radii.size > 0
    agents = np.arange(len(population_of))
    # Of one population, contacts are collisions; of two, those between them are what counts.
    pairs = agents[:, None] != agents[None]
    if len(counts) > 1:
        pairs = population_of[:, None] != population_of[None]
    radii = env.bodies.agent_radii
    contacts = np.cumsum([0, *(_contacts(points, radii, pairs) for points in positions[1:])])
    returns = {
        p: np.concatenate([[0.0], np.cumsum([float(np.mean(row[p])) for row in rewards])])
        for p in populations
    }
    return RecordedEpisode(
        title=f"{env.spec.name.replace('_', ' ').title()}, {name}",
        positions=positions,
        landmarks=landmarks,
        solid=solid,
        radii=radii,
        landmark_radii=env.bodies.obstacle_radii if solid else np.full(len(landmarks), GOAL_RADIUS),
        populations=tuple(populations),
        population_of=population_of,
        counts=pairs,
        arena=getattr(settings_class(env.spec.name)(**env.settings), "half_width", 1.0),
        captions=tuple(
            _caption({p: values[t] for p, values in returns.items()}, int(contacts[t]))
            for t in range(len(positions))
        ),
    )


def _contacts(points: np.ndarray, radii: np.ndarray, pairs: np.ndarray) -> int:
    """How many of the `pairs` [n, n] touch, of points [n, 2]."""
    first, second = close_pairs.of(points, 2.0 * radii.max())
    apart = np.linalg.norm(points[first] - points[second], axis=-1)
    return int(((apart < radii[first] + radii[second]) & pairs[first, second]).sum())


def _caption(returns: dict[str, float], contacts: int) -> str:
    """Mean return of each population so far, contacts so far."""
    each = ", ".join(f"{population} {value:.1f}" for population, value in returns.items())
    return f"mean return: {each}; contacts: {contacts}"
