"""The two kinds of trajectories: τ^θ (Eq. 6) and τ^{θ, θ_n} (Eq. 8).

Environments whose worlds are games are played in worker processes, which send back the
trajectories of the sampled agents alone.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import decisions, parallel_rollout, rollout
from dimapg_tf.envs.base import Env, is_game
from dimapg_tf.types import Deviation, Params, Trajectory

DEVIATIONS = ("isolated", "simultaneous")


class Joint(NamedTuple):
    """τ^θ of B worlds.

    trajectories {population: [R, B, ...]} of the agents `recorded` {population: [R]}; returns
    {population: NumPy [n, B]} of everybody, undiscounted; env_steps: in which anybody was alive;
    measures: a game's own, means over the worlds.
    """

    trajectories: dict[str, Trajectory]
    recorded: Mapping[str, tf.Tensor]
    returns: dict[str, np.ndarray]
    env_steps: int
    measures: Mapping[str, float]


def shared(
    env: Env,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    agents: Mapping[str, tf.Tensor] | None = None,
) -> Joint:
    """τ^θ, Eq. 6: every agent follows the θ of its population.

    Reading of the paper: one set of B joint rollouts serves every sampled agent n. Games record
    these `agents` only, other environments everybody.
    """
    everybody = {name: tf.range(p.num_agents) for name, p in env.spec.populations.items()}
    if is_game(env):
        agents = agents or everybody
        (recorded,) = agents.values()
        games = parallel_rollout.collect(env, thetas, seed, num_worlds, recorded)
        measures = {name: float(values.mean()) for name, values in games.measures.items()}
        env_steps = int(games.steps.sum())
        return Joint(games.trajectories, agents, games.returns, env_steps, measures)
    collected = rollout.collect(env, thetas, seed, num_worlds)[0]
    returns = {
        name: np.sum(t.rewards.numpy() * t.alive.numpy(), axis=2) for name, t in collected.items()
    }
    anybody = tf.stack([tf.reduce_max(t.alive, axis=0) for t in collected.values()])
    env_steps = int(tf.reduce_sum(tf.reduce_max(anybody, axis=0)))
    return Joint(collected, everybody, returns, env_steps, {})


def deviating(
    env: Env,
    thetas: Mapping[str, Params],
    deviation: Deviation,
    seed: int,
    num_worlds: int,
    everybody: bool = False,
) -> tuple[Trajectory, int]:
    """τ^{θ, θ_n}, Eq. 8: the deviating agents follow their θ_n, all others θ.

    Args:
      thetas: θ of every population.
      num_worlds: B for each agent: N * B worlds are rolled out, or B if all deviate in them.
      everybody: whether the others' trajectories are returned too; not of games.

    Returns:
      (the trajectories of the deviating agents [N, B, ...], or of everybody [n, N * B, ...];
      env_steps). A world is left to itself once its deviating agents are dead.
    """
    if not deviation.simultaneous:
        num_worlds *= deviation.agents.shape[0]
    name = deviation.population
    if is_game(env):
        games = parallel_rollout.collect_deviating(env, thetas[name], deviation, seed, num_worlds)
        return games.trajectories[name], int(games.steps.sum())
    collected, _ = rollout.collect(env, thetas, seed, num_worlds, deviation, everybody=everybody)
    alive = collected[name].alive
    if everybody:
        alive = decisions.own(alive, deviation.agents, deviation.simultaneous)
    if deviation.simultaneous:
        alive = tf.reduce_max(alive, axis=0)
    return collected[name], int(tf.reduce_sum(alive))


def of_agents(joint: Joint, name: str, agents: tf.Tensor) -> Trajectory:
    """The trajectories of these agents [N] alone, who must be among the recorded ones."""
    place = np.searchsorted(joint.recorded[name], agents)  # both are in ascending order
    return tf.nest.map_structure(lambda v: tf.gather(v, place), joint.trajectories[name])


def of_deviating(trajectory: Trajectory, agents: tf.Tensor) -> Trajectory:
    """The trajectories [N, B, ...] of the deviating agents, out of everybody's [n, N * B, ...]."""
    return tf.nest.map_structure(lambda v: decisions.own(v, agents, False), trajectory)
