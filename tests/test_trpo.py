"""The trust region: conjugate gradient, Fisher-vector products, line search."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import policy, trpo


def system(generator, size=12):
    root = generator.normal(size=(size, size))
    return root @ root.T + 0.1 * np.eye(size), generator.normal(size=size)


@pytest.mark.parametrize("with_image", [False, True])
@pytest.mark.parametrize("iterations", [1, 2, 5, 12])
def test_conjugate_gradient_residual(iterations, with_image, generator):
    """The tracked residual is b - A x, and x is the best of its Krylov space."""
    a, b = system(generator)
    result = trpo.conjugate_gradient(
        lambda v: tf.linalg.matvec(tf.constant(a), v),
        tf.constant(b),
        iterations,
        with_image=with_image,
    )
    assert result.iterations == iterations
    np.testing.assert_allclose(result.image, with_image * (a @ result.solution.numpy()))
    x = result.solution.numpy()
    np.testing.assert_allclose(result.residual, b - a @ x, atol=1e-7)
    krylov = np.stack([np.linalg.matrix_power(a, i) @ b for i in range(iterations)], axis=1)
    krylov, _ = np.linalg.qr(krylov)
    best = krylov @ np.linalg.solve(krylov.T @ a @ krylov, krylov.T @ b)
    np.testing.assert_allclose(x, best, atol=1e-6)


@pytest.mark.parametrize("with_image", [False, True])
def test_conjugate_gradient_leaves_its_input_alone_and_stops(with_image, generator):
    b = tf.constant(generator.normal(size=5))
    kept = b.numpy().copy()
    result = trpo.conjugate_gradient(lambda v: 2.0 * v, b, 10, with_image=with_image)
    np.testing.assert_array_equal(b, kept)
    assert result.iterations == 1
    np.testing.assert_allclose(result.solution, kept / 2.0)


def test_fisher_vector_product_is_the_explicit_hessian(small_theta, generator):
    observations = tf.constant(generator.normal(size=(7, 4)))
    old = tf.nn.softmax(policy.apply(small_theta, observations))

    def kl(theta):
        return tf.reduce_mean(
            tf.reduce_sum(
                old * (tf.math.log(old) - tf.nn.log_softmax(policy.apply(theta, observations))), 1
            )
        )

    # F = E[∇ log π ∇ log πᵀ], summed over all actions: no second derivatives.
    with tf.GradientTape() as tape:
        tape.watch(small_theta)
        log_probs = tf.nn.log_softmax(policy.apply(small_theta, observations))
    jacobian = tape.jacobian(log_probs, small_theta)
    rows = tf.concat([tf.reshape(j, [7, 3, -1]) for j in tf.nest.flatten(jacobian)], axis=2)
    fisher = np.einsum("ma,mai,maj->ij", old.numpy(), rows.numpy(), rows.numpy()) / 7
    vector = generator.normal(size=fisher.shape[0])
    got = trpo.fisher_vector_product(kl, small_theta, tf.constant(vector), damping=0.1)
    np.testing.assert_allclose(got, fisher @ vector + 0.1 * vector, atol=1e-10)


def quadratic(theta):
    return -tf.reduce_sum(tf.square(theta[0] - 1.0))


def step_of(theta, direction, delta=10.0, objective=quadratic, together=False):
    def kl(t):
        return tf.reduce_sum(tf.square(t[0] - theta[0]))

    return trpo.line_search(
        theta,
        (tf.constant([direction], tf.float64),),
        objective,
        objective(theta),
        kl,
        delta,
        backtrack=0.5,
        max_backtracks=4,
        both=(lambda t: (objective(t), kl(t))) if together else None,
    )


START = (tf.zeros([1], tf.float64),)


def test_line_search_takes_the_full_step_if_it_may():
    step = step_of(START, 1.5)
    assert step.accepted
    assert step.backtracks == 0
    assert step.theta[0][0] == 1.5
    assert float(step.improvement) == pytest.approx(0.75)
    assert float(step.kl) == pytest.approx(2.25)


def test_line_search_shortens_until_it_improves():
    step = step_of(START, 3.0)  # 3 -> worse than 0; 1.5 -> better
    assert step.backtracks == 1
    assert step.theta[0][0] == 1.5


@pytest.mark.parametrize("together", [False, True])
def test_line_search_respects_the_trust_region(together):
    step = step_of(START, 1.5, delta=0.2, together=together)  # squares: 2.25, 0.5625, 0.140625
    assert step.backtracks == 2
    assert step.theta[0][0] == 0.375
    assert step.kl <= 0.2


def test_line_search_asks_for_the_objective_only_where_it_may_go():
    """The objective is the dear part: candidates beyond δ must not have it computed."""
    asked = []

    def objective(theta):
        asked.append(float(theta[0][0]))
        return quadratic(theta)

    step_of(START, 1.5, delta=0.2, objective=objective)
    assert asked == [0.0, 0.375]  # the value at θ, and that of the one candidate within δ


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("direction", [-1.0, np.nan, np.inf])
def test_a_failed_search_keeps_theta(direction, together):
    step = step_of(START, direction, together=together)
    assert not step.accepted
    assert step.theta[0][0] == 0.0
    assert step.kl == 0.0
    assert step.improvement == 0.0
    assert step.backtracks == 4


def test_an_infinite_objective_is_refused():
    step = step_of(START, 1.0, objective=lambda t: tf.where(t[0][0] > 0.2, np.inf, t[0][0]))
    assert step.accepted
    assert step.theta[0][0] == 0.125


def test_the_by_product_is_that_of_the_theta_that_is_taken():
    def both(theta):
        return quadratic(theta), theta[0][0] ** 2, 10.0 * theta[0]

    for direction, expected in ((1.5, 3.75), (-1.0, 7.0)):  # accepted shortened twice; refused
        step = trpo.line_search(
            START,
            (tf.constant([direction], tf.float64),),
            None,
            quadratic(START),
            None,
            0.2,
            0.5,
            4,
            both,
            tf.constant([7.0], tf.float64),
        )
        assert step.by_product[0] == expected


@pytest.mark.parametrize("well_conditioned", [False, True])
def test_trust_region_step_is_the_natural_gradient(well_conditioned, generator):
    """On a quadratic KL the first candidate has KL = δ and the direction F⁻¹ g."""
    a, g = system(generator, 6)
    theta = (tf.zeros([6], tf.float64),)
    gradient = (tf.constant(g),)

    def kl(t):
        return 0.5 * tf.tensordot(t[0], tf.linalg.matvec(tf.constant(a), t[0]), 1)

    step = trpo.trust_region_step(
        theta,
        gradient,
        lambda t: tf.tensordot(t[0], gradient[0], 1),
        tf.zeros([], tf.float64),
        kl,
        delta=0.01 * (1 + 1e-9),
        cg_iterations=6,
        damping=0.0,
        well_conditioned=well_conditioned,
    )
    natural = np.linalg.solve(a, g)
    expected = natural * np.sqrt(2 * 0.01 / (g @ natural))
    np.testing.assert_allclose(step.theta[0], expected, rtol=1e-4)
    assert float(step.kl) == pytest.approx(0.01, rel=1e-4)


def test_the_curvature_from_the_residual_is_that_of_a_product(generator):
    """After so few iterations that the residual is not small."""
    a, g = system(generator, 6)
    matrix, gradient = tf.constant(a), tf.constant(g)
    thetas = [
        trpo.trust_region_step(
            (tf.zeros([6], tf.float64),),
            (gradient,),
            lambda t: tf.tensordot(t[0], gradient, 1),
            tf.zeros([], tf.float64),
            lambda t: tf.zeros([], tf.float64),
            fisher_product=lambda v: tf.linalg.matvec(matrix, v),
            well_conditioned=well_conditioned,
            cg_iterations=2,
        ).theta[0]
        for well_conditioned in (False, True)
    ]
    assert np.abs(thetas[0]).max() > 0.0
    np.testing.assert_allclose(*thetas, rtol=1e-10)


def test_flatten_and_back(small_theta):
    flat = trpo.flatten(small_theta)
    assert flat.shape == (4 * 5 + 5 + 5 * 4 + 4 + 4 * 3 + 3,)
    back = trpo.unflatten(flat, small_theta)
    np.testing.assert_array_equal(back[2].weights, small_theta[2].weights)
