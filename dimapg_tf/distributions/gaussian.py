"""Real-valued actions: a diagonal Gaussian, not squashed, whose samples environments clip.

The network gives the mean; the standard deviations are parameters of θ that no observation
changes, as in rllab's GaussianMLPPolicy. Log-probabilities, entropy and KL are those of the
Gaussian itself, before clipping, and exact. Outputs count from the middle of the space in units of
half its width, so that the first policy is centred and neither too bold nor too timid.
"""

import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from dimapg_tf.types import Box

tfd = tfp.distributions

# Not in the paper: half of half the width. 95 % of the first actions are within the bounds.
FIRST_LOG_STD = math.log(0.5)
# Its exponential is so small that nothing is left to chance, and still not 0.
CERTAIN_LOG_STD = -80.0


@dataclass(frozen=True)
class Gaussian:
    """See `base.Distribution`; outputs [..., 2 D]: means, then logarithms of deviations, both in
    the units of the space; actions [..., D]."""

    space: Box

    def outputs_of(self, network: tf.Tensor, _: tf.Tensor, log_std: tf.Tensor) -> tf.Tensor:
        """[..., M, 2 D] from means [..., M, D] and log_std [..., D]."""
        return tf.concat([network, tf.zeros_like(network) + log_std[..., None, :]], axis=-1)

    def normal(self, outputs: tf.Tensor) -> tfd.Distribution:
        """The distribution itself, in the environment's units."""
        means, log_std = tf.split(outputs, 2, axis=-1)
        middle, half = self._frame(outputs.dtype)
        return tfd.Independent(
            tfd.Normal(middle + half * means, half * tf.exp(log_std)), reinterpreted_batch_ndims=1
        )

    def log_prob(self, outputs: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        """log of the density [...] at actions before clipping."""
        return self.normal(outputs).log_prob(actions)

    def entropy(self, outputs: tf.Tensor) -> tf.Tensor:
        """Differential entropy [...]."""
        return self.normal(outputs).entropy()

    def kl(self, old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        """KL(π_old || π_new) [...]."""
        return tfd.kl_divergence(self.normal(old), self.normal(new))

    def sample(self, outputs: tf.Tensor, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(actions before clipping, log-densities) from standard normal noise [..., D]."""
        parts = self.normal(outputs).distribution
        actions = parts.loc + parts.scale * tf.cast(noise, outputs.dtype)
        return actions, self.log_prob(outputs, actions)

    def most_probable(self, outputs: tf.Tensor) -> tf.Tensor:
        """The mean."""
        return self.normal(outputs).distribution.loc

    def in_bounds(self, actions: tf.Tensor) -> tf.Tensor:
        """Actions clipped at the space's bounds."""
        low, high = (tf.constant(bound, actions.dtype) for bound in self.space)
        return tf.clip_by_value(actions, low, high)

    def _frame(self, dtype: tf.DType) -> tuple[tf.Tensor, tf.Tensor]:
        """Middle and half the width [D]; 0 and 1 where a bound is infinite."""
        low, high = np.array(self.space.low), np.array(self.space.high)
        finite = np.isfinite(low) & np.isfinite(high)
        low, high = (np.where(finite, bound, of_none) for bound, of_none in ((low, -1), (high, 1)))
        middle, half = (low + high) / 2, (high - low) / 2
        return tf.constant(middle, dtype), tf.constant(half, dtype)
