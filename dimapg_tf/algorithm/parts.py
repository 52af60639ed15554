"""What a block of agents or rollouts adds to the gradient, the objective and the trust region.

Each is a sum, so that parts can be added up; `central_update` and `meta_gradient` have the means.
"""

from collections.abc import Sequence

import tensorflow as tf

from dimapg_tf import trpo
from dimapg_tf.algorithm.all_data import Followers
from dimapg_tf.algorithm.central_update import Visited, fisher_product_at, kl_from
from dimapg_tf.algorithm.meta_gradient import Estimator, MetaData, objective_sums
from dimapg_tf.types import Params


def gradient_part(
    theta: Params, own: MetaData | None, followers: Sequence[Followers], estimator: Estimator
) -> tuple[tf.Tensor, tf.Tensor]:
    """(`Sums` [3], gradients [2, D] of its total and of its entropy) at θ."""
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(theta)
        sums = objective_sums(theta, own, followers, estimator)
    zero = tf.UnconnectedGradients.ZERO
    gradients = [
        trpo.flatten(tape.gradient(value, theta, unconnected_gradients=zero))
        for value in (sums.total, sums.entropy)
    ]
    return tf.stack(sums), tf.stack(gradients)


def value_part(
    theta: Params,
    candidate: Params,
    own: MetaData | None,
    followers: Sequence[Followers],
    region: Sequence[Visited],
    estimator: Estimator,
) -> tuple[tf.Tensor, tf.Tensor]:
    """(`Sums` [3] at the candidate, [2]: KL from θ summed over samples, their number)."""
    sums = objective_sums(candidate, own, followers, estimator)
    if not region:
        return tf.stack(sums), tf.zeros([2], sums.total.dtype)
    count = _count(region, 1)
    return tf.stack(sums), tf.stack([kl_from(theta, region)(candidate) * count, count])


def product_part(
    theta: Params, region: Sequence[Visited], vector: tf.Tensor, stride: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """(F v [D] summed over every `stride`-th step of the region, the number of its samples); worlds
    that record nobody but those who left θ have no region."""
    if not region:
        return tf.zeros_like(vector), tf.zeros([], vector.dtype)
    count = _count(region, stride)
    return fisher_product_at(theta, region, stride)(vector) * count, count


def _count(region: Sequence[Visited], stride: int) -> tf.Tensor:
    return sum(tf.reduce_sum(part.counts[..., ::stride]) for part in region)


@tf.function(jit_compile=True, autograph=False)
def in_order(parts: Sequence[tf.Tensor]) -> tf.Tensor:
    """The sum of tensors of one shape, one after another.

    Not a reduction, whose order the compiler chooses: rounding makes that another sum.
    """
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total
