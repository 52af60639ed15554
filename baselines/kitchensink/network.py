"""The network of the kitchen sinks (paper, App. C.1): joint observations to joint actions.

    n x m matrix -> conv 2x2, 16, ELU -> conv 2x2, 32, ELU -> dense 256, ELU -> LSTM 256
                 -> one categorical policy for each agent, and a value

n agents observe m = O numbers each. With m = 14 (n = 3) and m = 42 (n = 10), the observations of
Cooperative Navigation, and 5 actions there are 875,904 and 3,981,475 parameters.

Reading of the paper: the convolutions are padded at the end so that the matrix keeps its shape
(TensorFlow's SAME, the default of its layers in 2018). Without padding one prey or two predators
could not be fed through two kernels of size 2.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from baselines.kitchensink import lstm
from baselines.kitchensink.lstm import Memory
from baselines.kitchensink.settings import PAPER, Sizes
from dimapg_tf.types import Layer, Population

KERNEL = 2
# Not in the paper: the policy starts close to uniform, as in dimapg_tf.policy.
OUTPUT_SCALE = 0.01


class JointParams(NamedTuple):
    """Parameters of the joint policy and value of one population.

    convs: weights [2, 2, in, out]; lstm: weights [dense + H, 4 H], the gates in the order input,
    candidate, forget, output; policy [H, n A]; value [H, 1].
    """

    conv_1: Layer
    conv_2: Layer
    dense: Layer
    lstm: Layer
    policy: Layer
    value: Layer


def init(
    generator: np.random.Generator,
    population: Population,
    sizes: Sizes = PAPER,
    dtype: tf.DType = tf.float32,
) -> JointParams:
    """New parameters: Glorot-uniform weights, biases zero but for the forget gate's, which is 1."""
    n, m, num_actions, _ = population
    first, second = sizes.conv
    hidden = sizes.lstm
    area = KERNEL * KERNEL
    lstm = _layer(generator, (sizes.dense + hidden, 4 * hidden), dtype)
    remember = np.zeros(4 * hidden)
    remember[2 * hidden : 3 * hidden] = 1.0
    return JointParams(
        _layer(generator, (KERNEL, KERNEL, 1, first), dtype, area, area * first),
        _layer(generator, (KERNEL, KERNEL, first, second), dtype, area * first, area * second),
        _layer(generator, (n * m * second, sizes.dense), dtype),
        Layer(lstm.weights, tf.constant(remember, dtype)),
        _layer(generator, (hidden, n * num_actions), dtype, scale=OUTPUT_SCALE),
        _layer(generator, (hidden, 1), dtype),
    )


def _layer(generator, shape, dtype, fan_in=None, fan_out=None, scale=1.0) -> Layer:
    limit = scale * np.sqrt(6.0 / ((fan_in or shape[0]) + (fan_out or shape[1])))
    weights = generator.uniform(-limit, limit, shape)
    return Layer(tf.constant(weights, dtype), tf.zeros([shape[-1]], dtype))


def from_flat(tensors: Sequence[tf.Tensor]) -> JointParams:
    """Weights and biases in turn, as `tf.nest.flatten` gives them, as parameters."""
    pairs = zip(tensors[::2], tensors[1::2])
    return JointParams(*(Layer(*map(tf.convert_to_tensor, pair)) for pair in pairs))


def blank_memory(params: JointParams, num_worlds: int) -> Memory:
    """The memory at the start of an episode: zeros."""
    zeros = tf.zeros([num_worlds, params.policy.weights.shape[0]], params.policy.weights.dtype)
    return Memory(zeros, zeros)


def torso(params: JointParams, observations: tf.Tensor) -> tf.Tensor:
    """The layers below the LSTM: [M, n, m] -> [M, 256]."""
    x = observations[..., None]
    for layer in (params.conv_1, params.conv_2):
        x = tf.nn.elu(convolve(layer, x))
    flat = tf.reshape(x, [x.shape[0], -1])
    return tf.nn.elu(tf.matmul(flat, params.dense.weights) + params.dense.bias)


