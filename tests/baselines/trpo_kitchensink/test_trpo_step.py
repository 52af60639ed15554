"""The trust region of a recurrent joint policy, in float64 on a tiny network."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.kitchensink import network, objective, rollout
from baselines.kitchensink.network import JointParams, Sizes
from baselines.trpo_kitchensink import step
from baselines.trpo_kitchensink.learner import play
from dimapg_tf import seeds, trpo
from dimapg_tf.envs import make_env

WORLDS = 3
CONSTANTS = step.Constants(
    delta=0.01,
    cg_iterations=5,
    cg_damping=1e-3,
    fisher_trajectories=2,
    gamma=0.9,
    gae_lambda=1.0,
    bootstrap_horizon=True,
    value_ridge=1e-3,
)


@pytest.fixture(scope="module")
def played():
    """(parameters, whole episodes of 2 agents and 5 steps under them)."""
    env = make_env("cooperative_navigation", num_agents=2, horizon=5)
    params = network.init(
        seeds.generator(0), env.spec.populations["agents"], Sizes((1, 2), 3, 2), tf.float64
    )
    generator = seeds.generator(1)
    params = tf.nest.map_structure(lambda v: v + generator.normal(0, 0.3, v.shape), params)
    carry = rollout.start(env, {"agents": params}, 2, WORLDS)
    noise = seeds.action_noise(env.spec, 3, WORLDS)
    noise = {name: tf.constant(values) for name, values in noise.items()}
    steps, last, _, _ = play(env, "minimum", {"agents": params}, carry, noise)
    return params, steps["agents"], last["agents"]


def split(params):
    return tuple(params[:-1]), params.value


def logits_of(theta, value, steps):
    return network.unroll(JointParams(*theta, value), steps.observations, steps.memory)[0]


def batch_of(params, steps, last, constants=CONSTANTS):
    """(batch, measures, logits)."""
    unrolled = network.unroll(params, steps.observations, steps.memory)
    return *step.make_batch(params, steps, last, unrolled, constants), unrolled[0]


def test_fisher_vector_product_is_the_explicit_hessian(played):
    """Through the LSTM over whole sequences, compiled as in training.

    The Hessian is formed column by column from differences of the gradient of KL; and as Fisher's
    matrix, the mean of ∇ log π ∇ log πᵀ under π, from differences of log π.
    """
    params, steps, last = played
    theta, value = split(params)
    batch, _, old = batch_of(params, steps, last)
    flat = trpo.flatten(theta).numpy()
    vector = seeds.generator(4).normal(size=flat.shape)

    @tf.function(jit_compile=True)
    def product(theta, vector):
        return step.fisher_product_at(theta, value, steps)(vector)

    @tf.function
    def evaluate(flat):
        theta = trpo.unflatten(flat, params[:-1])
        with tf.GradientTape() as tape:
            tape.watch(theta)
            distance = step.mean_kl(old, logits_of(theta, value, steps), batch)
        log_probs = tf.nn.log_softmax(logits_of(theta, value, steps))
        return trpo.flatten(tape.gradient(distance, theta)), tf.reshape(log_probs, [-1, 5])

    got = product(theta, tf.constant(vector)).numpy()
    columns, rows = [], []
    for index in range(len(flat)):
        shift = np.zeros_like(flat)
        shift[index] = 1e-5
        ahead, behind = (evaluate(tf.constant(flat + sign * shift)) for sign in (1, -1))
        columns.append((ahead[0].numpy() - behind[0].numpy()) / 2e-5)
        rows.append((ahead[1].numpy() - behind[1].numpy()) / 2e-5)
    np.testing.assert_allclose(got, np.stack(columns, 1) @ vector, atol=1e-7)
    pi = np.exp(evaluate(tf.constant(flat))[1])
    rows = np.stack(rows)  # [D, T B n, A]
    fisher = np.einsum("ma,ima,jma->ij", pi, rows, rows) / (5 * WORLDS)
    np.testing.assert_allclose(got, fisher @ vector, atol=1e-7)


def test_surrogate_at_the_old_policy(played):
    """Ratios are 1: the value is the mean advantage, which is 0; KL is 0."""
    params, steps, last = played
    batch, _, old = batch_of(params, steps, last)
    logits = logits_of(*split(params), steps)
    assert float(step.surrogate(logits, batch)) == pytest.approx(0.0, abs=1e-9)
    assert float(step.mean_kl(old, logits, batch)) == pytest.approx(0.0, abs=1e-12)
    assert float(tf.math.reduce_std(batch.advantages)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("bootstrap", [True, False])
def test_advantages_are_of_the_minimum_reward(bootstrap, played):
    params, steps, last = played
    constants = CONSTANTS._replace(bootstrap_horizon=bootstrap)
    batch, measures, _ = batch_of(params, steps, last, constants)
    _, values, _, memory = network.unroll(params, steps.observations, steps.memory)
    after = network.step(params, last.observations, memory)[1].numpy() if bootstrap else 0.0
    minimum = steps.agent_rewards.numpy().min(axis=-1)
    returns = np.stack(
        [
            sum(0.9**i * r for i, r in enumerate(minimum[t:])) + 0.9 ** (5 - t) * after
            for t in range(5)
        ]
    )
    np.testing.assert_allclose(batch.targets, returns, atol=1e-9)
    expected = returns - values.numpy()
    expected = (expected - expected.mean()) / expected.std()
    np.testing.assert_allclose(batch.advantages, expected, atol=1e-6)
    explained = 1 - np.var(returns - values.numpy()) / np.var(returns)
    assert float(measures["explained_variance"]) == pytest.approx(explained)


def test_a_step_improves_within_the_trust_region(played):
    """KL and the gain are measured anew, outside; the value layer becomes the fit."""
    params, steps, last = played
    new, measures = step.improve(params, steps, last, CONSTANTS)
    old_logits, new_logits = (
        network.unroll(p, steps.observations, steps.memory)[0] for p in (params, new)
    )
    kl = float(tf.reduce_mean(objective.kl(old_logits, new_logits, steps.alive)))
    assert 1e-4 < kl <= CONSTANTS.delta
    assert kl == pytest.approx(float(measures["kl"]), rel=1e-5)
    batch, _, _ = batch_of(params, steps, last)
    gain = float(step.surrogate(new_logits, batch))
    assert gain == pytest.approx(float(measures["improvement"]), rel=1e-5)
    assert gain > 0.0
    features = network.unroll(new, steps.observations, steps.memory)[2]
    layer = step.value_fit.fit(features, batch.targets, batch.acting, CONSTANTS.value_ridge)
    np.testing.assert_allclose(new.value.weights, layer.weights, atol=1e-6)


def test_some_of_the_worlds(played):
    params, steps, _ = played
    theta, value = split(params)
    some = step.of_worlds(steps, 2)
    assert some.memory.cell.shape[0] == 2
    np.testing.assert_allclose(logits_of(theta, value, some), logits_of(theta, value, steps)[:, :2])
    for kept, whole in zip(tf.nest.flatten(some.way), tf.nest.flatten(steps.way)):
        np.testing.assert_array_equal(kept, whole[:, :2])
    assert isinstance(params, JointParams)
