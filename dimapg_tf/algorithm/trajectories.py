"""The two kinds of trajectories: τ^θ (Eq. 6) and τ^{θ, θ_n} (Eq. 8)."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts import decisions
from dimapg_tf.rollouts.collect import Collected, collect, collect_deviating
from dimapg_tf.types import Deviation, Params, StepCount, Trajectory


def shared(
    env: Env,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    agents: Mapping[str, tf.Tensor],
) -> Collected:
    """τ^θ, Eq. 6: every agent follows the θ of its population.

    Reading of the paper: one set of B joint rollouts serves every sampled agent n. Games record
    these `agents` only, other environments everybody. The task's own measures come with them.
    """
    record_states = env.spec.compiled  # a few numbers beside the observations
    return collect(env, thetas, seed, num_worlds, record_states, agents)


def deviating(
    env: Env,
    thetas: Mapping[str, Params],
    deviation: Deviation,
    seed: int,
    num_worlds: int,
    everybody: bool = False,
) -> tuple[dict[str, Trajectory], StepCount]:
    """τ^{θ, θ_n}, Eq. 8: the deviating agents follow their θ_n, all others θ.

    Args:
      thetas: θ of every population.
      num_worlds: B for each agent: N * B worlds are rolled out, or B if all deviate in them.
      everybody: whether the others' trajectories are returned too; not of games.

    Returns:
      ({population: the trajectories of the deviating agents [N, B, ...]}, or those of everybody in
      all populations [n, N * B, ...]; steps). A world is left to itself once its deviating
      agents are dead.
    """
    if not deviation.simultaneous:
        num_worlds *= deviation.agents.shape[0]
    return collect_deviating(env, thetas, deviation, seed, num_worlds, everybody)


def of_agents(joint: Collected, name: str, agents: tf.Tensor) -> Trajectory:
    """The trajectories of these agents [N] alone, who must be among the recorded ones."""
    recorded = np.asarray(joint.recorded[name])
    if np.array_equal(recorded, agents):
        return joint.trajectories[name]
    place = np.searchsorted(recorded, agents)  # both are in ascending order
    return tf.nest.map_structure(lambda v: tf.gather(v, place), joint.trajectories[name])


def of_deviating(trajectory: Trajectory, agents: tf.Tensor) -> Trajectory:
    """The trajectories [N, B, ...] of the deviating agents, out of everybody's [n, N * B, ...]."""
    return tf.nest.map_structure(lambda v: decisions.of_deviating(v, agents, False), trajectory)
