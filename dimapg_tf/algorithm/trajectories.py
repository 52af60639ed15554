"""The two kinds of trajectories: τ^θ (Eq. 6) and τ^{θ, θ_n} (Eq. 8)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts import decisions
from dimapg_tf.rollouts.collect import Collected, collect, collect_deviating, places
from dimapg_tf.types import Deviation, Params, StepCount, Trajectory


def shared(
    env: Env,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    agents: Mapping[str, tf.Tensor],
    recorded: Mapping[str, Any] | None = None,
) -> Collected:
    """τ^θ, Eq. 6: every agent follows the θ of its population.

    Reading of the paper: one set of B joint rollouts serves every sampled agent n. Games record
    these `agents` only, other environments everybody or, where they are named, those `recorded`.
    The task's own measures come with them.
    """
    record_states = env.spec.compiled  # a few numbers beside the observations
    return collect(env, thetas, seed, num_worlds, record_states, agents, recorded)


def deviating(
    env: Env,
    thetas: Mapping[str, Params],
    deviation: Deviation,
    seed: int,
    num_worlds: int,
    everybody: bool = False,
    recorded: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Trajectory], StepCount]:
    """τ^{θ, θ_n}, Eq. 8: the deviating agents follow their θ_n, all others θ.

    Args:
      thetas: θ of every population.
      num_worlds: B for each agent: N * B worlds are rolled out, or B if all deviate in them.
      everybody: whether the others' trajectories are returned too; not of games.
      recorded: {population: [R]} who are returned then, those who deviate among them; None: all.

    Returns:
      ({population: the trajectories of the deviating agents [N, B, ...]}, or those of everybody in
      all populations [n or R, N * B, ...]; steps). A world is left to itself once its deviating
      agents are dead.
    """
    if not deviation.simultaneous:
        num_worlds *= deviation.agents.shape[0]
    return collect_deviating(env, thetas, deviation, seed, num_worlds, everybody, recorded)


def of_agents(joint: Collected, name: str, agents: tf.Tensor) -> Trajectory:
    """The trajectories of these agents [N] alone, who must be among the recorded ones."""
    if np.array_equal(joint.recorded[name], agents):
        return joint.trajectories[name]
    place = places(joint.recorded[name], agents)
    return tf.nest.map_structure(lambda v: tf.gather(v, place), joint.trajectories[name])


def of_deviating(trajectory: Trajectory, agents: tf.Tensor) -> Trajectory:
    """The trajectories [N, B, ...] of the deviating agents, out of everybody's [n, N * B, ...]."""
    return tf.nest.map_structure(lambda v: decisions.of_deviating(v, agents, False), trajectory)
