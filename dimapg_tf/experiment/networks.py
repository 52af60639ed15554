"""What a policy needs of a network, whatever the learner; and that of `dimapg_tf.policy`."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.distributions import Distribution
from dimapg_tf.types import Params


class Network(NamedTuple):
    """What the parameters of one population are, and how it decides with them.

    from_flat: (weights and biases in turn, the space of the actions) -> parameters.
    blank_memory: (parameters, B) -> the memory at the start of an episode; None where nothing is
      remembered.
    sample: (parameters, observations [B, n, O], memory, noise [n, B, ...] of `seeds.noise_of`) ->
      (actions [B, n, ...], memory); real actions within their bounds.
    most_probable: (parameters, observations [B, n, O], memory) -> (actions [B, n, ...], memory).
    outputs: the same -> (parameters of the distribution of actions [B, n, K], memory).
    """

    from_flat: Callable[..., Any]
    blank_memory: Callable[..., Any]
    sample: Callable[..., Any]
    most_probable: Callable[..., Any]
    outputs: Callable[..., Any]


@tf.function(jit_compile=True, autograph=False)
def _sample(
    theta: Params, observations: tf.Tensor, memory: None, noise: tf.Tensor
) -> tuple[tf.Tensor, None]:
    outputs = policy.apply(theta, tf.transpose(observations, [1, 0, 2]))
    distribution = policy.distribution_of(theta)
    return _executed(distribution, distribution.sample(outputs, noise)[0]), memory


@tf.function(jit_compile=True, autograph=False)
def _most_probable(theta: Params, observations: tf.Tensor, memory: None) -> tuple[tf.Tensor, None]:
    outputs = policy.apply(theta, tf.transpose(observations, [1, 0, 2]))
    distribution = policy.distribution_of(theta)
    return _executed(distribution, distribution.most_probable(outputs)), memory


def _outputs(theta: Params, observations: tf.Tensor, memory: None) -> tuple[tf.Tensor, None]:
    outputs = policy.apply(theta, tf.transpose(observations, [1, 0, 2]))
    return tf.transpose(outputs, [1, 0, 2]), memory


def _executed(distribution: Distribution, actions: tf.Tensor) -> tf.Tensor:
    """Actions [n, B, ...] as environments take them [B, n, ...]."""
    actions = distribution.in_bounds(actions)
    return tf.transpose(actions, [1, 0, *range(2, actions.shape.rank)])


FEED_FORWARD = Network(
    policy.from_flat,
    lambda theta, num_worlds: None,
    _sample,
    _most_probable,
    _outputs,
)
"""`dimapg_tf.policy`: one θ, or a stack of one for each agent."""
