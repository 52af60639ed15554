"""Rollouts: the compiled driver against the one that steps from Python, and who follows θ_n."""

import numpy as np
import pytest
import tensorflow as tf
from mpe2 import simple_spread_v3

from dimapg_tf import policy, seeds
from dimapg_tf.distributions import categorical
from dimapg_tf.envs import make_env
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.rollouts import collect as rollout
from dimapg_tf.rollouts import compiled, host
from dimapg_tf.types import Deviation


def random_theta(env, seed, dtype=tf.float32):
    """A policy whose actions depend on what it sees."""
    population = env.spec.populations["agents"]
    generator = seeds.generator(seed)
    theta = policy.init(generator, population.observation_size, 5, dtype=dtype)
    return tf.nest.map_structure(
        lambda v: v + tf.constant(generator.normal(0, 0.1, v.shape), dtype), theta
    )


def deviation_of(env, dtype=tf.float32):
    """Agents 2 and 0 deviate, each with a θ_n of its own."""
    members = [random_theta(env, seed, dtype) for seed in (11, 12)]
    theta_n = tf.nest.map_structure(lambda *v: tf.stack(v), *members)
    return Deviation("agents", tf.constant([2, 0]), theta_n), members


@pytest.mark.parametrize(("deviates", "num_seeds", "num_worlds"), [(False, 2, 10), (True, 3, 2)])
def test_host_is_compiled_in_float64(deviates, num_seeds, num_worlds):
    env = make_env("cooperative_navigation", num_agents=3)
    assert env.spec.horizon == 200
    theta = random_theta(env, 0, tf.float64)
    deviation = deviation_of(env, tf.float64)[0] if deviates else None
    for seed in range(num_seeds):
        arguments = (env, {"agents": theta}, seed, num_worlds, deviation)
        stepped, states, _ = host.collect_on_host(*arguments, record_states=True)
        fast, fast_states, _ = compiled.collect_compiled(*arguments, record_states=True)
        stepped, fast = stepped["agents"], fast["agents"]
        np.testing.assert_array_equal(stepped.actions, fast.actions)
        for mine, expected in zip((*fast, *fast_states), (*stepped, *states)):
            np.testing.assert_allclose(mine, expected, atol=1e-9)


def test_host_is_compiled_in_float32_until_an_action_differs():
    env = make_env("cooperative_navigation", num_agents=3)
    theta = random_theta(env, 0)
    compared = 0
    for seed in range(3):
        stepped, *_ = host.collect_on_host(env, {"agents": theta}, seed, 1)
        fast, *_ = compiled.collect_compiled(env, {"agents": theta}, seed, 1)
        stepped, fast = stepped["agents"], fast["agents"]
        differs = (stepped.actions.numpy() != fast.actions.numpy()).any(axis=(0, 1))
        until = int(differs.argmax()) if differs.any() else len(differs)
        compared += until
        np.testing.assert_allclose(
            fast.observations[:, :, :until], stepped.observations[:, :, :until], atol=1e-5
        )
        np.testing.assert_allclose(
            fast.rewards[:, :, :until], stepped.rewards[:, :, :until], atol=1e-5
        )
    assert compared > 100


def test_only_the_deviating_agent_follows_theta_n(small_env):
    theta = random_theta(small_env, 0)
    deviation, members = deviation_of(small_env)
    worlds = 3
    got, states, _ = rollout.roll_out(
        small_env, {"agents": theta}, 5, 2 * worlds, deviation, record_states=True
    )
    got = got["agents"]
    assert got.observations.shape == (2, worlds, 6, 14)
    # Replay from the recorded states and the same noise, deciding for each agent in turn.
    noise = seeds.action_noise(small_env.spec, seeds.derive(5, seeds.NOISE), 2 * worlds)["agents"]
    for t in range(6):
        state = tf.nest.map_structure(lambda v, t=t: v[t], states)
        observations = small_env.observations(state)["agents"]
        actions = np.zeros((2 * worlds, 3), int)
        for b in range(2 * worlds):
            for i in range(3):
                g = b // worlds
                follows = members[g] if i == (2, 0)[g] else theta
                logits = policy.apply(follows, observations[b, i][None])
                uniform = tf.constant(noise[t, i, b : b + 1])
                actions[b, i] = categorical.sample(logits, uniform)[0][0]
        own = np.stack([actions[:worlds, 2], actions[worlds:, 0]])
        np.testing.assert_array_equal(got.actions[:, :, t], own)
        after = small_env.step(state, {"agents": actions})
        np.testing.assert_allclose(after.state.positions, states.positions[t + 1], atol=1e-5)
        rewards = after.rewards["agents"].numpy()
        own = np.stack([rewards[:worlds, 2], rewards[worlds:, 0]])
        np.testing.assert_allclose(got.rewards[:, :, t], own, atol=1e-5)


def test_theta_n_equal_to_theta_is_the_joint_rollout(small_env):
    theta = random_theta(small_env, 0)
    everybody = Deviation("agents", tf.range(3), policy.stack(theta, 3))
    joint, *_ = rollout.roll_out(small_env, {"agents": theta}, 5, 6)
    alone, *_ = rollout.roll_out(small_env, {"agents": theta}, 5, 6, everybody)
    for n in range(3):
        expected = joint["agents"].actions[n, 2 * n : 2 * n + 2]
        np.testing.assert_array_equal(alone["agents"].actions[n], expected)


