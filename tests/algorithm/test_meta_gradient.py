"""Eq. 14 against central finite differences of the surrogate, computed in NumPy."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import policy, trpo
from dimapg_tf.algorithm import meta_gradient as eq_14
from dimapg_tf.algorithm.adaptation import adapt, adaptation_path
from dimapg_tf.algorithm.choices import SAMPLING_TERMS

ALPHAS = (0.5, 0.3, 0.2)  # large, so that the second derivatives count


@pytest.fixture
def make_data(small_theta, make_small_batch):
    """MetaData of 2 agents for k steps, consistent: log-probabilities are of who acted."""

    def make(k):
        before = []
        for _ in range(k):
            before.append(
                make_small_batch(
                    adapt(small_theta, before, ALPHAS) if before else policy.stack(small_theta, 2)
                )
            )
        theta_n = adapt(small_theta, before, ALPHAS[:k])
        displacements = tuple(
            tf.nest.map_structure(lambda n, o: n - o[None], step, small_theta)
            for step in adaptation_path(small_theta, before, ALPHAS)[1:]
        )
        baseline = tf.constant([0.3, -0.2], tf.float64)
        return eq_14.MetaData(tuple(before), make_small_batch(theta_n), displacements, baseline)

    return make


def relative_error(gradient, expected):
    got, expected = trpo.flatten(gradient).numpy(), reference.flat(expected)
    return np.linalg.norm(got - expected) / np.linalg.norm(expected)


def estimator(k, how, sampling_term, entropy_bonus=0.0):
    return eq_14.Estimator(ALPHAS[:k], how, sampling_term, entropy_bonus)


def sampling_weightings(data, sampling_term):
    """What multiplies the ratios of each batch of `before`, by hand."""
    first, after = data.before[0], data.after
    if sampling_term == "none":
        return []
    if sampling_term == "advantage":
        return [np.array(first.advantages)]
    weight = 3.0 * (np.array(after.returns) - [0.3, -0.2]) / np.array(after.scale)
    steps = 1 if sampling_term == "adapted_return" else len(data.before)
    return [np.repeat(weight[:, None], 6, axis=1)] * steps


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("sampling_term", [t for t in SAMPLING_TERMS if t != "all_data"])
def test_exact_against_finite_differences(k, sampling_term, small_theta, make_data):
    data = make_data(k)
    weightings = sampling_weightings(data, sampling_term)
    value, gradient = eq_14.meta_gradient(small_theta, data, estimator(k, "exact", sampling_term))

    def surrogate(theta):
        return reference.eq_13(theta, data.before, data.after, ALPHAS[:k], weightings)

    theta = reference.to_numpy(small_theta)
    assert value.numpy() == pytest.approx(surrogate(theta), abs=1e-12)
    expected = reference.finite_differences(surrogate, theta)
    assert relative_error(gradient, expected) <= 1e-6


@pytest.mark.parametrize("k", [1, 3])
def test_first_order_moves_theta_n_by_a_constant(k, small_theta, make_data):
    data = make_data(k)
    theta = reference.to_numpy(small_theta)
    shifts = [
        reference.add(reference.adapt(theta, data.before, ALPHAS[:k], n), theta, -1.0)
        for n in range(2)
    ]

    def surrogate(theta):
        return (
            sum(
                reference.ratio_L(
                    reference.add(theta, shifts[n]), data.after, data.after.advantages, n
                )
                for n in range(2)
            )
            / 2.0
        )

    _, gradient = eq_14.meta_gradient(small_theta, data, estimator(k, "first_order", "none"))
    expected = reference.finite_differences(surrogate, theta)
    assert relative_error(gradient, expected) <= 1e-6
    _, exact = eq_14.meta_gradient(small_theta, data, estimator(k, "exact", "none"))
    assert relative_error(exact, expected) > 1e-3, "the second derivatives must be seen"


def test_none_is_the_policy_gradient_of_theta(small_theta, make_data):
    data = make_data(1)
    first = data.before[0]
    theta = reference.to_numpy(small_theta)
    expected = [(np.zeros_like(w), np.zeros_like(b)) for w, b in theta]
    for n in range(2):
        gradient = reference.grad_L(
            theta,
            *(np.array(v)[n] for v in (first.observations, first.actions)),
            *(np.array(v)[n] for v in (first.advantages, first.weights)),
        )
        expected = reference.add(expected, gradient, 0.5)
    data = eq_14.MetaData((first,), (), (), ())
    _, gradient = eq_14.meta_gradient(small_theta, data, estimator(1, "none", "advantage"))
    assert relative_error(gradient, expected) <= 1e-10


def test_compiled_is_eager(small_theta, make_data):
    data = make_data(3)
    how = estimator(3, "exact", "advantage")
    eager = eq_14.meta_gradient(small_theta, data, how)[1]
    compiled = tf.function(
        lambda theta, d: eq_14.meta_gradient(theta, d, how)[1], jit_compile=True
    )(small_theta, data)
    np.testing.assert_allclose(trpo.flatten(compiled), trpo.flatten(eager), atol=1e-12)


@pytest.mark.parametrize("how", ["exact", "none"])
def test_entropy_bonus(how, small_theta, make_data):
    data = make_data(1)
    first = data.before[0]
    expected = 0.0
    theta = reference.to_numpy(small_theta)
    for n, m in np.ndindex(2, 6):
        log_pi = reference.log_pi(theta, first.observations[n, m].numpy())
        expected -= 0.5 * first.weights[n, m].numpy() * np.sum(np.exp(log_pi) * log_pi)
    plain, with_bonus = (
        eq_14.objective(small_theta, data, estimator(1, how, "advantage", bonus))
        for bonus in (0.0, 0.3)
    )
    assert float(with_bonus - plain) == pytest.approx(0.3 * expected, abs=1e-12)
