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
) -> Trajectory:
    """τ^{θ, θ_n}, Eq. 8: in worlds of their own, each of N agents follows its θ_n, all others θ.

    Args:
      thetas: θ of every population.
      population: that of the deviating agents.
      agents: [N] their indices; theta_n a stack [N].
      num_worlds: B for each agent, so N * B worlds are rolled out.

    Returns:
      The trajectories of the deviating agents [N, B, ...].
    """
    deviation = Deviation(population, agents, theta_n)
    collected, _ = rollout.collect(env, thetas, seed, agents.shape[0] * num_worlds, deviation)
    return collected[population]


def of_agents(trajectory: Trajectory, agents: tf.Tensor) -> Trajectory:
    """The trajectories of these agents [N] alone."""
    return tf.nest.map_structure(lambda v: tf.gather(v, agents), trajectory)
