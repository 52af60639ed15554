"""The other agents' part of the score, which Eq. 14 as printed leaves out.

Every rollout is the work of all agents: the others follow θ, so ∇_θ log P(τ) holds their
∇_θ log π_θ as well. docs/gradient.md derives when it counts.
"""

from typing import NamedTuple

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm.objective import Batch
from dimapg_tf.types import Params, Trajectory


class Others(NamedTuple):
    """What all agents m did while agent n's batch of M samples was collected, agent after agent.

    observations [N, n M, O]; actions and log_probs [N, n M]; weights [N, n M]: those of agent n's
    own samples, and 0 where m = n, m is dead or n is.
    """

    observations: tf.Tensor
    actions: tf.Tensor
    log_probs: tf.Tensor
    weights: tf.Tensor


def make_others(trajectory: Trajectory, own: Batch, agents: tf.Tensor) -> Others:
    """The samples of the others beside `own`, the batches of the sampled agents.

    Args:
      trajectory: of the whole population, [n, B, ...] from τ^θ, the same for every sampled agent,
        or [n, N * B, ...] from τ^{θ, θ_n}, in groups of worlds.
      agents: [N] indices of the sampled agents.
    """
    num_sampled, num_samples = own.weights.shape
    num_agents, num_worlds, horizon = trajectory.alive.shape
    groups = num_worlds * horizon // num_samples  # 1 or N

    def arrange(values):
        tail = values.shape[3:]
        values = tf.reshape(values, [num_agents, groups, num_samples, *tail])
        values = tf.broadcast_to(values, [num_agents, num_sampled, num_samples, *tail])
        values = tf.transpose(values, [1, 0, *range(2, values.shape.rank)])  # [N, n, M, ...]
        return tf.reshape(values, [num_sampled, num_agents * num_samples, *tail])

    observations, actions, log_probs, _, alive = map(arrange, trajectory)
    is_other = 1.0 - tf.one_hot(agents, num_agents, dtype=alive.dtype)  # [N, n]
    weights = is_other[:, :, None] * own.weights[:, None]
    weights = tf.reshape(weights, alive.shape) * alive
    return Others(observations, actions, log_probs, weights)


def others_surrogate(theta: Params, others: Others, weighting: tf.Tensor) -> tf.Tensor:
    """[N]: mean over agent n's samples of its weighting times the sum of the others' ratios.

    weighting [N, M]: what multiplies the scores of that time step, for agent n and for the others.
    """
    log_probs = policy.log_prob(theta, others.observations, others.actions)
    ratio = tf.exp(log_probs - others.log_probs)
    num_agents = others.actions.shape[1] // weighting.shape[1]
    return tf.reduce_sum(others.weights * tf.tile(weighting, [1, num_agents]) * ratio, axis=1)