def test_all_sampled_agents_may_deviate_in_every_world(small_env):
    """Simultaneous deviation is what a θ for each agent plays, where all but two have θ."""
    theta = random_theta(small_env, 0)
    deviation, members = deviation_of(small_env)
    together = deviation._replace(simultaneous=True)
    stacked = tf.nest.map_structure(lambda *v: tf.stack(v), members[1], theta, members[0])
    expected, *_ = rollout.roll_out(small_env, {"agents": stacked}, 5, 4)
    for driver in (compiled.collect_compiled, host.collect_on_host):
        got, *_ = driver(small_env, {"agents": theta}, 5, 4, together)
        assert got["agents"].rewards.shape == (2, 4, 6)
        for mine, whole in zip(got["agents"], expected["agents"]):
            np.testing.assert_allclose(mine, tf.gather(whole, [2, 0]), atol=1e-4)


def test_each_agent_may_have_a_theta_of_its_own(small_env):
    members = [random_theta(small_env, seed) for seed in (1, 2, 3)]
    stacked = tf.nest.map_structure(lambda *v: tf.stack(v), *members)
    got, *_ = rollout.roll_out(small_env, {"agents": stacked}, 5, 2)
    trajectory = got["agents"]
    for n, theta in enumerate(members):
        expected = policy.log_prob(theta, trajectory.observations[n], trajectory.actions[n])
        np.testing.assert_allclose(trajectory.log_probs[n], expected, atol=1e-5)


def test_nothing_is_traced_twice(small_env):
    theta = random_theta(small_env, 0)
    deviation, _ = deviation_of(small_env)
    counter = compiled._episode.experimental_get_tracing_count
    for once in (None, deviation):
        rollout.roll_out(small_env, {"agents": theta}, 0, 4, once)
    before = counter()
    for seed in range(1, 4):
        rollout.roll_out(small_env, {"agents": random_theta(small_env, seed)}, seed, 4)
        rollout.roll_out(small_env, {"agents": theta}, seed, 4, deviation_of(small_env)[0])
    assert counter() == before


def test_episodes_that_end_early_are_masked():
    env = PettingZooEnv(lambda: simple_spread_v3.parallel_env(N=2, max_cycles=3), horizon=6)
    theta = policy.init(seeds.generator(0), env.spec.populations["agent"].observation_size, 5)
    got, *_ = rollout.roll_out(env, {"agent": theta}, 0, 2)
    trajectory = got["agent"]
    assert trajectory.rewards.shape == (2, 2, 6)
    np.testing.assert_array_equal(trajectory.alive[0, 0], [1, 1, 1, 0, 0, 0])
    assert not trajectory.rewards.numpy()[:, :, 3:].any()
    assert trajectory.rewards.numpy()[:, :, :3].all()


def test_agents_that_die_in_a_compiled_world():
    """An agent that touches the boundary is dead from then on; both drivers must say so."""
    env = make_env("cooperative_navigation", num_agents=3, horizon=30, arena=0.5)
    living = env.advance

    def advance(planes, actions):
        planes, rewards, _ = living(planes, actions)
        inside = tf.cast(tf.maximum(tf.abs(planes.x), tf.abs(planes.y)) < 0.7, planes.x.dtype)
        return planes, rewards, {"agents": inside}

    env.advance = advance
    theta = random_theta(env, 0, tf.float64)
    for deviation in (None, deviation_of(env, tf.float64)[0]):
        arguments = (env, {"agents": theta}, 1, 2, deviation)
        stepped, _, count = host.collect_on_host(*arguments)
        fast, _, fast_count = compiled.collect_compiled(*arguments)
        stepped, fast = stepped["agents"], fast["agents"]
        assert count.max() == 3.0 > count.min()
        np.testing.assert_array_equal(fast_count, count)
        if deviation is None:
            np.testing.assert_array_equal(count, stepped.alive.numpy().sum(axis=0))
        assert 0.0 < stepped.alive.numpy().mean() < 1.0
        assert (stepped.alive.numpy()[:, :, 0] == 1.0).all()
        np.testing.assert_array_equal(fast.alive, stepped.alive)


def test_seeds_are_independent_of_the_number_drawn_before():
    spec = make_env("cooperative_navigation", num_agents=2, horizon=4).spec
    first = seeds.action_noise(spec, 3, 2)["agents"]
    seeds.action_noise(spec, 4, 2)
    np.testing.assert_array_equal(first, seeds.action_noise(spec, 3, 2)["agents"])
    assert seeds.derive(1, 2) == seeds.derive(1, 2) != seeds.derive(1, 3)
    assert first.shape == (4, 2, 2)
    assert (first >= 0).all()
    assert (first < 1).all()


@pytest.mark.parametrize("deviates", [False, True])
@pytest.mark.parametrize("everybody", [False, True])
def test_two_halves_are_the_whole(deviates, everybody, small_env, monkeypatch):
    theta = {"agents": random_theta(small_env, 0, tf.float64)}
    deviation = deviation_of(small_env, tf.float64)[0] if deviates else None
    arguments = (small_env, theta, 5, 8, deviation, True, everybody)
    results = []
    for threshold in (10**9, 0):
        monkeypatch.setattr(compiled, "WORTH_SPLITTING", threshold)
        results.append(compiled.collect_compiled(*arguments))
    for got, expected in zip(*map(tf.nest.flatten, results)):
        np.testing.assert_allclose(got, expected, atol=1e-12)
