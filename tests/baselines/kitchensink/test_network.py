"""The network of App. C.1 against TensorFlow's own layers."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.kitchensink import network, torso
from baselines.kitchensink.network import Memory, Sizes
from dimapg_tf import seeds
from dimapg_tf.types import ConfigurationError, Layer, Population

TINY = Sizes((2, 3), 4, 5)


def tiny_params(n=2, m=3, num_actions=4):
    """Parameters in float64, all far from zero."""
    params = network.init(seeds.generator(0), Population(n, m, num_actions), TINY, tf.float64)
    generator = seeds.generator(1)
    return tf.nest.map_structure(lambda v: v + generator.normal(0, 0.3, v.shape), params)


@pytest.mark.parametrize(("n", "m", "total"), [(3, 14, 875_904), (10, 42, 3_981_475)])
def test_shapes_and_parameter_counts_of_the_paper(n, m, total):
    params = network.init(seeds.generator(0), Population(n, m, 5))
    shapes = [tuple(layer.weights.shape) for layer in params]
    assert shapes == [
        (2, 2, 1, 16),
        (2, 2, 16, 32),
        (n * m * 32, 256),
        (256 + 256, 4 * 256),
        (256, 5 * n),
        (256, 1),
    ]
    assert [layer.bias.shape[0] for layer in params] == [16, 32, 256, 1024, 5 * n, 1]
    assert sum(v.shape.num_elements() for v in tf.nest.flatten(params)) == total
    gates = tf.reshape(params.lstm.bias, [4, 256])  # input, candidate, forget, output
    np.testing.assert_array_equal(gates, np.repeat([[0.0], [0.0], [1.0], [0.0]], 256, axis=1))
    memory = network.blank_memory(params, 4)
    logits, values, memory = network.step(params, tf.zeros([4, n, m]), memory)
    assert (logits.shape, values.shape) == ((4, n, 5), (4,))
    assert memory.cell.shape == memory.output.shape == (4, 256)


def test_the_first_policy_is_close_to_uniform():
    params = network.init(seeds.generator(0), Population(3, 14, 5))
    observations = tf.constant(seeds.generator(1).normal(size=(6, 3, 14)), tf.float32)
    logits, _, _ = network.step(params, observations, network.blank_memory(params, 6))
    assert np.abs(logits).max() < 0.05


@pytest.mark.parametrize(("n", "m"), [(1, 3), (2, 3), (3, 5)])
def test_convolution_is_tensorflows(n, m, generator):
    """Of one input, and of several."""
    for inputs in (1, 3):
        weights = tf.constant(generator.normal(size=(2, 2, inputs, 4)))
        layer = Layer(weights, tf.constant(np.arange(4.0)))
        x = tf.constant(generator.normal(size=(6, n, m, inputs)))
        expected = tf.nn.conv2d(x, layer.weights, 1, "SAME") + layer.bias
        np.testing.assert_allclose(torso.convolve(layer, x), expected, atol=1e-12)


def test_torso_is_keras_layers(generator):
    """conv, ELU, conv, ELU, flatten, dense, ELU."""
    params = tiny_params()
    observations = generator.normal(size=(6, 2, 3))
    keras = tf.keras.layers
    layers = [
        keras.Conv2D(2, 2, padding="same", activation="elu", dtype="float64"),
        keras.Conv2D(3, 2, padding="same", activation="elu", dtype="float64"),
        keras.Flatten(),
        keras.Dense(4, activation="elu", dtype="float64"),
    ]
    x = observations[..., None]
    for layer, layer_params in zip(layers, (params.conv_1, params.conv_2, None, params.dense)):
        layer.build(x.shape)
        if layer_params is not None:
            layer.set_weights([layer_params.weights.numpy(), layer_params.bias.numpy()])
        x = np.asarray(layer(x))
    outputs = torso.run(params, tf.constant(observations))
    np.testing.assert_allclose(outputs.dense, x, atol=1e-9)


def test_unroll_is_keras_lstm_and_steps(generator):
    """Over 4 steps of 3 worlds, from a memory that is not blank; whole and step by step."""
    params = tiny_params()
    observations = tf.constant(generator.normal(size=(4, 3, 2, 3)))
    before = Memory(*(tf.constant(generator.normal(size=(3, 5))) for _ in range(2)))
    logits, values, features, after = network.unroll(params, observations, before)

    memory = before
    for t in range(4):
        step_logits, step_values, memory = network.step(params, observations[t], memory)
        np.testing.assert_allclose(logits[t], step_logits, atol=1e-12)
        np.testing.assert_allclose(values[t], step_values, atol=1e-12)
        np.testing.assert_allclose(features[t], memory.output, atol=1e-12)
    for whole, stepped in zip(after, memory):
        np.testing.assert_allclose(whole, stepped, atol=1e-12)

    inputs = np.stack([torso.run(params, observations[t]).dense for t in range(4)], axis=1)
    lstm = tf.keras.layers.LSTM(5, return_sequences=True, return_state=True, dtype="float64")
    lstm.build(inputs.shape)
    order = [0, 2, 1, 3]  # Keras: input, forget, candidate, output

    def keras_gates(v):
        return np.concatenate([np.split(v, 4, axis=-1)[i] for i in order], axis=-1)

    weights = keras_gates(params.lstm.weights.numpy())
    lstm.set_weights([weights[:4], weights[4:], keras_gates(params.lstm.bias.numpy())])
    outputs, _, cell = lstm(inputs, initial_state=[before.output, before.cell])
    np.testing.assert_allclose(features, np.swapaxes(outputs, 0, 1), atol=1e-6)
    np.testing.assert_allclose(after.cell, cell, atol=1e-6)


def test_parameters_from_a_flat_list():
    params = tiny_params()
    back = network.from_flat(tf.nest.flatten(params))
    tf.nest.assert_same_structure(params, back)
    np.testing.assert_array_equal(back.value.weights, params.value.weights)


@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        (Sizes(conv=(4,)), "conv = 4"),
        (Sizes(conv=(4, 0)), "conv = 0"),
        (Sizes(dense=0), "dense = 0"),
        (Sizes(lstm=-1), "lstm = -1"),
    ],
)
def test_sizes_that_cannot_be(sizes, named):
    with pytest.raises(ConfigurationError, match=named):
        sizes.check()
