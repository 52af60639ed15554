"""The least-squares value layer against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.trpo_kitchensink import value_fit


def test_fit_is_least_squares_over_those_who_act(generator):
    features = generator.normal(size=(6, 5, 3)) + 2.0
    targets = generator.normal(size=(6, 5))
    acting = np.ones((6, 5))
    acting[4:, 2] = 0.0
    layer = value_fit.fit(*map(tf.constant, (features, targets, acting)), ridge=1e-12)
    rows = np.concatenate([features, np.ones((6, 5, 1))], axis=-1)[acting > 0]
    expected, *_ = np.linalg.lstsq(rows, targets[acting > 0], rcond=None)
    np.testing.assert_allclose(layer.weights[:, 0], expected[:3], atol=1e-8)
    np.testing.assert_allclose(layer.bias, expected[3:], atol=1e-8)


def test_ridge(generator):
    """Shrinks the slopes, in units of the features' mean square; the bias pays nothing."""
    x, y = generator.normal(size=(50, 1, 2)), generator.normal(size=(50, 1)) + 7.0
    layer = value_fit.fit(*map(tf.constant, (x, y, np.ones((50, 1)))), ridge=0.5)
    centred = x[:, 0] - x[:, 0].mean(axis=0)
    gram = centred.T @ centred / 50
    regular = gram + 0.5 * np.trace(gram) / 2 * np.eye(2)
    slope = np.linalg.solve(regular, centred.T @ y[:, 0] / 50)
    np.testing.assert_allclose(layer.weights[:, 0], slope, atol=1e-6)
    assert float(layer.bias[0]) == pytest.approx(y.mean() - x[:, 0].mean(axis=0) @ slope)


def test_constant_features_are_no_trouble():
    layer = value_fit.fit(tf.ones([4, 3, 2]), tf.fill([4, 3], 5.0), tf.ones([4, 3]), ridge=1e-3)
    assert float(tf.reduce_sum(layer.weights) + layer.bias[0]) == pytest.approx(5.0)


def test_explained_variance(generator):
    targets = generator.normal(size=(6, 5))
    ones = np.ones((6, 5))
    explained = [
        float(value_fit.explained_variance(*map(tf.constant, (values, targets, ones))))
        for values in (targets + 3.0, ones, 0.5 * targets)
    ]
    assert explained == pytest.approx([1.0, 0.0, 0.75], abs=1e-9)
