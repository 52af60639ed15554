"""One choice among A actions, by logits [..., A].

The functions of this module are the `base.Distribution` of a plain choice.
"""

from itertools import accumulate

import tensorflow as tf
import tensorflow_probability as tfp


def outputs_of(network: tf.Tensor, _observations: tf.Tensor) -> tf.Tensor:
    """The logits are what the network gives."""
    return network


def log_prob(logits: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
    """log π(a) [...] of actions [...], by logits [..., A]."""
    return tfp.distributions.Categorical(logits=logits).log_prob(actions)


def entropy(logits: tf.Tensor) -> tf.Tensor:
    """Entropy [...] of π, by logits [..., A]."""
    return tfp.distributions.Categorical(logits=logits).entropy()


def kl(old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
    """KL(π_old || π_new) [...], by logits [..., A] of both."""
    old, new = (tfp.distributions.Categorical(logits=logits) for logits in (old, new))
    return tfp.distributions.kl_divergence(old, new)


def sample(logits: tf.Tensor, uniform: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Actions int32 [...] by inverting the distribution function at given noise [...] in [0, 1).

    Returns the actions and their log-probabilities. The noise comes from outside because
    TensorFlow's generators ignore seeds or differ under XLA (see `seeds`).
    """
    log_probs = tf.nn.log_softmax(logits)
    # Running sums over the few actions one by one: XLA fuses them, tf.cumsum it does not.
    cumulative = list(accumulate(tf.unstack(tf.exp(log_probs), axis=-1)))
    threshold = tf.cast(uniform, logits.dtype) * cumulative[-1]
    actions = sum(tf.cast(threshold >= c, tf.int32) for c in cumulative[:-1])
    chosen = tf.one_hot(actions, logits.shape[-1], dtype=logits.dtype)
    return actions, tf.reduce_sum(chosen * log_probs, axis=-1)


def most_probable(logits: tf.Tensor) -> tf.Tensor:
    """The action with the largest logit, int32 [...]."""
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


def in_bounds(actions: tf.Tensor) -> tf.Tensor:
    """The actions: a choice has no bounds."""
    return actions
