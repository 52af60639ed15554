"""The interface of distributions over actions, and the output layer that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from dimapg_tf.types import Box, Choices

if TYPE_CHECKING:
    import tensorflow as tf


class Distribution(Protocol):
    """A family of distributions; one of them is named by `outputs` [..., K] of a policy.

    `outputs` hold all its parameters: those of one agent can be put in the place of another's.
    Actions are [...], or [..., D] where an agent decides several things at once.
    """

    def outputs_of(
        self, network: tf.Tensor, observations: tf.Tensor, *more: tf.Tensor
    ) -> tf.Tensor:
        """`outputs` [..., M, K], from what the network gives for observations [..., M, O] and the
        parameters that no observation changes."""

    def log_prob(self, outputs: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        """log π(a) [...]; a density where actions are real numbers."""

    def entropy(self, outputs: tf.Tensor) -> tf.Tensor:
        """Entropy [...]; in nats, of the density where actions are real numbers."""

    def kl(self, old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        """KL(π_old || π_new) [...]."""

    def sample(self, outputs: tf.Tensor, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(actions, their log-probabilities) from given noise, see `seeds.noise_of`."""

    def most_probable(self, outputs: tf.Tensor) -> tf.Tensor:
        """The mode."""

    def in_bounds(self, actions: tf.Tensor) -> tf.Tensor:
        """The actions as an environment takes them: clipped, where the space has bounds."""


@dataclass
class Output:
    """The output layer of a θ whose actions are not one plain choice (those have a `Layer`).

    weights [..., in, out], bias [..., out], more: parameters that no observation changes, such as
    the logarithm of standard deviations [..., D]; space: what the outputs are about. TensorFlow
    takes it for a structure of its tensors, so gradients, stacks and steps of θ keep the space.
    """

    weights: Any
    bias: Any
    more: tuple[Any, ...]
    space: Choices | Box

    def __tf_flatten__(self) -> tuple[tuple, tuple]:
        return (self.space,), (self.weights, self.bias, *self.more)

    @classmethod
    def __tf_unflatten__(cls, metadata: tuple, components: tuple) -> Output:
        weights, bias, *more = components
        return cls(weights, bias, tuple(more), *metadata)
