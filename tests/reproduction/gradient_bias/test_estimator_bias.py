"""Which estimators have the exact gradient of Eq. 13 as their expectation, by enumeration.

The claims of docs/gradient.md. A bias must be seen where theory says biased, so that these tests
can fail both ways.
"""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf.algorithm.choices import META_GRADIENTS, SAMPLING_TERMS
from dimapg_tf.algorithm.meta_gradient import Estimator
from reproduction.gradient_bias import estimator_bias
from reproduction.gradient_bias import markov_team as exact

UNBIASED, BIASED = 1e-8, 1e-2

# (agents, steps k, batch size B); the team of k = 3 has deterministic dynamics, and so few paths.
CASES = [(2, 1, 1), (2, 1, 2), (3, 1, 1), (2, 3, 1)]
ALPHAS = (0.7, 0.5, 0.5)

VARIANTS = [
    (how, term, others)
    for how, term, others in itertools.product(META_GRADIENTS, SAMPLING_TERMS, (True, False))
    if (how != "none" or term == "none") and term != "all_data"
]


@functools.cache
def problem(num_agents, k, batch_size):
    team = exact.random_team(num_agents, num_agents, 2, 2, deterministic=k > 1)
    paths = exact.enumerate_trajectories(team)
    table = np.random.default_rng(3).normal(0.0, 0.7, (team.num_observations, 2))
    theta = tf.constant(table)
    return theta, paths, exact.exact_gradient(theta, paths, ALPHAS[:k], batch_size)


def relative_error(case, alphas, variant, baseline=0.0, truth=None):
    how, term, others = variant
    theta, paths, gradient = problem(*case)
    truth = gradient if truth is None else truth
    estimator = Estimator(alphas, how, term)
    got = estimator_bias.expected_gradient(theta, paths, estimator, case[2], others, baseline)
    return float(tf.norm(got - truth) / tf.norm(truth))


def is_unbiased(k, variant):
    """The theory: all scores of all data that θ_n is made from, and of all agents."""
    how, term, others = variant
    every_step = term == "adapted_return_all" or (term == "adapted_return" and k == 1)
    return how == "exact" and every_step and others


@pytest.mark.parametrize("case", CASES, ids=lambda c: "agents{}-k{}-B{}".format(*c))
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: "-".join(map(str, v)))
def test_expectation(case, variant):
    error = relative_error(case, ALPHAS[: case[1]], variant)
    if is_unbiased(case[1], variant):
        assert error <= UNBIASED
    else:
        assert error >= BIASED


@pytest.mark.parametrize("case", [(2, 1, 2), (2, 3, 1)], ids=["k1", "k3"])
def test_a_constant_baseline_does_not_bias(case):
    variant = ("exact", "adapted_return_all", True)
    assert relative_error(case, ALPHAS[: case[1]], variant, baseline=0.9) <= UNBIASED


def test_without_adaptation_the_sampling_term_vanishes_but_the_others_do_not():
    """α = 0: Eq. 13 is Eq. 5, the first term with all agents' scores is its gradient."""
    case, alphas = (2, 1, 1), (0.0,)
    theta, paths, _ = problem(*case)
    truth = exact.exact_gradient(theta, paths, alphas, 1)
    for term in ("adapted_return", "none"):
        for how in ("exact", "first_order"):
            assert relative_error(case, alphas, (how, term, True), truth=truth) <= UNBIASED
            assert relative_error(case, alphas, (how, term, False), truth=truth) >= BIASED
    assert relative_error(case, alphas, ("none", "none", True), truth=truth) <= UNBIASED


def test_advantage_weighting_is_twice_the_gradient_without_adaptation():
    case, alphas = (2, 1, 1), (0.0,)
    theta, paths, _ = problem(*case)
    truth = exact.exact_gradient(theta, paths, alphas, 1)
    variant = ("exact", "advantage", True)
    assert relative_error(case, alphas, variant, truth=2.0 * truth) <= UNBIASED


def own_policy_gradient(paths, tables, m):
    """∇ of agent m's expected return along its own policy alone, in loops: [O, A].

    tables: the logits [O, A] that each agent follows.
    """
    log_pi = [table - np.log(np.exp(table).sum(axis=1, keepdims=True)) for table in tables]
    gradient = np.zeros_like(tables[m])
    for path, dynamics in enumerate(paths.dynamics):
        log_probability, score = np.log(dynamics), np.zeros_like(gradient)
        for seen, done in zip(paths.observed[path], paths.actions[path]):
            log_probability += sum(log_pi[a][seen[a], done[a]] for a in range(len(tables)))
            score[seen[m]] -= np.exp(log_pi[m][seen[m]])
            score[seen[m], done[m]] += 1.0
        gradient += np.exp(log_probability) * paths.rewards[path, :, m].mean() * score
    return gradient


@pytest.mark.parametrize("how", ["exact", "first_order"])
@pytest.mark.parametrize("case", [(2, 1, 1), (2, 1, 2), (2, 2, 1)], ids=["k1", "B2", "k2"])
def test_all_data_is_the_mean_of_everybodys_own_gradients(case, how):
    """What docs/gradient.md says it estimates, summed up agent by agent; and not ∇ Eq. 13."""
    (num_agents, k, batch_size), alphas = case, ALPHAS[: case[1]]
    theta, paths, gradient = problem(*case)
    table = theta.numpy()
    agents = range(num_agents)
    expected = sum(own_policy_gradient(paths, [table] * num_agents, m) for m in agents)
    for n in agents:
        with tf.GradientTape() as tape:
            tape.watch(theta)
            chains = exact.enumerate_chains(theta, paths, n, alphas, batch_size)
            moved = 0.0
            for theta_n in chains.tables[1:]:
                slopes = np.zeros_like(theta_n)
                for chain, probability in enumerate(chains.probability.numpy()):
                    follows = [table] * num_agents
                    follows[n] = theta_n.numpy()[chain]
                    slopes[chain] = probability * own_policy_gradient(paths, follows, n)
                    for m in agents:
                        if m != n:
                            expected += probability * own_policy_gradient(paths, follows, m)
                if how == "first_order":  # θ_n moves along with θ
                    moved += tf.reduce_sum(theta[None] * slopes)
                else:
                    moved += tf.reduce_sum(theta_n * slopes)
        expected += tape.gradient(moved, theta).numpy()
    expected /= num_agents * (1 + k * num_agents)
    estimator = Estimator(alphas, how, "all_data")
    got = estimator_bias.expected_all_data_gradient(theta, paths, estimator, batch_size).numpy()
    assert np.linalg.norm(got - expected) <= UNBIASED * np.linalg.norm(expected)
    truth = gradient.numpy()
    assert np.linalg.norm(got - truth) >= BIASED * np.linalg.norm(truth)
