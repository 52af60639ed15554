"""The two kinds of trajectories: τ^θ (Eq. 6) and τ^{θ, θ_n} (Eq. 8)."""

from collections.abc import Mapping

import tensorflow as tf

from dimapg_tf import rollout
from dimapg_tf.envs.base import Env
from dimapg_tf.types import Deviation, Params, Trajectory


def shared(
    env: Env, thetas: Mapping[str, Params], seed: int, num_worlds: int
) -> dict[str, Trajectory]:
    """τ^θ, Eq. 6: every agent follows the θ of its population. {population: [n, B, ...]}.

    Reading of the paper: one set of B joint rollouts serves every sampled agent n.
    """
    return rollout.collect(env, thetas, seed, num_worlds)[0]


def deviating(
    env: Env,
    thetas: Mapping[str, Params],
    population: str,
    agents: tf.Tensor,
    theta_n: Params,
    seed: int,
    num_worlds: int,
    everybody: bool = False,
) -> Trajectory:
    """τ^{θ, θ_n}, Eq. 8: in worlds of their own, each of N agents follows its θ_n, all others θ.

    Args:
      thetas: θ of every population.
      population: that of the deviating agents.
      agents: [N] their indices; theta_n a stack [N].
      num_worlds: B for each agent, so N * B worlds are rolled out.
      everybody: whether the others' trajectories are returned too.

    Returns:
      The trajectories of the deviating agents [N, B, ...], or of everybody [n, N * B, ...].
    """
    deviation = Deviation(population, agents, theta_n)
    worlds = agents.shape[0] * num_worlds
    collected, _ = rollout.collect(env, thetas, seed, worlds, deviation, everybody=everybody)
    return collected[population]


def of_agents(trajectory: Trajectory, agents: tf.Tensor) -> Trajectory:
    """The trajectories of these agents [N] alone, out of everybody's τ^θ."""
    return tf.nest.map_structure(lambda v: tf.gather(v, agents), trajectory)


def of_deviating(trajectory: Trajectory, agents: tf.Tensor) -> Trajectory:
    """The trajectories [N, B, ...] of the deviating agents, out of everybody's [n, N * B, ...]."""
    return tf.nest.map_structure(lambda v: rollout.own(v, agents), trajectory)
