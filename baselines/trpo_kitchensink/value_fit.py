"""The value layer of TRPO-Kitchensink, fitted by least squares."""

import tensorflow as tf

from dimapg_tf.types import Layer


def fit(features: tf.Tensor, targets: tf.Tensor, acting: tf.Tensor, ridge: float) -> Layer:
    """The linear layer on the LSTM's output that predicts the returns best.

    Ridge regression in closed form: `ridge` times the mean square of the features is added to the
    diagonal; the bias, which is the mean of the targets at the mean feature, pays nothing.

    Args:
      features [T, B, H]; targets [T, B]; acting [T, B]: weights, 1.0 or 0.0.

    Returns:
      Layer of weights [H, 1] and bias [1].
    """
    size = features.shape[-1]
    weights = tf.reshape(acting / tf.maximum(tf.reduce_sum(acting), 1.0), [-1, 1])
    x, y = tf.reshape(features, [-1, size]), tf.reshape(targets, [-1, 1])
    mean_x = tf.reduce_sum(weights * x, axis=0, keepdims=True)
    mean_y = tf.reduce_sum(weights * y)
    x, y = x - mean_x, y - mean_y
    gram = tf.matmul(weights * x, x, transpose_a=True)
    scale = tf.linalg.trace(gram) / size + 1e-8
    moment = tf.matmul(weights * x, y, transpose_a=True)
    regular = gram + ridge * scale * tf.eye(size, dtype=x.dtype)
    slope = tf.linalg.cholesky_solve(tf.linalg.cholesky(regular), moment)
    return Layer(slope, tf.reshape(mean_y - tf.matmul(mean_x, slope), [1]))


def explained_variance(values: tf.Tensor, targets: tf.Tensor, acting: tf.Tensor) -> tf.Tensor:
    """1 - var(target - value) / var(target): 1 is perfect, 0 no better than a constant."""
    weights = acting / tf.maximum(tf.reduce_sum(acting), 1.0)

    def variance(x):
        return tf.reduce_sum(weights * tf.square(x - tf.reduce_sum(weights * x)))

    return 1.0 - variance(targets - values) / (variance(targets) + 1e-12)
