"""The policy gradient through the adaptation (Eq. 14).

Eq. 14 has two terms. The first raises the return after adaptation: L_n ∇ log π_{θ_n}(τ^{θ, θ_n}),
where θ_n depends on θ through the k steps of Eq. 10; a tape over `adapt` differentiates through
them. The second is the sampling term, L_n ∇ log π_θ(τ^θ): θ also decides on which data agent n
adapts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from dimapg_tf.algorithm.adaptation import adapt
from dimapg_tf.algorithm.objective import Batch, importance_surrogate, mean_entropy
from dimapg_tf.types import Params

META_GRADIENTS = ("exact", "first_order", "none")
SAMPLING_TERMS = ("adapted_return", "advantage", "none")


class MetaData(NamedTuple):
    """All that Eq. 14 needs of one population.

    before: the batches of the k adaptation steps, the first from τ^θ, the others from τ^{θ, θ_n}.
    after: the batch from the final τ^{θ, θ_n}.
    displacement: θ_n - θ as it was when the final trajectories were rolled out.
    """

    before: tuple[Batch, ...]
    after: Batch
    displacement: Params


def adapted(theta: Params, data: MetaData, alphas: Sequence[float], meta_gradient: str) -> Params:
    """θ_n as a function of θ: through the adaptation, or moved by a constant (first order)."""
    if meta_gradient == "exact":
        return adapt(theta, data.before, alphas)
    return tf.nest.map_structure(lambda v, d: v[None] + d, theta, data.displacement)


def sampling_weighting(data: MetaData, sampling_term: str) -> tf.Tensor:
    """What weights ∇ log π_θ(τ^θ) in the second term of Eq. 14: [N, M].

    `adapted_return` is Eq. 14 as printed: the return L_n after adaptation, one number for each
    agent, centred over the agents (a baseline; without one its variance drowns the first term)
    and in the units of the first term's advantages. `advantage` is the advantage on τ^θ itself:
    the policy gradient of the policy that is deployed.
    """
    if sampling_term == "advantage":
        return data.before[0].advantages
    centred = data.after.returns - tf.reduce_mean(data.after.returns)
    return tf.broadcast_to((centred / data.after.scale)[:, None], data.before[0].advantages.shape)


def objective(
    theta: Params,
    data: MetaData,
    alphas: Sequence[float],
    meta_gradient: str,
    sampling_term: str,
    entropy_bonus: float = 0.0,
) -> tf.Tensor:
    """The sampled surrogate of Eq. 13, a scalar whose gradient at the current θ is Eq. 14.

    The mean over agents of Eq. 13 stands for the sum of Eq. 11, so that ε does not depend on N.
    `meta_gradient=none` is plain parameter sharing: the advantages on τ^θ alone. `entropy_bonus`
    weights the entropy of π_θ on τ^θ, which the paper does not have.
    """
    first = data.before[0]
    if meta_gradient == "none":
        total = importance_surrogate(theta, first, first.advantages)
    else:
        theta_n = adapted(theta, data, alphas, meta_gradient)
        total = importance_surrogate(theta_n, data.after, data.after.advantages)
        if sampling_term != "none":
            weighting = tf.stop_gradient(sampling_weighting(data, sampling_term))
            total += importance_surrogate(theta, first, weighting)
    if entropy_bonus:
        total += entropy_bonus * mean_entropy(theta, first)
    return tf.reduce_mean(total)


def meta_gradient(
    theta: Params,
    data: MetaData,
    alphas: Sequence[float],
    meta_gradient: str,
    sampling_term: str,
    entropy_bonus: float = 0.0,
) -> tuple[tf.Tensor, Params]:
    """(value, gradient) of `objective` at θ: Eq. 14 averaged over the sampled agents."""
    with tf.GradientTape() as tape:
        tape.watch(theta)
        value = objective(theta, data, alphas, meta_gradient, sampling_term, entropy_bonus)
    return value, tape.gradient(value, theta)
