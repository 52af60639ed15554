"""Several independent choices at once, and choices of which only some are legal.

An action mask is part of the observation, its last numbers, so that whoever has an observation
knows what was legal when it was made.
"""

from dataclasses import dataclass

import tensorflow as tf

from dimapg_tf.distributions import categorical
from dimapg_tf.types import Choices

# The logit of an action that is not legal: its probability is 0, and no sum becomes infinite.
NEVER = -1e30


@dataclass(frozen=True)
class SeveralChoices:
    """A product of categoricals, see `base.Distribution`; logits [..., Σ A_d], actions [..., D].

    One choice has actions [...].
    """

    space: Choices

    def outputs_of(self, network: tf.Tensor, observations: tf.Tensor) -> tf.Tensor:
        """The network's logits with those of illegal actions at `NEVER`; they have no gradient.

        Where nothing is legal, as in the zeros that stand for a dead agent, all are equal.
        """
        if not self.space.masked:
            return network
        legal = observations[..., -sum(self.space.sizes) :] > 0.5
        return tf.where(legal, network, tf.constant(NEVER, network.dtype))

    def log_prob(self, outputs: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        """log π(a) [...]."""
        return tf.add_n(list(map(categorical.log_prob, self._each(outputs), self._split(actions))))

    def entropy(self, outputs: tf.Tensor) -> tf.Tensor:
        """Entropy [...], over legal actions."""
        return tf.add_n(list(map(categorical.entropy, self._each(outputs))))

    def kl(self, old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        """KL(π_old || π_new) [...], over legal actions."""
        return tf.add_n(list(map(categorical.kl, self._each(old), self._each(new))))

    def sample(self, outputs: tf.Tensor, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(actions, log-probabilities) from uniform noise of the shape of the actions."""
        drawn = list(map(categorical.sample, self._each(outputs), self._split(noise)))
        actions, log_probs = zip(*drawn)
        return self._join(actions), tf.add_n(list(log_probs))

    def most_probable(self, outputs: tf.Tensor) -> tf.Tensor:
        """The most probable of each choice."""
        return self._join(list(map(categorical.most_probable, self._each(outputs))))

    def in_bounds(self, actions: tf.Tensor) -> tf.Tensor:
        """The actions: choices have no bounds."""
        return actions

    def _each(self, logits: tf.Tensor) -> list[tf.Tensor]:
        return tf.split(logits, self.space.sizes, axis=-1)

    def _split(self, values: tf.Tensor) -> list[tf.Tensor]:
        return [values] if len(self.space.sizes) == 1 else tf.unstack(values, axis=-1)

    def _join(self, actions) -> tf.Tensor:
        return actions[0] if len(self.space.sizes) == 1 else tf.stack(actions, axis=-1)
