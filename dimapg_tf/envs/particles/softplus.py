"""log(1 + exp(x)), the softness of a contact, as fast as its precision allows."""

import numpy as np
import tensorflow as tf

# log(1 + t) / t for 0 <= t <= 1 as a polynomial: off by 3e-8 of it, less than what float32 rounds.
# XLA's logarithm takes longer.
LOGARITHM = np.polynomial.Chebyshev.interpolate(
    lambda t: np.log1p(t) / t, deg=8, domain=[0.0, 1.0]
).convert(kind=np.polynomial.Polynomial)


def softplus(x: tf.Tensor) -> tf.Tensor:
    """Without overflow; to 3e-7 of the value in float32, to rounding in float64."""
    t = tf.exp(-tf.abs(x))
    return tf.maximum(x, 0.0) + (t * _over_t(t) if x.dtype == tf.float32 else tf.math.log1p(t))


def _over_t(t: tf.Tensor) -> tf.Tensor:
    """log(1 + t) / t by Horner's rule."""
    *lower, value = LOGARITHM.coef.tolist()
    for coefficient in reversed(lower):
        value = value * t + coefficient
    return value
