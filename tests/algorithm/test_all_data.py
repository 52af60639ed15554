"""Every sample once: the mean over all rollouts against loops over agents, worlds and steps."""

import dataclasses

import numpy as np
import pytest
import reference
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm import all_data
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.meta_gradient import objective, with_followers_of_all
from dimapg_tf.algorithm.objective import Batch
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.types import ConfigurationError

N, B, T, K = 3, 2, 3, 2  # agents, worlds of each rollout, steps, adaptation steps
AGENTS = [0, 2]  # sampled


@pytest.fixture
def make_everybody(generator):
    """A batch of everybody with 4 inputs and 3 actions; the last agents die early."""

    def make(num_worlds) -> Batch:
        samples = (N, num_worlds * T)
        alive = np.ones((N, num_worlds, T))
        alive[1:, :, 2] = 0.0
        weights = alive.reshape(samples)
        return Batch(
            tf.constant(generator.normal(size=(*samples, 4))),
            tf.constant(generator.integers(0, 3, samples), tf.int32),
            tf.constant(np.log(generator.random(samples))),
            tf.constant(generator.normal(size=samples)),
            tf.constant(weights / weights.sum(axis=1, keepdims=True)),
            tf.constant(generator.normal(size=N)),
            tf.constant(generator.random(N) + 0.5),
            tf.fill([N], tf.constant(float(num_worlds), tf.float64)),
        )

    return make


@pytest.mark.parametrize("simultaneous", [False, True], ids=["isolated", "simultaneous"])
def test_against_loops(simultaneous, small_theta, make_everybody, generator):
    agents = tf.constant(AGENTS)
    worlds = B if simultaneous else B * len(AGENTS)
    rollouts = [make_everybody(B), make_everybody(worlds), make_everybody(worlds)]
    stack = policy.stack(small_theta, len(AGENTS))
    path = [
        tf.nest.map_structure(lambda v: v + generator.normal(0.0, 0.3, v.shape), stack)
        for _ in range(K)
    ]
    shared = all_data.of_shared(rollouts[0], agents)
    others = [
        all_data.of_deviating(rollout, tf.zeros(len(AGENTS)), agents, simultaneous)
        for rollout in rollouts[1:]
    ]
    got = all_data.mean_over_all(
        small_theta,
        [shared.followers, *(part.followers for part in others)],
        [part.own for part in others],
        path,
    )

    total, count = 0.0, 0
    theta = reference.to_numpy(small_theta)
    stacks = [[tf.nest.map_structure(lambda v, g=g: v[g], s) for g in range(2)] for s in path]
    for j, rollout in enumerate(rollouts):
        for m, sample in np.ndindex(N, rollout.actions.shape[1]):
            if not rollout.weights[m, sample]:
                continue
            world = sample // T
            follows = theta
            if j > 0 and m in AGENTS and (simultaneous or world // B == AGENTS.index(m)):
                follows = reference.to_numpy(stacks[j - 1][AGENTS.index(m)])
            action = int(rollout.actions[m, sample])
            log_pi = reference.log_pi(follows, rollout.observations[m, sample].numpy())[action]
            ratio = np.exp(log_pi - rollout.log_probs[m, sample].numpy())
            total += ratio * rollout.advantages[m, sample].numpy()
            count += 1
    assert float(got) == pytest.approx(total / count, rel=1e-10)
    if not simultaneous:  # the batch of those who left θ is a mean over their own worlds
        np.testing.assert_allclose(tf.reduce_sum(others[0].own.weights, axis=1), 1.0)
        np.testing.assert_array_equal(
            others[0].own.actions[1], rollouts[1].actions[AGENTS[1], B * T :]
        )


def test_no_sample_is_left_out_or_counted_twice(chase_env):
    """Of two populations: while agents of one leave θ, those of the other are data as well."""
    settings = Settings(k=2, trajectories=2, hidden=(4,), sampling_term="all_data", gamma=0.9)
    learner = DiMAPG(chase_env, settings, seed=0)
    collector, populations = learner.collector, chase_env.spec.populations
    thetas = {name: learner.theta(name) for name in populations}
    agents = collector.sample_agents(0)
    joint = collector.shared(thetas, 5, settings.trajectories, agents)
    data = {
        name: collector.meta_data(thetas, joint, name, agents[name], (0, index))
        for index, name in enumerate(populations)
    }
    data = with_followers_of_all(data)
    worlds = settings.episodes_per_iteration(chase_env.spec)
    for name, population in populations.items():
        own = data[name]
        deviating = sum(
            float(tf.reduce_sum(all_data.living(b))) for b in (*own.before[1:], own.after)
        )
        following = sum(float(tf.reduce_sum(f.counts)) for f in own.followers[name])
        living = worlds * population.num_agents * chase_env.spec.horizon
        assert deviating == settings.k * population.num_agents * 2 * chase_env.spec.horizon
        assert deviating + following == living


def test_l_n_is_the_return_of_those_who_left(small_env):
    """With all_data the metrics tell of the same adapted agents as without."""
    plain = Settings(k=1, trajectories=2, hidden=(4,), sampling_term="advantage")
    returns = []
    for settings in (plain, dataclasses.replace(plain, sampling_term="all_data")):
        learner = DiMAPG(small_env, settings, seed=1)
        thetas = {"agents": learner.theta("agents")}
        agents = learner.collector.sample_agents(0)
        joint = learner.collector.shared(thetas, 5, 2, agents)
        data = learner.collector.meta_data(thetas, joint, "agents", agents["agents"], (0, 0))
        returns.append(data.after.returns)
    np.testing.assert_allclose(*returns, rtol=1e-5)


def test_what_it_does_not_go_with():
    with pytest.raises(ConfigurationError, match="all_data"):
        Settings(sampling_term="all_data", others_term=True)


@pytest.mark.parametrize("deviation", ["isolated", "simultaneous"])
def test_of_games_it_is_one_mean_over_all_that_is_recorded(small_game, deviation):
    settings = Settings(k=1, trajectories=2, hidden=(4,), sampled_agents=2, deviation=deviation)
    assert settings.all_data
    learner = DiMAPG(small_game, settings, seed=0)
    collector = learner.collector
    ((name, theta),) = ((name, learner.theta(name)) for name in learner.variables_of)
    agents = collector.sample_agents(0)
    joint = collector.shared({name: theta}, 5, settings.trajectories, agents)
    data = collector.meta_data({name: theta}, joint, name, agents[name], (0, 0))
    (first,) = data.followers[name]
    np.testing.assert_array_equal(
        first.actions, np.reshape(joint.trajectories[name].actions, [2, -1])
    )
    own = [data.before[0], data.after]
    total = sum(float(tf.reduce_sum(all_data.living(b) * b.advantages)) for b in own)
    count = sum(float(tf.reduce_sum(all_data.living(b))) for b in own)
    value = objective(theta, data, settings.estimator())
    np.testing.assert_allclose(value, total / count, atol=1e-5)
