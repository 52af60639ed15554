"""The exact objective against plain recursion over states, in NumPy."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from reproduction.gradient_bias import markov_team as exact

TEAM = exact.random_team(seed=1, num_agents=2, num_states=2, horizon=2)
ALPHAS = (0.7, 0.4)


def pi(table, n, state):
    logits = table[TEAM.observed[n, state]]
    return np.exp(logits) / np.exp(logits).sum()


def plays(tables):
    """(probability, [(state, actions)]) of every play; tables[n] is the policy of agent n."""

    def extend(state, left):
        if not left:
            yield 1.0, []
            return
        for j, actions in enumerate(itertools.product(range(2), repeat=2)):
            chance = pi(tables[0], 0, state)[actions[0]] * pi(tables[1], 1, state)[actions[1]]
            for following in range(2):
                step = chance * TEAM.transition[state, j, following]
                for probability, tail in extend(following, left - 1):
                    yield step * probability, [(state, actions), *tail]

    return list(extend(0, TEAM.horizon))


def reward(state, actions, n):
    return TEAM.rewards[state, 2 * actions[0] + actions[1], n]


def policies(theta, theta_n, n):
    return [theta_n if m == n else theta for m in range(2)]


def adapted(theta_n, play, n, alpha):
    """One step of Eq. 10 from one play, one time step after the other."""
    table, bias = np.zeros_like(theta_n), np.zeros(2)
    for t, (state, actions) in enumerate(play):
        to_go = sum(reward(*later, n) for later in play[t:])
        score = np.eye(2)[actions[n]] - pi(theta_n, n, state)
        table[TEAM.observed[n, state]] += to_go * score / TEAM.horizon
        bias += to_go * score / TEAM.horizon
    return theta_n + alpha * (table + bias)


def objective(theta):
    """Eq. 13 with one play for each adaptation step."""

    def value(theta_n, alphas, n):
        total = 0.0
        for probability, play in plays(policies(theta, theta_n, n)):
            if alphas:
                inner = value(adapted(theta_n, play, n, alphas[0]), alphas[1:], n)
            else:
                inner = sum(reward(*step, n) for step in play) / TEAM.horizon
            total += probability * inner
        return total

    return 0.5 * sum(value(theta, ALPHAS, n) for n in range(2))


@pytest.fixture
def theta(generator):
    return generator.normal(size=(TEAM.num_observations, 2))


def test_objective_is_the_recursion(theta):
    paths = exact.enumerate_trajectories(TEAM)
    value = exact.eq_13(tf.constant(theta), paths, ALPHAS, batch_size=1)
    assert float(value) == pytest.approx(objective(theta), abs=1e-12)


def test_gradient_is_its_slope(theta, generator):
    paths = exact.enumerate_trajectories(TEAM)
    gradient = exact.exact_gradient(tf.constant(theta), paths, ALPHAS, batch_size=1).numpy()
    direction = generator.normal(size=theta.shape)
    step = 1e-5
    slope = (objective(theta + step * direction) - objective(theta - step * direction)) / (2 * step)
    assert np.sum(gradient * direction) == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize(("num_agents", "batch_size"), [(2, 2), (3, 1)])
def test_probabilities_sum_to_one(num_agents, batch_size):
    team = exact.random_team(seed=2, num_agents=num_agents, num_states=2, horizon=2)
    paths = exact.enumerate_trajectories(team)
    theta = tf.random.stateless_normal([3, 2], seed=[1, 2], dtype=tf.float64)
    chains = exact.enumerate_chains(theta, paths, 1, (0.5,), batch_size)
    assert chains.batches.shape == (1, len(paths.dynamics) ** batch_size, batch_size)
    assert float(tf.reduce_sum(chains.probability)) == pytest.approx(1.0, abs=1e-12)


def test_a_batch_is_the_mean_of_its_trajectories(theta):
    """Two times the same trajectory adapts like that one alone."""
    paths = exact.enumerate_trajectories(TEAM)
    start = tf.constant(theta)[None]
    once = exact.adapt_once(start, np.array([[5]]), paths, 0, 0.7)
    np.testing.assert_allclose(exact.adapt_once(start, np.array([[5, 5]]), paths, 0, 0.7), once)