def convolve(layer: Layer, x: tf.Tensor) -> tf.Tensor:
    """A convolution [M, n, m, in] -> [M, n, m, out] of stride 1, as one matrix product.

    Its rows are the patches, put together from shifted slices. On its own XLA's convolution is as
    fast, but not in the loop of conjugate gradients (measured: a third of the speed).
    """
    _, n, m, _ = x.shape
    padded = tf.pad(x, [[0, 0], [0, KERNEL - 1], [0, KERNEL - 1], [0, 0]])
    patches = tf.concat(
        [padded[:, i : i + n, j : j + m] for i in range(KERNEL) for j in range(KERNEL)], axis=-1
    )
    rows = tf.reshape(patches, [-1, patches.shape[-1]])
    outputs = layer.bias.shape[0]
    weights = tf.reshape(layer.weights, [-1, outputs])
    return tf.reshape(tf.matmul(rows, weights) + layer.bias, [-1, n, m, outputs])


def heads(params: JointParams, features: tf.Tensor, num_agents: int) -> tuple:
    """Logits [M, n, A] and values [M] from the LSTM's output [M, H]."""
    logits = tf.matmul(features, params.policy.weights) + params.policy.bias
    values = tf.matmul(features, params.value.weights) + params.value.bias
    return tf.reshape(logits, [features.shape[0], num_agents, -1]), values[:, 0]


def step(params: JointParams, observations: tf.Tensor, memory: Memory) -> tuple:
    """One decision: observations [B, n, m] -> (logits [B, n, A], values [B], memory)."""
    inputs = tf.concat([torso(params, observations), memory.output], axis=1)
    memory = lstm.step(tf.matmul(inputs, params.lstm.weights) + params.lstm.bias, memory)
    return *heads(params, memory.output, observations.shape[1]), memory


def unroll(params: JointParams, observations: tf.Tensor, memory: Memory) -> tuple:
    """`step` over time, for the gradient: everything but the recurrence is done for all steps.

    Args:
      observations: [T, B, n, m]; memory: before the first step.

    Returns:
      (logits [T, B, n, A], values [T, B], features [T, B, H], memory after the last step).
    """
    steps, worlds, n, _ = observations.shape
    outputs, cell = lstm.unroll(*_gates(params, observations), *memory)
    logits, values = heads(params, tf.reshape(outputs, [steps * worlds, -1]), n)
    return (
        tf.reshape(logits, [steps, worlds, n, -1]),
        tf.reshape(values, [steps, worlds]),
        outputs,
        Memory(cell, outputs[-1]),
    )


def logits_along(
    params: JointParams, observations: tf.Tensor, memory: Memory
) -> Callable[[JointParams], tf.Tensor]:
    """Directions in parameter space -> the derivatives of `unroll`'s logits [T, B, n, A]: J v.

    Forward-mode differentiation. The way of the LSTM at `params` is gone once for all directions.
    """
    steps, worlds, n, _ = observations.shape
    from_inputs, from_memory = _gates(params, observations)
    path = lstm.run(from_inputs, from_memory, memory)
    slopes = lstm.slopes_of(path)
    rows = [steps * worlds, -1]
    outputs = tf.reshape(path.outputs, rows)

    def along(direction: JointParams) -> tf.Tensor:
        watched, dots = tf.nest.flatten(params), tf.nest.flatten(direction)
        with tf.autodiff.ForwardAccumulator(watched, dots) as accumulator:
            gates = _gates(params, observations)
        gates_dot = (accumulator.jvp(v) for v in gates)
        outputs_dot = lstm.forward(slopes, path, from_memory, *gates_dot)
        logits_dot = (
            tf.matmul(tf.reshape(outputs_dot, rows), params.policy.weights)
            + tf.matmul(outputs, direction.policy.weights)
            + direction.policy.bias
        )
        return tf.reshape(logits_dot, [steps, worlds, n, -1])

    return along


def _gates(params: JointParams, observations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The inputs' part of the LSTM's gates [T, B, 4 H]; the weights [H, 4 H] of the other part."""
    steps, worlds, n, m = observations.shape
    inputs = torso(params, tf.reshape(observations, [steps * worlds, n, m]))
    hidden = params.policy.weights.shape[0]
    from_inputs, from_memory = tf.split(params.lstm.weights, [inputs.shape[1], hidden])
    gates = tf.matmul(inputs, from_inputs) + params.lstm.bias
    return tf.reshape(gates, [steps, worlds, -1]), from_memory
