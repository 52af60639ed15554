"""What both kitchen sinks measure of a joint policy: a product of one categorical for each agent.

Shapes: logits [T, B, n, A]; actions and alive [T, B, n]; the results [T, B].
"""

import tensorflow as tf

from dimapg_tf import returns
from dimapg_tf.distributions import categorical


def log_prob(logits: tf.Tensor, actions: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """log π of the joint action: the sum over agents, of which the dead do not act."""
    return tf.reduce_sum(alive * categorical.log_prob(logits, actions), axis=-1)


def entropy(logits: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """Entropy of the joint policy: the sum over agents."""
    return tf.reduce_sum(alive * categorical.entropy(logits), axis=-1)


def kl(old: tf.Tensor, new: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """KL(π_old || π_new) of the joint policies: the sum over agents."""
    return tf.reduce_sum(alive * categorical.kl(old, new), axis=-1)


def advantages(
    rewards: tf.Tensor,
    values: tf.Tensor,
    following: tf.Tensor,
    acting: tf.Tensor,
    gamma: float,
    gae_lambda: float,
) -> tf.Tensor:
    """Generalised advantage estimates [T, B] (reference 27 of the paper).

    See `returns.advantages`. With λ = 1, A_t + V_t is the n-step return of A3C: the rewards up to
    the end of the unroll, then the value there.

    Args:
      rewards, values [T, B]; following [B]: V after the last step, 0 where the episode ended.
      acting [T, B]: 1.0 where anybody was alive when acting; V is 0 where nobody was.
    """
    time_last = map(tf.transpose, (rewards, values, acting))
    return tf.transpose(returns.advantages(*time_last, gamma, gae_lambda, following))


def mean_over(values: tf.Tensor, acting: tf.Tensor) -> tf.Tensor:
    """The mean over the steps in which anybody was alive."""
    return tf.reduce_sum(values * acting) / tf.maximum(tf.reduce_sum(acting), 1.0)
