"""The policy gradient through the adaptation (Eq. 14), and its relatives.

Eq. 14 has two terms. The first raises the return after adaptation: L_n ∇ log π_{θ_n}(τ^{θ, θ_n}),
where θ_n depends on θ through the k steps of Eq. 10; a tape over the adaptation differentiates
through them. The second is the sampling term, L_n ∇ log π_θ(τ^θ): θ also decides on which data
agent n adapts. docs/gradient.md compares all variants with the exact gradient of Eq. 13.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm.adaptation import adaptation_path
from dimapg_tf.algorithm.all_data import Followers, mean_over_all, sums_over_all
from dimapg_tf.algorithm.objective import Batch, importance_surrogate, mean_entropy
from dimapg_tf.algorithm.others import Others, others_surrogate
from dimapg_tf.types import Params


class MetaData(NamedTuple):
    """All that Eq. 14 needs of one population.

    before: the batches of the k adaptation steps, the first from τ^θ, the others from τ^{θ, θ_n}.
    after: the batch from the final τ^{θ, θ_n}.
    displacements: θ_n^{[j]} - θ for j = 1, ..., k, as the trajectories were rolled out.
    baseline [N]: subtracted from L_n in the sampling term; must not depend on these trajectories.
    others_before, others_after: the other agents beside each batch; empty without others_term.
    followers: {population: who followed its θ, in each rollout}; empty without all_data.
    """

    before: tuple[Batch, ...]
    after: Batch
    displacements: tuple[Params, ...]
    baseline: tf.Tensor
    others_before: tuple[Others, ...] = ()
    others_after: tuple[Others, ...] = ()
    followers: dict[str, tuple[Followers, ...]] = {}  # noqa: RUF012


class Estimator(NamedTuple):
    """Which gradient is estimated; `algorithm.settings` explains the choices.

    entropy_bonus: its weight, a tensor where it changes with the iteration; None: no bonus.
    """

    alphas: Sequence[float]
    meta_gradient: str
    sampling_term: str
    entropy_bonus: tf.Tensor | float | None = None


def path_of(theta: Params, data: MetaData, estimator: Estimator) -> list[Params]:
    """θ_n^{[0]}, ..., θ_n^{[k]} as functions of θ, as far as the estimator looks at them.

    Through the adaptation, or moved by constants (first order).
    """
    if estimator.meta_gradient == "exact":
        return adaptation_path(theta, data.before, estimator.alphas)
    path = [policy.stack(theta, data.before[0].actions.shape[0])]
    for displacement in data.displacements:
        path.append(tf.nest.map_structure(lambda v, d: v[None] + d, theta, displacement))
    return path


def scores(
    theta_n: Params, theta: Params, batch: Batch, others: Sequence[Others], weighting: tf.Tensor
) -> tf.Tensor:
    """[N]: agent n's likelihood ratios under θ_n, and the others' under θ, times `weighting`."""
    total = importance_surrogate(theta_n, batch, weighting)
    for other in others:
        total += others_surrogate(theta, other, weighting)
    return total


def adapted_return_weighting(data: MetaData, batch: Batch) -> tf.Tensor:
    """L_n(θ, θ_n) - baseline for every sample of a batch that θ_n was made from: [N, M].

    In the units of the first term, which is a mean over B episodes and divided by `scale`; the
    log-probability of all data is a sum over the episodes, hence the factor B.
    """
    weight = batch.episodes * (data.after.returns - data.baseline) / data.after.scale
    return tf.broadcast_to(weight[:, None], batch.advantages.shape)


def objective_of_each(theta: Params, data: MetaData, estimator: Estimator) -> tf.Tensor:
    """The sampled surrogate of each agent's part of Eq. 13: [N]; at θ its gradient is Eq. 14.

    `meta_gradient=none` is plain parameter sharing: the advantages on τ^θ alone.
    """
    first, others_first = data.before[0], data.others_before[:1]
    if estimator.meta_gradient == "none":
        return scores(theta, theta, first, others_first, first.advantages)
    path = path_of(theta, data, estimator)
    total = scores(path[-1], theta, data.after, data.others_after, data.after.advantages)
    if estimator.sampling_term == "advantage":
        total += scores(theta, theta, first, others_first, first.advantages)
    elif estimator.sampling_term != "none":
        steps = 1 if estimator.sampling_term == "adapted_return" else len(data.before)
        for j, batch in enumerate(data.before[:steps]):
            weighting = adapted_return_weighting(data, batch)
            total += scores(path[j], theta, batch, data.others_before[j : j + 1], weighting)
    return total


def objective(theta: Params, data: MetaData, estimator: Estimator) -> tf.Tensor:
    """The mean over agents of Eq. 13, which stands for the sum of Eq. 11: ε does not depend on N.

    `entropy_bonus` weights the entropy of π_θ on τ^θ, which the paper does not have.
    """
    everybody = theta
    if data.followers:  # of all_data
        (rollouts,) = data.followers.values()
        everybody, *path = path_of(theta, data, estimator)
        total = mean_over_all(theta, rollouts, (*data.before[1:], data.after), path)
    else:
        total = tf.reduce_mean(objective_of_each(theta, data, estimator))
    if estimator.entropy_bonus is not None:
        # As a stack of θ, as which the adaptation has the same outputs of the policy already.
        entropy = mean_entropy(everybody, data.before[0])
        total += estimator.entropy_bonus * tf.reduce_mean(entropy)
    return total


class Sums(NamedTuple):
    """What `objective` is the mean of, over a part of the agents or rollouts: scalars.

    total and count: of the agents, or with all_data of the samples; entropy: summed over agents.
    """

    total: tf.Tensor
    count: tf.Tensor
    entropy: tf.Tensor


def objective_sums(
    theta: Params, own: MetaData | None, followers: Sequence[Followers], estimator: Estimator
) -> Sums:
    """The part that some agents and rollouts have in `objective` as a function of θ.

    Args:
      own: of agents that left θ, if any of this population did.
      followers: with all_data, those of this population who followed θ, in each rollout.
    """
    zero = tf.zeros([], theta[0].weights.dtype)
    if own is None and not followers:
        return Sums(zero, zero, zero)
    entropy = zero if own is None else tf.reduce_sum(mean_entropy(theta, own.before[0]))
    if estimator.sampling_term == "all_data":
        if own is None:
            return Sums(*sums_over_all(theta, followers), entropy)
        path = path_of(theta, own, estimator)
        deviating = (*own.before[1:], own.after)
        return Sums(*sums_over_all(theta, followers, deviating, path[1:]), entropy)
    each = objective_of_each(theta, own, estimator)
    return Sums(tf.reduce_sum(each), zero + each.shape[0], entropy)


def with_followers_of_all(data: dict[str, MetaData]) -> dict[str, MetaData]:
    """Each population's data with those of its agents who followed θ while others deviated."""
    return {
        name: own._replace(
            followers={name: sum((other.followers.get(name, ()) for other in data.values()), ())}
        )
        if own.followers
        else own
        for name, own in data.items()
    }


def meta_gradient(theta: Params, data: MetaData, estimator: Estimator) -> tuple[tf.Tensor, Params]:
    """(value, gradient) of `objective` at θ: Eq. 14 averaged over the sampled agents."""
    with tf.GradientTape() as tape:
        tape.watch(theta)
        value = objective(theta, data, estimator)
    return value, tape.gradient(value, theta)
