"""A3C's objective and its gradient, in float64 on a tiny network."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.a3c_kitchensink import loss
from baselines.kitchensink import network
from baselines.kitchensink.network import Memory, Sizes
from baselines.kitchensink.rollout import Last, Steps
from dimapg_tf import seeds, trpo
from dimapg_tf.types import Population

WEIGHTS = loss.Weights(
    gamma=0.9, reward_scale=0.5, entropy_bonus=0.1, value_weight=0.25, max_gradient_norm=np.inf
)
T, B, N, M, A = 4, 2, 2, 3, 4


@pytest.fixture
def problem(generator):
    """Parameters; an unroll: agent 1 of world 0 dies after step 1, all of world 1 in the last."""
    params = network.init(seeds.generator(0), Population(N, M, A), Sizes((2, 2), 3, 3), tf.float64)
    params = tf.nest.map_structure(lambda v: v + generator.normal(0, 0.4, v.shape), params)
    alive = np.ones((T, B, N))
    alive[2:, 0, 1] = 0.0
    steps = Steps(
        tf.constant(generator.normal(size=(T, B, N, M))),
        tf.constant(generator.integers(0, A, (T, B, N)), tf.int32),
        tf.constant(alive),
        tf.zeros([T, B], tf.float64),  # of the rollout; A3C computes them anew
        tf.constant(generator.normal(size=(T, B))),
        tf.zeros([T, B, N], tf.float64),
        Memory(*(tf.constant(generator.normal(size=(B, 3))) for _ in range(2))),
    )
    last = Last(tf.constant(generator.normal(size=(B, N, M))), tf.constant([1.0, 0.0], tf.float64))
    return params, steps, last


def by_hand(params, problem, goes_on, constants=None):
    """The objective in NumPy, world by world and step by step.

    constants: (advantages, targets) that do not depend on params; None computes and returns them.
    """
    _, steps, last = problem
    logits, values, _, memory = network.unroll(params, steps.observations, steps.memory)
    after = network.step(params, last.observations, memory)[1].numpy() * goes_on
    after[1] = 0.0  # where all are dead
    pi = tf.nn.softmax(logits).numpy()
    total, advantage, target = 0.0, np.zeros((T, B)), np.zeros((T, B))
    for b in range(B):
        ret = after[b]
        for t in reversed(range(T)):
            ret = WEIGHTS.reward_scale * float(steps.rewards[t, b]) + WEIGHTS.gamma * ret
            target[t, b], advantage[t, b] = ret, ret - float(values[t, b])
            a, r = (advantage, target) if constants is None else constants
            for n in range(N):
                if steps.alive[t, b, n] == 0.0:
                    continue
                p = pi[t, b, n]
                total += np.log(p[steps.actions[t, b, n]]) * a[t, b]
                total -= WEIGHTS.entropy_bonus * np.sum(p * np.log(p))
            total -= WEIGHTS.value_weight * (r[t, b] - float(values[t, b])) ** 2
    return total / B, (advantage, target)


@pytest.mark.parametrize("goes_on", [0.0, 1.0])
def test_objective_is_the_loop(problem, goes_on):
    flag = tf.constant(goes_on, tf.float64)
    value, measures = loss.a3c_objective(*problem, flag, WEIGHTS)
    expected, (advantage, _) = by_hand(problem[0], problem, goes_on)
    assert float(value) == pytest.approx(expected, abs=1e-10)
    assert float(measures["value_error"]) == pytest.approx(np.mean(advantage**2))


def test_gradient_is_that_of_finite_differences(problem):
    """Advantages and returns held constant, as A3C has it."""
    params = problem[0]
    got, _ = loss.gradient(*problem, tf.constant(1.0, tf.float64), WEIGHTS)
    got = trpo.flatten(got).numpy()
    _, constants = by_hand(params, problem, 1.0)
    flat = trpo.flatten(params).numpy()

    def value(vector):
        return by_hand(trpo.unflatten(tf.constant(vector), params), problem, 1.0, constants)[0]

    for index in seeds.generator(5).choice(len(flat), 40, replace=False):
        shift = np.zeros_like(flat)
        shift[index] = 1e-5
        slope = (value(flat + shift) - value(flat - shift)) / 2e-5
        assert got[index] == pytest.approx(slope, abs=1e-7)


def test_a_long_gradient_is_shortened(problem):
    flag = tf.constant(1.0, tf.float64)
    whole, measures = loss.gradient(*problem, flag, WEIGHTS)
    norm = float(measures["gradient_norm"])
    assert norm == pytest.approx(np.linalg.norm(trpo.flatten(whole)))
    short, measures = loss.gradient(*problem, flag, WEIGHTS._replace(max_gradient_norm=norm / 4.0))
    np.testing.assert_allclose(trpo.flatten(short), trpo.flatten(whole) / 4.0)
    assert float(measures["gradient_norm"]) == pytest.approx(norm)
