"""The linear feature baseline against a loop in NumPy."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf.algorithm import value_baseline
from dimapg_tf.algorithm.value_baseline import Fit


def fit_predict(observations, returns, alive, fit=value_baseline.RLLAB):
    """V of the samples that the baseline was fitted to."""
    problem = value_baseline.normal_equations(observations, returns, alive, fit)
    coefficients = value_baseline.solve(problem.gram, problem.moment)
    return value_baseline.predict(problem, coefficients, returns.shape)


def test_fit_for_each_agent_alone(generator):
    observations = generator.normal(0.0, 6.0, (2, 4, 10, 3))  # some beyond the clip
    assert (np.abs(observations) > value_baseline.CLIP).any()
    returns = generator.normal(size=(2, 4, 10))
    alive = np.ones((2, 4, 10))
    alive[1, 2, 5:] = 0.0
    got = fit_predict(*(tf.constant(v) for v in (observations, returns, alive)))
    for n in range(2):
        expected = reference.linear_baseline(
            observations[n], returns[n], alive[n], value_baseline.RIDGE
        )
        np.testing.assert_allclose(got[n], expected, atol=1e-8)


@pytest.mark.parametrize(("samples", "stride"), [(None, 1), (40, 1), (20, 2), (14, 2), (3, 13)])
def test_random_features_and_a_fit_to_some_samples(samples, stride, generator):
    observations = generator.normal(0.0, 6.0, (2, 4, 10, 3))
    returns = generator.normal(size=(2, 4, 10))
    alive = np.ones_like(returns)
    units = np.random.default_rng(value_baseline.UNITS_SEED)
    units = units.normal(size=(3, 7)), units.normal(size=7)
    values = (tf.constant(v) for v in (observations, returns, alive))
    got = fit_predict(*values, Fit(random_features=7, samples=samples))
    for n in range(2):
        expected = reference.linear_baseline(
            observations[n], returns[n], alive[n], value_baseline.RIDGE, units, stride
        )
        np.testing.assert_allclose(got[n], expected, atol=1e-8)


def test_random_features_see_what_depends_on_two_numbers(generator):
    """Whether somebody else is near the same goal is a product, and rllab's features have none."""
    observations = generator.uniform(-1.0, 1.0, (1, 20, 100, 4))
    returns = observations[..., 0] * observations[..., 1]
    values = [tf.constant(v) for v in (observations, returns, np.ones_like(returns))]
    left = [
        np.mean((fit_predict(*values, fit) - returns) ** 2)
        for fit in (Fit(), Fit(random_features=64))
    ]
    assert left[1] < 0.25 * left[0]


def test_what_the_features_span_is_fitted():
    time = np.arange(50) / 100.0
    returns = np.broadcast_to(1.0 + time - 3.0 * time**3, (1, 2, 50))
    observations = np.zeros((1, 2, 50, 1))
    got = fit_predict(
        tf.constant(observations), tf.constant(returns), tf.ones([1, 2, 50], tf.float64)
    )
    np.testing.assert_allclose(got, returns, atol=1e-2)  # the ridge shrinks a little


def test_float32_is_good_enough(generator):
    """Correlated observations of a real size: float32 predicts what float64 does."""
    base = generator.normal(size=(1, 25, 200, 4))
    observations = np.concatenate([base, base + 0.01 * generator.normal(size=base.shape)], -1)
    returns = base.sum(-1) - np.arange(200) / 10.0
    alive = np.ones_like(returns)
    exact, quick = (
        fit_predict(*(tf.constant(v, dtype) for v in (observations, returns, alive)))
        for dtype in (tf.float64, tf.float32)
    )
    np.testing.assert_allclose(quick, exact, atol=2e-2)
    assert np.abs(exact - returns).max() < 0.1


@pytest.mark.parametrize(
    ("low", "high", "size"), [(19.0, 21.0, 4), (0.0, 255.0, 64), (0.0, 1e-3, 3)]
)
def test_any_units_can_be_solved_in_float32(low, high, size, generator):
    """Beyond the clip features are constants, collinear with the 1."""
    observations = generator.uniform(low, high, (2, 25, 25, size)).astype(np.float32)
    returns = generator.normal(5.0, 1.0, (2, 25, 25)).astype(np.float32)
    got = fit_predict(*(tf.constant(v) for v in (observations, returns, np.ones_like(returns))))
    assert np.isfinite(got).all()
    assert np.mean((got - returns) ** 2) <= 1.01 * returns.var()


def test_many_constant_features(generator):
    """Half of 42 observations beyond the clip, agent 0 only: agent 1 is solved as ever."""
    observations = generator.normal(0.0, 3.0, (2, 25, 1, 42)) + generator.normal(
        0.0, 0.5, (2, 25, 200, 42)
    ).cumsum(axis=2)
    observations[0, ..., ::2] = 15.0
    returns = generator.normal(size=(2, 25, 200)).cumsum(axis=2)
    values = (observations, returns, np.ones_like(returns))
    got = fit_predict(*(tf.constant(v, tf.float32) for v in values))
    exact = fit_predict(*(tf.constant(v) for v in values))
    assert np.mean((got[0] - returns[0]) ** 2) < 0.7 * returns[0].var()
    np.testing.assert_allclose(got[1], exact[1], atol=0.05)


def test_what_is_not_a_number_stays_so(generator):
    """The learner reports it; a solver that raises would hide whose it was."""
    observations = generator.normal(size=(2, 2, 10, 3))
    observations[0, 1, 3, 2] = np.nan
    returns = generator.normal(size=(2, 2, 10))
    got = fit_predict(*(tf.constant(v) for v in (observations, returns, np.ones_like(returns))))
    assert np.isnan(got[0]).all()
    assert np.isfinite(got[1]).all()
