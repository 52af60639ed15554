"""Eq. 1, 2, 5, 7: returns, advantages and the surrogate, against loops in NumPy."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm import objective, value_baseline
from dimapg_tf.algorithm.value_baseline import Fit
from dimapg_tf.types import Trajectory

N, B, T = 2, 3, 5


def make_batch(trajectory, standardize):
    return objective.BatchMaker(0.9, 1.0, standardize, compiled=False)(trajectory)


@pytest.fixture
def trajectory(generator):
    """Agent 1 dies in world 0 after step 2, and in world 1 after step 4."""
    alive = np.ones((N, B, T))
    alive[1, 0, 2:] = 0.0
    alive[1, 1, 4:] = 0.0
    return Trajectory(
        *(
            tf.constant(v)
            for v in (
                generator.normal(size=(N, B, T, 4)),
                generator.integers(0, 3, (N, B, T)).astype(np.int32),
                generator.normal(size=(N, B, T)),
                generator.normal(size=(N, B, T)),
                alive,
            )
        )
    )


def test_batch_of_each_agent(trajectory):
    batch = make_batch(trajectory, standardize=False)
    assert batch.observations.shape == (N, B * T, 4)
    rewards, alive = trajectory.rewards.numpy(), trajectory.alive.numpy()
    for n in range(N):
        returns = np.array(
            [
                [reference.discounted_return((rewards * alive)[n, b, t:], 0.9) for t in range(T)]
                for b in range(B)
            ]
        )
        values = reference.linear_baseline(
            trajectory.observations.numpy()[n], returns, alive[n], value_baseline.RIDGE
        )
        advantage = (returns - values) * alive[n]
        np.testing.assert_allclose(
            batch.advantages[n].numpy() * (batch.weights[n].numpy() > 0),
            advantage.ravel(),
            atol=1e-6,
        )
        np.testing.assert_allclose(batch.weights[n], alive[n].ravel() / alive[n].sum())
        assert batch.returns[n].numpy() == pytest.approx(returns[:, 0].mean())
        assert batch.scale[n] == 1.0


@pytest.mark.parametrize("summarised", [False, True])
def test_a_baseline_shared_by_all_agents(trajectory, generator, summarised):
    """One fit to everybody's samples, which sees a summary of the observations."""
    summary = generator.normal(size=(4, 2)) if summarised else np.eye(4)
    maker = objective.BatchMaker(0.9, 1.0, False, Fit(shared=True), compiled=False)
    batch = maker(trajectory, summary if summarised else None)
    rewards, alive = trajectory.rewards.numpy(), trajectory.alive.numpy()
    returns = np.zeros((N, B, T))
    for n, b, t in np.ndindex(N, B, T):
        returns[n, b, t] = reference.discounted_return((rewards * alive)[n, b, t:], 0.9)
    merged = [v.reshape(N * B, T, -1) for v in (trajectory.observations.numpy() @ summary, returns)]
    values = reference.linear_baseline(
        merged[0], merged[1][..., 0], alive.reshape(N * B, T), value_baseline.RIDGE
    )
    expected = (returns - values.reshape(N, B, T)) * alive
    got = batch.advantages.numpy() * (batch.weights.numpy() > 0)
    np.testing.assert_allclose(got, expected.reshape(N, B * T), atol=1e-6)
    # The observations of the batch are the policy's: all of them.
    assert batch.observations.shape == (N, B * T, 4)


def test_batches_of_equal_length_mean_the_same(trajectory, small_theta):
    longer = make_batch(trajectory, standardize=True)
    shorter = make_batch(Trajectory(*(v[:, :, :3] for v in trajectory)), standardize=True)
    filled = objective.of_equal_length([longer, shorter])
    assert [b.actions.shape[1] for b in filled] == [B * T, B * T]
    theta_n = policy.stack(small_theta, N)
    for mine, expected in zip(filled, (longer, shorter)):
        for function in (objective.surrogate, objective.mean_entropy):
            np.testing.assert_allclose(
                function(theta_n, mine), function(theta_n, expected), atol=1e-12
            )
        np.testing.assert_array_equal(mine.returns, expected.returns)


