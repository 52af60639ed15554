"""Eq. 14 against central finite differences of the surrogate, computed in NumPy."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import policy, trpo
from dimapg_tf.algorithm import meta_gradient as eq_14
from dimapg_tf.algorithm.adaptation import adapt

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
        displacement = tf.nest.map_structure(lambda n, o: n - o[None], theta_n, small_theta)
        return eq_14.MetaData(tuple(before), make_small_batch(theta_n), displacement)

    return make


def relative_error(gradient, expected):
    got, expected = trpo.flatten(gradient).numpy(), reference.flat(expected)
    return np.linalg.norm(got - expected) / np.linalg.norm(expected)


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("sampling_term", ["none", "advantage", "adapted_return"])
def test_exact_against_finite_differences(k, sampling_term, small_theta, make_data):
    data = make_data(k)
    weighting = None
    if sampling_term != "none":
        weighting = eq_14.sampling_weighting(data, sampling_term).numpy()
    value, gradient = eq_14.meta_gradient(small_theta, data, ALPHAS[:k], "exact", sampling_term)

    def surrogate(theta):
        return reference.eq_13(theta, data.before, data.after, ALPHAS[:k], weighting)

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

    _, gradient = eq_14.meta_gradient(small_theta, data, ALPHAS[:k], "first_order", "none")
    expected = reference.finite_differences(surrogate, theta)
    assert relative_error(gradient, expected) <= 1e-6
    _, exact = eq_14.meta_gradient(small_theta, data, ALPHAS[:k], "exact", "none")
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
    _, gradient = eq_14.meta_gradient(
        small_theta, eq_14.MetaData((first,), (), ()), (), "none", "advantage"
    )
    assert relative_error(gradient, expected) <= 1e-10


def test_adapted_return_is_centred_and_scaled(make_data):
    data = make_data(1)
    after = data.after._replace(
        returns=tf.constant([-3.0, -7.0], tf.float64), scale=tf.constant([4.0, 8.0], tf.float64)
    )
    got = eq_14.sampling_weighting(data._replace(after=after), "adapted_return").numpy()
    np.testing.assert_allclose(got, [[0.5] * 6, [-0.25] * 6])


def test_compiled_is_eager(small_theta, make_data):
    data = make_data(3)
    eager = eq_14.meta_gradient(small_theta, data, ALPHAS, "exact", "advantage")[1]
    compiled = tf.function(
        lambda theta, d: eq_14.meta_gradient(theta, d, ALPHAS, "exact", "advantage")[1],
        jit_compile=True,
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
        eq_14.objective(small_theta, data, ALPHAS[:1], how, "advantage", bonus)
        for bonus in (0.0, 0.3)
    )
    assert float(with_bonus - plain) == pytest.approx(0.3 * expected, abs=1e-12)
