"""The written-out derivatives of the LSTM against those of TensorFlow's tape, in float64."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.kitchensink import lstm
from baselines.kitchensink.lstm import Memory

T, B, H = 4, 3, 2


@pytest.fixture
def inputs(generator):
    """The inputs' part of the gates, the memory's weights, the cell and output before."""
    shapes = [(T, B, 4 * H), (H, 4 * H), (B, H), (B, H)]
    return [tf.constant(generator.normal(size=shape)) for shape in shapes]


def step_by_step(from_inputs, from_memory, cell, output):
    memory, outputs = Memory(cell, output), []
    for t in range(T):
        memory = lstm.step(from_inputs[t] + tf.matmul(memory.output, from_memory), memory)
        outputs.append(memory.output)
    return tf.stack(outputs), memory.cell


def test_gradients_are_those_of_the_tape(inputs, generator):
    """By everything that goes in, of the outputs and the last cell, in any direction."""
    bars = [tf.constant(generator.normal(size=shape)) for shape in [(T, B, H), (B, H)]]
    gradients = []
    for function in (lstm.unroll, step_by_step):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            results = function(*inputs)
        gradients.append((results, tape.gradient(results, inputs, output_gradients=bars)))
    for got, expected in zip(*map(tf.nest.flatten, gradients)):
        np.testing.assert_allclose(got, expected, atol=1e-12)


def test_change_forward_is_that_of_the_accumulator(inputs, generator):
    """With the inputs' part of the gates and the weights; the memory before stays."""
    dots = [tf.constant(generator.normal(size=v.shape)) for v in inputs[:2]]
    with tf.autodiff.ForwardAccumulator(inputs[:2], dots) as accumulator:
        outputs, _ = step_by_step(*inputs)
    expected = accumulator.jvp(outputs)
    from_inputs, from_memory, *before = inputs
    path = lstm.run(from_inputs, from_memory, Memory(*before))
    np.testing.assert_allclose(path.outputs, outputs, atol=1e-12)
    got = lstm.forward(lstm.slopes_of(path), path, from_memory, *dots)
    np.testing.assert_allclose(got, expected, atol=1e-12)
