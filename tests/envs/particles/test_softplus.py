"""The softness of contacts against NumPy in float64."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf.envs.particles.softplus import softplus


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 3e-7), (np.float64, 2e-15)])
def test_it_is_numpys(dtype, error):
    """From where nothing is left of it to where nothing else is; densely around a contact."""
    x = np.concatenate([np.linspace(-80, 1e5, 100_001), np.linspace(-3, 3, 100_001)]).astype(dtype)
    truth = np.logaddexp(0.0, x.astype(np.float64))
    values = tf.function(softplus, jit_compile=True)(tf.constant(x)).numpy()
    assert values.dtype == dtype
    np.testing.assert_allclose(values, truth, rtol=error)


def test_bodies_that_are_infinitely_far_apart():
    np.testing.assert_array_equal(softplus(tf.constant([-np.inf, np.inf])), [0.0, np.inf])
