"""What both kitchen sinks measure of a joint policy: a product of one categorical for each agent.

Shapes: logits [T, B, n, A]; actions and alive [T, B, n]; the results [T, B].
"""

import tensorflow as tf

from dimapg_tf import returns


def log_prob(logits: tf.Tensor, actions: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """log π of the joint action: the sum over agents, of which the dead do not act."""
    log_probs = tf.nn.log_softmax(logits)
    chosen = tf.one_hot(actions, logits.shape[-1], dtype=logits.dtype)
    return tf.reduce_sum(alive * tf.reduce_sum(chosen * log_probs, axis=-1), axis=-1)


def entropy(logits: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """Entropy of the joint policy: the sum over agents."""
    log_probs = tf.nn.log_softmax(logits)
    return tf.reduce_sum(alive * -tf.reduce_sum(tf.exp(log_probs) * log_probs, axis=-1), axis=-1)


def kl(old: tf.Tensor, new: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """KL(π_old || π_new) of the joint policies: the sum over agents."""
    old, new = tf.nn.log_softmax(old), tf.nn.log_softmax(new)
    return tf.reduce_sum(alive * tf.reduce_sum(tf.exp(old) * (old - new), axis=-1), axis=-1)


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