def test_standardized_advantages(trajectory):
    batch = make_batch(trajectory, standardize=True)
    plain = make_batch(trajectory, standardize=False)
    for n in range(N):
        living = batch.weights[n].numpy() > 0
        advantage = batch.advantages[n].numpy()[living]
        assert advantage.mean() == pytest.approx(0.0, abs=1e-12)
        assert advantage.std() == pytest.approx(1.0, abs=1e-6)
        expected = plain.advantages[n].numpy()[living]
        assert batch.scale[n].numpy() == pytest.approx(expected.std(), abs=1e-6)


def test_advantages_standardized_together(trajectory):
    """A shared baseline shares its scale: the agents' advantages keep their proportions."""
    batch, plain = (
        objective.BatchMaker(0.9, 1.0, standardize, Fit(shared=True), compiled=False)(trajectory)
        for standardize in (True, False)
    )
    weights, values = plain.weights.numpy() / N, plain.advantages.numpy()
    mean = np.sum(weights * values)
    deviation = np.sqrt(np.sum(weights * (values - mean) ** 2))
    np.testing.assert_allclose(batch.advantages, (values - mean) / deviation, rtol=1e-6)
    np.testing.assert_allclose(batch.scale, np.full(N, deviation), rtol=1e-6)


@pytest.mark.parametrize("shared", [False, True])
def test_what_happens_after_death_changes_nothing(trajectory, generator, small_theta, shared):
    dead = trajectory.alive.numpy() == 0.0
    rewards, observations = trajectory.rewards.numpy(), trajectory.observations.numpy()
    rewards[dead] = 100.0
    observations[dead] = 3.0
    other = trajectory._replace(
        rewards=tf.constant(rewards), observations=tf.constant(observations)
    )
    theta_n = policy.stack(small_theta, N)
    maker = objective.BatchMaker(0.9, 1.0, True, Fit(shared=shared), compiled=False)
    values = [objective.surrogate(theta_n, maker(t)) for t in (trajectory, other)]
    np.testing.assert_allclose(values[0], values[1], atol=1e-12)


def test_surrogate_is_l_n(small_theta, make_small_batch, generator):
    """Eq. 5 and 7 sampled: the weighted mean of A log π, for each agent with its own θ_n."""
    theta_n = tf.nest.map_structure(lambda v: tf.stack([v, 0.5 * v]), small_theta)
    batch = make_small_batch(theta_n)
    got = objective.surrogate(theta_n, batch)
    for n in range(2):
        theta = reference.member(theta_n, n)
        expected = 0.0
        for m, a in enumerate(batch.actions[n].numpy()):
            log_pi = reference.log_pi(theta, batch.observations[n, m].numpy())[a]
            expected += batch.weights[n, m] * batch.advantages[n, m] * log_pi
        assert got[n].numpy() == pytest.approx(float(expected), abs=1e-12)


def test_importance_surrogate(small_theta, make_small_batch):
    theta_n = policy.stack(small_theta, 2)
    batch = make_small_batch(theta_n)
    at_old = objective.importance_surrogate(theta_n, batch, batch.advantages)
    np.testing.assert_allclose(
        at_old, tf.reduce_sum(batch.weights * batch.advantages, 1), atol=1e-12
    )
    moved = tf.nest.map_structure(lambda v: v + 0.1, theta_n)
    got = objective.importance_surrogate(moved, batch, batch.advantages)
    for n in range(2):
        expected = reference.ratio_L(reference.member(moved, n), batch, batch.advantages, n)
        assert got[n].numpy() == pytest.approx(expected, abs=1e-12)


def test_both_surrogates_have_the_same_gradient_where_the_ratio_is_one(
    small_theta, make_small_batch
):
    theta_n = policy.stack(small_theta, 2)
    batch = make_small_batch(theta_n)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(theta_n)
        plain = objective.surrogate(theta_n, batch)
        ratio = objective.importance_surrogate(theta_n, batch, batch.advantages)
    for a, b in zip(
        tf.nest.flatten(tape.gradient(plain, theta_n)),
        tf.nest.flatten(tape.gradient(ratio, theta_n)),
    ):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_compiled_batches_are_the_plain_ones(trajectory):
    plain = make_batch(trajectory, standardize=True)
    compiled = objective.BatchMaker(0.9, 1.0, standardize=True)(trajectory)
    for got, expected in zip(compiled, plain):
        np.testing.assert_allclose(got, expected, atol=1e-9)
