"""Discounted sums of rewards (Eq. 1) and generalised advantages. Time is the last axis."""

import tensorflow as tf


def discounted_sums(values: tf.Tensor, discount: float) -> tf.Tensor:
    """Σ_{t' ≥ t} discount^(t' - t) values_{t'} for every t: [..., T] -> [..., T] (Eq. 1).

    A product with the triangular matrix of the powers: one matrix product where a scan would take
    T dependent steps.
    """
    horizon = values.shape[-1]
    steps = tf.range(horizon, dtype=values.dtype)
    ahead = steps[:, None] - steps[None]  # [t', t]
    base = tf.constant(discount, values.dtype)
    powers = tf.where(ahead >= 0, tf.pow(base, tf.abs(ahead)), 0.0)
    return tf.reshape(tf.matmul(tf.reshape(values, [-1, horizon]), powers), values.shape)


def advantages(
    rewards: tf.Tensor,
    values: tf.Tensor,
    alive: tf.Tensor,
    gamma: float,
    gae_lambda: float,
    final_values: tf.Tensor | None = None,
) -> tf.Tensor:
    """Generalised advantage estimates [..., T] (reference 27 of the paper).

    δ_t = r_t + γ V_{t+1} - V_t, summed with discount γλ; V is 0 after death. λ = 1 is the
    discounted return, with γ^(T - t) of the final value, minus the baseline V_t.

    Args:
      rewards, values [..., T]; alive [..., T]: 1.0 until death.
      final_values: V after the last step [...], where the episode goes on; None: 0.
    """
    if final_values is None:
        final_values = tf.zeros_like(values[..., 0])
    following = tf.concat([(values * alive)[..., 1:], final_values[..., None]], axis=-1)
    deltas = (rewards + gamma * following - values) * alive
    return discounted_sums(deltas, gamma * gae_lambda)
