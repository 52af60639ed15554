"""Derivatives of an unroll from the way that it went, in both directions.

Who has played some steps has gone through all layers already. From what they gave (`network.Way`)
a gradient takes the way back alone, and so do products with a Jacobian, again and again.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from baselines.kitchensink import lstm, network, torso
from baselines.kitchensink.lstm import Memory
from baselines.kitchensink.network import JointParams, Way
from dimapg_tf.types import Layer


class Jacobian(NamedTuple):
    """Of the logits [T, B, n, A] by the parameters, at some parameters, observations and memory.

    along: J v of a direction v; against: Jᵀ u of a cotangent u [T, B, n, A], the gradients of all
    layers but the value's.
    """

    along: Callable[[JointParams], tf.Tensor]
    against: Callable[[tf.Tensor], tuple[Layer, ...]]


def unroll(params: JointParams, observations: tf.Tensor, memory: Memory, way: Way | None) -> tuple:
    """What `network.unroll` gives, to be differentiated by the parameters.

    way: of these parameters, observations and memory; then nothing is computed but the heads. The
    gradient treats memory and observations as constants. None: the way is gone here.
    """
    if way is None:
        return network.unroll(params, observations, memory)
    below = params[:4]

    @tf.custom_gradient
    def recall(*_flat):
        def gradient(outputs_bar, cell_bar):
            back = _way_back(params, observations, memory, way)
            return tf.nest.flatten(back(outputs_bar, cell_bar))

        return (tf.identity(way.outputs), tf.identity(way.cells[-1])), gradient

    outputs, cell = recall(*tf.nest.flatten(below))
    heads = network.heads_of_all(params, outputs, observations.shape[2])
    return *heads, outputs, Memory(cell, outputs[-1])


def jacobian(params: JointParams, observations: tf.Tensor, memory: Memory, way: Way) -> Jacobian:
    """Of the logits of `network.unroll`; what all products need is computed once."""
    steps, worlds, n, m = observations.shape
    rows = tf.reshape(observations, [steps * worlds, n, m])
    path = lstm.Path(way.gates, way.cells, way.outputs, memory)
    slopes = lstm.slopes_of(path)
    below = _rows_of(way.torso)
    from_inputs, from_memory = network.split_lstm(params)
    outputs = _rows(way.outputs)
    back = _way_back(params, observations, memory, way)

    def along(direction: JointParams) -> tf.Tensor:
        by_inputs, by_memory = network.split_lstm(direction)
        below_dot = torso.forward(params, rows, below, direction)
        gates_dot = tf.matmul(below_dot, from_inputs) + tf.matmul(below.dense, by_inputs)
        gates_dot = tf.reshape(gates_dot + direction.lstm.bias, way.gates.shape)
        outputs_dot = lstm.forward(slopes, path, from_memory, gates_dot, by_memory)
        logits_dot = tf.matmul(_rows(outputs_dot), params.policy.weights)
        logits_dot += tf.matmul(outputs, direction.policy.weights) + direction.policy.bias
        return tf.reshape(logits_dot, [steps, worlds, n, -1])

    def against(cotangent: tf.Tensor) -> tuple[Layer, ...]:
        bar = tf.reshape(cotangent, [steps * worlds, -1])
        policy = Layer(tf.matmul(outputs, bar, transpose_a=True), tf.reduce_sum(bar, axis=0))
        outputs_bar = tf.matmul(bar, params.policy.weights, transpose_b=True)
        outputs_bar = tf.reshape(outputs_bar, way.outputs.shape)
        return *back(outputs_bar, tf.zeros_like(way.cells[-1])), policy

    return Jacobian(along, against)


def _way_back(params: JointParams, observations: tf.Tensor, memory: Memory, way: Way) -> Callable:
    """(gradient by the LSTM's outputs, by its last cell) -> by conv_1, conv_2, dense and lstm."""
    rows = tf.reshape(observations, [-1, *observations.shape[2:]])
    path = lstm.Path(way.gates, way.cells, way.outputs, memory)
    slopes = lstm.slopes_of(path)
    below = _rows_of(way.torso)
    from_inputs, from_memory = network.split_lstm(params)

    def back(outputs_bar: tf.Tensor, cell_bar: tf.Tensor) -> tuple[Layer, ...]:
        gates_bar, _ = lstm.backward(slopes, from_memory, outputs_bar, cell_bar)
        bar = _rows(gates_bar)
        weights_bar = tf.concat(
            [
                tf.matmul(below.dense, bar, transpose_a=True),
                lstm.weights_bar(path, gates_bar),
            ],
            axis=0,
        )
        recurrent = Layer(weights_bar, tf.reduce_sum(bar, axis=0))
        dense_bar = tf.matmul(bar, from_inputs, transpose_b=True)
        return *torso.backward(params, rows, below, dense_bar), recurrent

    return back


def _rows_of(outputs: torso.Outputs) -> torso.Outputs:
    """[T, B, ...] -> [T B, ...] of each."""
    return torso.Outputs(*(tf.reshape(v, [-1, *v.shape[2:]]) for v in outputs))


def _rows(values: tf.Tensor) -> tf.Tensor:
    return tf.reshape(values, [-1, values.shape[-1]])
