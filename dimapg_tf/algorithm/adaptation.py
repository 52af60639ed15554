"""θ_n: k policy-gradient steps away from θ (Eq. 9, Eq. 10).

Written once and used twice: to act, and again under the outer tape of `meta_gradient`.
"""

from collections.abc import Sequence

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm.objective import Batch, surrogate
from dimapg_tf.types import Params


def adapt_step(theta_n: Params, batch: Batch, alpha: float) -> Params:
    """θ_n + α ∇_{θ_n} L_n(θ, θ_n), Eq. 9 and each step of Eq. 10, for N agents at once.

    theta_n is a stack [N]. L_n depends on its own θ_n alone, so the gradient of the sum over n
    holds each agent's gradient.
    """
    with tf.GradientTape() as tape:
        tape.watch(theta_n)
        total = tf.reduce_sum(surrogate(theta_n, batch))
    gradient = tape.gradient(total, theta_n)
    return tf.nest.map_structure(lambda v, g: v + alpha * g, theta_n, gradient)


def adaptation_path(
    theta: Params, batches: Sequence[Batch], alphas: Sequence[float]
) -> list[Params]:
    """θ_n^{[0]} = θ, θ_n^{[1]}, ..., θ_n^{[k]} of Eq. 10; batch j holds the data of step j + 1.

    Readings of the paper: the first step uses τ^θ and α_1 (Eq. 9), the others fresh τ^{θ, θ_n}
    and α_2 (Eq. 10).
    """
    path = [policy.stack(theta, batches[0].actions.shape[0])]
    for batch, alpha in zip(batches, alphas):
        path.append(adapt_step(path[-1], batch, alpha))
    return path


def adapt(theta: Params, batches: Sequence[Batch], alphas: Sequence[float]) -> Params:
    """θ_n^{[k]} of Eq. 10."""
    return adaptation_path(theta, batches, alphas)[-1]
