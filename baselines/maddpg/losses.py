"""What critics and actors minimise (Lowe et al. 2017, section 4.1; openai/maddpg).

Every loss is [n], one number an agent; a population's agents are stacked. Letters as in
dimapg_tf.types; M is the batch.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.types import Params


def gumbel_softmax(logits: tf.Tensor, uniform: tf.Tensor, relaxation: str) -> tf.Tensor:
    """A sample of a categorical distribution that a gradient passes through, [..., A].

    softmax(logits - log(-log u)) at temperature 1 (Jang et al. 2017; the original's SoftCategorical
    distribution). `straight_through` gives its largest entry as one-hot, with the gradient of the
    softmax: what a world with discrete actions sees.

    Args:
      logits, uniform: [..., A]; the noise is in [0, 1).
    """
    tiny = np.finfo(np.float32).tiny
    noise = -tf.math.log(-tf.math.log(tf.maximum(tf.cast(uniform, logits.dtype), tiny)))
    soft = tf.nn.softmax(logits + noise)
    if relaxation == "soft":
        return soft
    hard = tf.one_hot(tf.argmax(soft, axis=-1), logits.shape[-1], dtype=logits.dtype)
    return soft + tf.stop_gradient(hard - soft)


def td_target(rewards: tf.Tensor, next_values: tf.Tensor, gamma: float) -> tf.Tensor:
    """y = r + γ Q'(x', a'_1, ..., a'_N), [n, M].

    The end of an episode is a time limit, not a terminal state: as in the original, whose worlds
    never report `done`, the value of what would have followed counts.
    """
    return tf.stop_gradient(rewards + gamma * next_values)


def critic_loss(values: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Mean over the batch of (Q_i(x, a_1, ..., a_N) - y_i)², [n]; both [n, M]."""
    return tf.reduce_mean(tf.square(values - targets), axis=1)


def actor_loss(
    actor: Params,
    values_of_own_action: Callable[[tf.Tensor], tf.Tensor],
    observations: tf.Tensor,
    actions: tf.Tensor,
    uniform: tf.Tensor,
    relaxation: str,
    logit_penalty: float,
) -> tf.Tensor:
    """-mean Q_i(x, a_1, ..., μ_i(o_i), ..., a_N) + penalty · mean squared logit, [n].

    Only the own action comes from the actor; the others' are those of the batch.

    Args:
      values_of_own_action: Q_i [n, M] where each agent's own action, and it alone, is another, as
        a function of the change [n, M, A].
      observations: [n, M, O]; actions: [n, M, A] one-hot.
      uniform: [n, M, A] noise of the own action.
    """
    logits = policy.apply(actor, observations)
    change = gumbel_softmax(logits, uniform, relaxation) - actions
    q = values_of_own_action(change)
    return -tf.reduce_mean(q, axis=1) + logit_penalty * tf.reduce_mean(tf.square(logits), [1, 2])
