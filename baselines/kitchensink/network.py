"""The network of the kitchen sinks (paper, App. C.1): joint observations to joint actions.

    n x m matrix -> conv 2x2, 16, ELU -> conv 2x2, 32, ELU -> dense 256, ELU -> LSTM 256
                 -> one categorical policy for each agent, and a value

n agents observe m = O numbers each. With m = 14 (n = 3) and m = 42 (n = 10), the observations of
Cooperative Navigation, and 5 actions there are 875,904 and 3,981,475 parameters.

Reading of the paper: the convolutions are padded at the end so that the matrix keeps its shape
(TensorFlow's SAME, the default of its layers in 2018). Without padding one prey or two predators
could not be fed through two kernels of size 2.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from baselines.kitchensink import lstm, torso
from baselines.kitchensink.lstm import Memory
from baselines.kitchensink.settings import PAPER, Sizes
from baselines.kitchensink.torso import KERNEL
from dimapg_tf.types import Layer, Population

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
    n, m, num_actions = population[:3]
    first, second = sizes.conv
    hidden = sizes.lstm
    area = KERNEL * KERNEL
    recurrent = _layer(generator, (sizes.dense + hidden, 4 * hidden), dtype)
    remember = np.zeros(4 * hidden)
    remember[2 * hidden : 3 * hidden] = 1.0
    return JointParams(
        _layer(generator, (KERNEL, KERNEL, 1, first), dtype, area, area * first),
        _layer(generator, (KERNEL, KERNEL, first, second), dtype, area * first, area * second),
        _layer(generator, (n * m * second, sizes.dense), dtype),
        Layer(recurrent.weights, tf.constant(remember, dtype)),
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


class Way(NamedTuple):
    """What the layers gave on the way of some steps, from which derivatives are computed.

    torso: [T, B, ...] of each; gates [T, B, 4 H]; cells and outputs [T, B, H]; of a single step
    without the axis of time.
    """

    torso: torso.Outputs
    gates: tf.Tensor
    cells: tf.Tensor
    outputs: tf.Tensor


def heads(params: JointParams, features: tf.Tensor, num_agents: int) -> tuple:
    """Logits [M, n, A] and values [M] from the LSTM's output [M, H]."""
    logits = tf.matmul(features, params.policy.weights) + params.policy.bias
    values = tf.matmul(features, params.value.weights) + params.value.bias
    return tf.reshape(logits, [features.shape[0], num_agents, -1]), values[:, 0]


def step(params: JointParams, observations: tf.Tensor, memory: Memory) -> tuple:
    """One decision: observations [B, n, m] -> (logits [B, n, A], values [B], memory)."""
    return step_with_way(params, observations, memory)[:3]


def step_with_way(params: JointParams, observations: tf.Tensor, memory: Memory) -> tuple:
    """`step`, and its `Way`."""
    below = torso.run(params, observations)
    inputs = tf.concat([below.dense, memory.output], axis=1)
    gates = tf.matmul(inputs, params.lstm.weights) + params.lstm.bias
    memory = lstm.step(gates, memory)
    way = Way(below, gates, memory.cell, memory.output)
    return *heads(params, memory.output, observations.shape[1]), memory, way


def unroll(params: JointParams, observations: tf.Tensor, memory: Memory) -> tuple:
    """`step` over time, for the gradient: everything but the recurrence is done for all steps.

    Args:
      observations: [T, B, n, m]; memory: before the first step.

    Returns:
      (logits [T, B, n, A], values [T, B], features [T, B, H], memory after the last step).
    """
    steps, worlds, n, m = observations.shape
    below = torso.run(params, tf.reshape(observations, [steps * worlds, n, m])).dense
    from_inputs, from_memory = split_lstm(params)
    gates = tf.matmul(below, from_inputs) + params.lstm.bias
    gates = tf.reshape(gates, [steps, worlds, -1])
    outputs, cell = lstm.unroll(gates, from_memory, *memory)
    return *heads_of_all(params, outputs, n), outputs, Memory(cell, outputs[-1])


def heads_of_all(params: JointParams, outputs: tf.Tensor, num_agents: int) -> tuple:
    """Logits [T, B, n, A] and values [T, B] from the LSTM's outputs [T, B, H]."""
    steps, worlds, _ = outputs.shape
    logits, values = heads(params, tf.reshape(outputs, [steps * worlds, -1]), num_agents)
    return (
        tf.reshape(logits, [steps, worlds, num_agents, -1]),
        tf.reshape(values, [steps, worlds]),
    )


def split_lstm(params: JointParams) -> tuple[tf.Tensor, tf.Tensor]:
    """The LSTM's weights of its inputs [D, 4 H] and of its memory [H, 4 H]."""
    hidden = params.policy.weights.shape[0]
    return tf.split(params.lstm.weights, [params.lstm.weights.shape[0] - hidden, hidden])
