"""One decision of every agent of a population, some of whom may have left θ (Eq. 6, Eq. 8)."""

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.types import Params


def act(theta: Params, observations: tf.Tensor, noise: tf.Tensor, deviation) -> tuple:
    """One decision of every agent of a population.

    Args:
      theta: one θ or a stack of n; observations [n, B, O]; noise [n, B, ...], see `seeds`.
      deviation: None, or (agents [N], θ_n, simultaneous) of a `Deviation`.

    Returns:
      (actions [n, B, ...], (observations, actions, log_probs) of all agents [n, B, ...]).
    """
    outputs = policy.apply(theta, observations)  # [n, B, K]
    if deviation is not None:
        outputs = _deviate(outputs, observations, *deviation)
    actions, log_probs = policy.distribution_of(theta).sample(outputs, noise)
    return actions, (observations, actions, log_probs)


def _deviate(outputs, observations, agents, theta_n, simultaneous) -> tf.Tensor:
    """The outputs [n, B, K] with those of the deviating agents replaced by θ_n's."""
    # [N, B / N, K], or [N, B, K] where they are simultaneous.
    own_outputs = policy.apply(theta_n, of_deviating(observations, agents, simultaneous))
    num_agents, num_worlds, size = outputs.shape
    deviates = agents[None] == tf.range(num_agents)[:, None]  # [n, N]
    if simultaneous:
        slot = tf.argmax(deviates, axis=1)
        anyone = tf.reduce_any(deviates, axis=1)[:, None, None]
        return tf.where(anyone, tf.gather(own_outputs, slot), outputs)
    groups = agents.shape[0]
    outputs = tf.where(
        deviates[:, :, None, None],
        own_outputs[None],
        tf.reshape(outputs, [num_agents, groups, num_worlds // groups, size]),
    )
    return tf.reshape(outputs, [num_agents, num_worlds, size])


def of_deviating(values, agents, simultaneous) -> tf.Tensor:
    """What belongs to the deviating agents: of [n, B, ...] that of one in each world group
    [N, B / N, ...], or that of all in every world [N, B, ...]."""
    values = tf.convert_to_tensor(values)
    if simultaneous:
        return tf.gather(values, agents)
    groups = agents.shape[0]
    split = tf.reshape(
        values, [values.shape[0], groups, values.shape[1] // groups, *values.shape[2:]]
    )
    return tf.gather_nd(split, tf.stack([agents, tf.range(groups)], axis=1))
