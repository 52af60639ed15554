"""Losses and their gradients against NumPy loops in float64."""

import maddpg_reference as reference
import numpy as np
import pytest
import tensorflow as tf

from baselines.maddpg import losses, networks
from baselines.maddpg.settings import RELAXATIONS
from dimapg_tf import policy

N, M, SEEN, A = 3, 5, 2, 4  # agents, batch, observation, actions
D = N * (SEEN + A)
PENALTY = 0.3


def random_networks(generator, inputs, outputs):
    """A stack [N], all weights and biases well away from zero."""
    stack = [policy.init(generator, inputs, outputs, (4, 3), tf.float64) for _ in range(N)]
    return tf.nest.map_structure(
        lambda *v: tf.stack(v) + generator.normal(0.0, 0.5, (N, *v[0].shape)), *stack
    )


def of_agent(params, i):
    return [(layer.weights[i].numpy(), layer.bias[i].numpy()) for layer in params]


@pytest.fixture
def case(generator):
    observations = generator.normal(size=(N, M, SEEN))
    actions = np.eye(A)[generator.integers(0, A, (N, M))]
    return {
        "observations": observations,
        "actions": actions,
        "inputs": networks.joint({"all": tf.constant(observations)}, {"all": tf.constant(actions)}),
        "actor": random_networks(generator, SEEN, A),
        "critic": random_networks(generator, D, 1),
        "uniform": generator.random((N, M, A)),
        "targets": generator.normal(size=(N, M)),
        "rows": N * SEEN + np.arange(N * A).reshape(N, A),
    }


def seen(case, m):
    return reference.see(case["observations"][:, m], case["actions"][:, m])


def assert_gradients(ours, i, expected):
    for layer, (weights, bias) in zip(ours, expected):
        np.testing.assert_allclose(layer.weights[i], weights, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(layer.bias[i], bias, rtol=1e-5, atol=1e-8)


def test_critic_loss_and_gradient(case):
    with tf.GradientTape() as tape:
        tape.watch(case["critic"])
        values = networks.values(case["critic"], case["inputs"])
        loss = losses.critic_loss(values, tf.constant(case["targets"]))
        total = tf.reduce_sum(loss)
    gradient = tape.gradient(total, case["critic"])
    xs = [seen(case, m) for m in range(M)]
    for i in range(N):
        expected = lambda q, i=i: reference.critic_loss(q, xs, case["targets"][i])  # noqa: E731
        critic = of_agent(case["critic"], i)
        assert float(loss[i]) == pytest.approx(expected(critic), rel=1e-12)
        assert_gradients(gradient, i, reference.gradient(expected, critic))


@pytest.mark.parametrize("relaxation", RELAXATIONS)
def test_actor_loss_and_gradient(case, relaxation):
    with tf.GradientTape() as tape:
        tape.watch(case["actor"])
        loss = losses.actor_loss(
            case["actor"],
            lambda change: networks.values_of_own_action(
                case["critic"], case["inputs"], change, case["rows"]
            ),
            tf.constant(case["observations"]),
            tf.constant(case["actions"]),
            tf.constant(case["uniform"]),
            relaxation,
            PENALTY,
        )
        total = tf.reduce_sum(loss)
    gradient = tape.gradient(total, case["actor"])
    worlds = [(list(case["observations"][:, m]), list(case["actions"][:, m])) for m in range(M)]
    observations, actions = zip(*worlds)
    for i in range(N):
        actor, critic = of_agent(case["actor"], i), of_agent(case["critic"], i)
        at = actor if relaxation == "straight_through" else None

        def expected(mu, i=i, critic=critic, at=at):
            noise = case["uniform"][i]
            return reference.actor_loss(mu, critic, i, observations, actions, noise, PENALTY, at)

        assert float(loss[i]) == pytest.approx(expected(actor), rel=1e-10)
        assert_gradients(gradient, i, reference.gradient(expected, actor))


def test_target(case):
    rewards, following = case["targets"], case["targets"] ** 2
    target = losses.td_target(tf.constant(rewards), tf.constant(following), 0.9)
    np.testing.assert_allclose(target, rewards + 0.9 * following)


def test_gumbel_softmax_draws_from_the_softmax(generator):
    """The largest entry is a draw of the distribution; both relaxations have the same one."""
    logits = np.array([0.5, -1.0, 2.0, 0.0])
    uniform = generator.random((200_000, 4), dtype=np.float32)
    soft, hard = (
        losses.gumbel_softmax(tf.constant(logits), tf.constant(uniform), how).numpy()
        for how in ("soft", "straight_through")
    )
    np.testing.assert_allclose(soft.sum(axis=1), 1.0)
    assert ((soft > 0) & (soft < 1)).mean() > 0.99
    np.testing.assert_allclose(hard, np.eye(4)[soft.argmax(axis=1)], atol=1e-12)
    np.testing.assert_allclose(hard.mean(axis=0), reference.softmax(logits), atol=0.004)
    np.testing.assert_allclose(soft[0], reference.gumbel(logits, uniform[0].astype(float)))


@pytest.mark.parametrize("relaxation", RELAXATIONS)
def test_gumbel_softmax_takes_any_noise(relaxation):
    """Uniform noise may be exactly 0, and is at most 1 - 2^-24 in float32."""
    logits = tf.constant([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    noise = tf.constant([[0.0, 0.0], [0.0, 1 - 2.0**-24], [0.5, 0.5]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = losses.gumbel_softmax(logits, noise, relaxation)
        total = tf.reduce_sum(value[:, 0])
    assert np.isfinite(value).all()
    assert np.isfinite(tape.gradient(total, logits)).all()
