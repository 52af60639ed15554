"""The layers below the LSTM and their derivatives in both directions, written out.

    n x m matrix -> conv 2x2, ELU -> conv 2x2, ELU -> dense, ELU

Written out, the derivatives take the layers' outputs as a rollout left them: nothing is computed
twice, neither for a gradient nor in a loop of conjugate gradients. The slope of an ELU follows from
its output. M is the batch.
"""

from typing import NamedTuple, Protocol

import tensorflow as tf

from dimapg_tf.types import Layer

KERNEL = 2


class Layers(Protocol):
    """Parameters, or a direction in their space; weights of a convolution [2, 2, in, out]."""

    conv_1: Layer
    conv_2: Layer
    dense: Layer


class Outputs(NamedTuple):
    """What the layers gave: first [M, n, m, C1], second [M, n m C2], dense [M, D]."""

    first: tf.Tensor
    second: tf.Tensor
    dense: tf.Tensor


def run(layers: Layers, observations: tf.Tensor) -> Outputs:
    """All layers, of observations [M, n, m]."""
    first = elu(convolve(layers.conv_1, observations[..., None]))
    second = _flat(elu(convolve(layers.conv_2, first)))
    dense = elu(tf.matmul(second, layers.dense.weights) + layers.dense.bias)
    return Outputs(first, second, dense)


def forward(
    layers: Layers, observations: tf.Tensor, outputs: Outputs, direction: Layers
) -> tf.Tensor:
    """The change of the dense layer's output [M, D] with the parameters."""
    first = _slope(outputs.first) * convolve(direction.conv_1, observations[..., None])
    blank = Layer(layers.conv_2.weights, tf.zeros_like(layers.conv_2.bias))
    second = convolve(direction.conv_2, outputs.first) + convolve(blank, first)
    second = _slope(outputs.second) * _flat(second)
    dense = tf.matmul(second, layers.dense.weights)
    dense += tf.matmul(outputs.second, direction.dense.weights) + direction.dense.bias
    return _slope(outputs.dense) * dense


def backward(
    layers: Layers, observations: tf.Tensor, outputs: Outputs, dense_bar: tf.Tensor
) -> tuple[Layer, Layer, Layer]:
    """The transpose of `forward`: gradients of conv_1, conv_2 and dense, of that by the output."""
    dense_bar = _slope(outputs.dense) * dense_bar
    dense = Layer(
        tf.matmul(outputs.second, dense_bar, transpose_a=True), tf.reduce_sum(dense_bar, axis=0)
    )
    second_bar = tf.matmul(dense_bar, layers.dense.weights, transpose_b=True)
    second_bar = tf.reshape(
        _slope(outputs.second) * second_bar, [*outputs.first.shape[:3], layers.conv_2.bias.shape[0]]
    )
    # The transpose as a convolution of its own: of a convolution's gradient in a loop XLA can make
    # plain loops.
    flipped = tf.transpose(layers.conv_2.weights[::-1, ::-1], [0, 1, 3, 2])
    before = [[0, 0], [KERNEL - 1, 0], [KERNEL - 1, 0], [0, 0]]
    first_bar = tf.nn.conv2d(second_bar, flipped, 1, before)
    second = _weights_bar(outputs.first, second_bar)
    first_bar = _slope(outputs.first) * first_bar
    first = _weights_bar(observations[..., None], first_bar)
    return first, second, dense


def convolve(layer: Layer, x: tf.Tensor) -> tf.Tensor:
    """A convolution [M, n, m, in] -> [M, n, m, out] of stride 1, padded at the end.

    Of a single input it is a sum of four outer products, which XLA fuses with what follows.
    """
    if x.shape[-1] > 1:
        return tf.nn.conv2d(x, layer.weights, 1, "SAME") + layer.bias
    weights = tf.reshape(layer.weights, [KERNEL * KERNEL, -1])
    parts = [v * w for v, w in zip(_shifted(x), tf.unstack(weights))]
    return tf.add_n(parts) + layer.bias


def elu(x: tf.Tensor) -> tf.Tensor:
    """x above 0, exp(x) - 1 below: to rounding, `tf.nn.elu`, whose expm1 takes longer."""
    return tf.nn.relu(x) + (tf.exp(tf.minimum(x, 0.0)) - 1.0)


def _slope(output: tf.Tensor) -> tf.Tensor:
    """Of an ELU, from its output."""
    return tf.minimum(output, 0.0) + 1.0


def _shifted(x: tf.Tensor) -> list[tf.Tensor]:
    """x [M, n, m, in] as each of the kernel's weights sees it, row by row."""
    _, n, m, _ = x.shape
    padded = tf.pad(x, [[0, 0], [0, KERNEL - 1], [0, KERNEL - 1], [0, 0]])
    return [padded[:, i : i + n, j : j + m] for i in range(KERNEL) for j in range(KERNEL)]


def _weights_bar(x: tf.Tensor, output_bar: tf.Tensor) -> Layer:
    """Gradients of a convolution of x [M, n, m, in], of that by its output [M, n, m, out].

    A matrix product for each of the kernel's weights: XLA's convolution for it can be a plain loop.
    """
    outputs = output_bar.shape[-1]
    rows = tf.reshape(output_bar, [-1, outputs])
    weights = [
        tf.matmul(tf.reshape(shifted, [-1, x.shape[-1]]), rows, transpose_a=True)
        for shifted in _shifted(x)
    ]
    shape = [KERNEL, KERNEL, x.shape[-1], outputs]
    return Layer(tf.reshape(tf.stack(weights), shape), tf.reduce_sum(rows, axis=0))


def _flat(x: tf.Tensor) -> tf.Tensor:
    return tf.reshape(x, [x.shape[0], -1])
