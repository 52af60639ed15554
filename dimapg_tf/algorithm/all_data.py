"""The estimator that uses every sample of an iteration (`--sampling_term=all_data`).

Of the B (1 + k N) episodes of an iteration Eq. 14 looks at one agent's data in all but the first B:
2 / (1 + k N) of all. In the worlds of Eq. 8, however, all agents but one follow θ, and so do those
of the other populations: they are on-policy data of the deployed policy. Here there is ONE mean
over every sample of every rollout, each weighted with its own agent's advantage. The likelihood
ratio of an agent that deviated is taken through its θ_n^{[j]}(θ), that of all others at θ. Of
games, which record the sampled agents alone, it is one mean over what they record. docs/gradient.md
says what this estimates.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm.objective import Batch
from dimapg_tf.returns import discounted_sums
from dimapg_tf.rollouts import decisions
from dimapg_tf.types import Params, Trajectory


class Followers(NamedTuple):
    """Those who followed θ in one rollout, M samples of each of n agents.

    observations [n, M, O]; actions [n, M] or [n, M, D]; log_probs, advantages [n, M]; counts
    [n, M]: 1.0 where an agent was alive and followed θ, else 0.0.
    """

    observations: tf.Tensor
    actions: tf.Tensor
    log_probs: tf.Tensor
    advantages: tf.Tensor
    counts: tf.Tensor


class Everybody(NamedTuple):
    """Of one rollout: the batch of the N agents who matter to Eq. 14, and who followed θ."""

    own: Batch
    followers: Followers


def of_shared(everybody: Batch, agents: tf.Tensor) -> Everybody:
    """τ^θ: all followed θ; `own` is that of the sampled agents [N]."""
    own = tf.nest.map_structure(lambda v: tf.gather(v, agents), everybody)
    return Everybody(own, followers(everybody))


def of_deviating(
    everybody: Batch, own_returns: tf.Tensor, agents: tf.Tensor, simultaneous: bool
) -> Everybody:
    """τ^{θ, θ_n}: `own` is that of the agents [N] who left θ, with L_n = own_returns [N].

    The worlds are in N groups, in each of which one agent left θ, or, where simultaneous, all of
    them did in every world.
    """
    num_agents, num_samples = everybody.weights.shape
    mask = deviating_mask(agents, num_agents, num_samples, simultaneous)
    if simultaneous:
        own = tf.nest.map_structure(lambda v: tf.gather(v, agents), everybody)
        return Everybody(own._replace(returns=own_returns), followers(everybody, mask))
    groups = agents.shape[0]
    place = tf.stack([agents, tf.range(groups)], axis=1)

    def in_group(values):
        split = [num_agents, groups, num_samples // groups, *values.shape[2:]]
        return tf.gather_nd(tf.reshape(values, split), place)

    samples = [in_group(v) for v in everybody[:5]]
    weights = samples[4] / tf.maximum(tf.reduce_sum(samples[4], axis=1, keepdims=True), 1e-30)
    own = Batch(
        *samples[:4],
        weights,
        own_returns,
        tf.gather(everybody.scale, agents),
        tf.gather(everybody.episodes, agents) / groups,
    )
    return Everybody(own, followers(everybody, mask))


def own_returns(
    everybody: Trajectory, agents: tf.Tensor, simultaneous: bool, gamma: float
) -> tf.Tensor:
    """L_n of the agents who left θ, out of everybody's trajectories: [N]."""
    rewards, alive = (
        decisions.of_deviating(v, agents, simultaneous)
        for v in (everybody.rewards, everybody.alive)
    )
    return tf.reduce_mean(discounted_sums(rewards * alive, gamma)[:, :, 0], axis=1)


def deviating_mask(agents: tf.Tensor, num_agents: int, num_samples: int, simultaneous: bool):
    """1.0 where an agent of the population left θ: [n, M] of samples in groups of worlds.

    agents [N]: agents[g] deviates in group g of N, or all of them everywhere where simultaneous.
    """
    mask = tf.one_hot(agents, num_agents, axis=0)  # [n, N]
    if simultaneous:
        return tf.repeat(tf.reduce_max(mask, axis=1, keepdims=True), num_samples, axis=1)
    return tf.repeat(mask, num_samples // agents.shape[0], axis=1)


def followers(batch: Batch, deviates: tf.Tensor | None = None) -> Followers:
    """Everybody's samples [n, M] without those of agents who left θ, deviates [n, M]."""
    counts = living(batch)
    if deviates is not None:
        counts *= 1.0 - tf.cast(deviates, counts.dtype)
    return Followers(batch.observations, batch.actions, batch.log_probs, batch.advantages, counts)


def joined(rollouts: Sequence[Followers]) -> Followers:
    """The samples of several rollouts as those of one, which makes a smaller program."""
    return tf.nest.map_structure(lambda *v: tf.concat(v, axis=1), *rollouts)


def living(batch: Batch) -> tf.Tensor:
    """1.0 for each sample of an agent that was alive: [N, M]."""
    return tf.cast(batch.weights > 0.0, batch.weights.dtype)


def mean_over_all(
    theta: Params,
    rollouts: Sequence[Followers],
    deviating: Sequence[Batch],
    path: Sequence[Params],
) -> tf.Tensor:
    """The mean of likelihood ratio times advantage over all samples of all rollouts: a scalar.

    Args:
      rollouts: who followed θ, in τ^θ and in each τ^{θ, θ_n}, of any population's deviation.
      deviating: the batches of the agents that left θ, in step j = 1, ..., k.
      path: θ_n^{[1]}, ..., θ_n^{[k]} as functions of θ, a stack [N] each.
    """
    total, count = sums_over_all(theta, rollouts, deviating, path)
    return total / tf.maximum(count, 1.0)


def sums_over_all(
    theta: Params,
    rollouts: Sequence[Followers],
    deviating: Sequence[Batch] = (),
    path: Sequence[Params] = (),
) -> tuple[tf.Tensor, tf.Tensor]:
    """The same mean as (sum of likelihood ratio times advantage, number of samples): scalars."""
    parts = [
        *((theta, rollout, rollout.counts) for rollout in rollouts),
        *((theta_n, batch, living(batch)) for theta_n, batch in zip(path, deviating)),
    ]
    total = sum(tf.reduce_sum(sums_of_ratios(*part)) for part in parts)
    count = sum(tf.reduce_sum(counts) for *_, counts in parts)
    return total, count


def sums_of_ratios(theta: Params, data: Followers | Batch, counts: tf.Tensor) -> tf.Tensor:
    """Sum over the samples of each agent of likelihood ratio times advantage, counted: [N]."""
    log_probs = policy.log_prob(theta, data.observations, data.actions)
    return tf.reduce_sum(counts * data.advantages * tf.exp(log_probs - data.log_probs), axis=1)
