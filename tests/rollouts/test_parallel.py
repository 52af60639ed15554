"""Games played in worker processes, against the same games stepped from Python."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.distributions import categorical
from dimapg_tf.envs import make_env
from dimapg_tf.rollouts import host, parallel
from dimapg_tf.rollouts.games import sample
from dimapg_tf.rollouts.parallel import padded_length
from dimapg_tf.types import Deviation
from dimapg_tf.workers import WorkerError, Workers

N = 10


@pytest.fixture(scope="module")
def env():
    """Ten agents that are soon in reach of each other, and food for a few bites."""
    made = make_env(
        "survival",
        num_agents=N,
        num_food=4,
        food_hp=5,
        map_size=11,
        view_range=3,
        start_spacing=1,
        placement="anywhere",
        horizon=40,
    )
    yield made
    parallel.workers_of(made).close()


def random_theta(env, seed):
    """A policy whose actions depend on what it sees, in float64."""
    size = env.spec.populations["agents"].observation_size
    generator = seeds.generator(seed)
    theta = policy.init(generator, size, 23, (8, 6), tf.float64)
    return tf.nest.map_structure(lambda v: v + generator.normal(0, 0.3, v.shape), theta)


def stack(members):
    return tf.nest.map_structure(lambda *v: tf.stack(v), *members)


def assert_equal(got, expected):
    """Up to the shorter length, beyond which nobody is alive."""
    length = min(got.alive.shape[2], expected.alive.shape[2])
    assert not expected.alive[:, :, length:].numpy().any()
    assert not got.alive[:, :, length:].numpy().any()
    for name in got._fields:
        mine, other = (np.asarray(getattr(t, name))[:, :, :length] for t in (got, expected))
        if name in ("observations", "log_probs", "actions"):  # of no meaning for the dead
            mask = expected.alive[:, :, :length].numpy()
            other = other * (mask[..., None] if mine.ndim == 4 else mask)
        np.testing.assert_allclose(mine, other, atol=1e-6, err_msg=name)


def test_games_are_those_of_the_host_driver(env):
    theta = random_theta(env, 0)
    expected = host.collect_on_host(env, {"agents": theta}, 7, 5)[0]["agents"]
    assert 0.2 < expected.alive.numpy().mean() < 0.9  # deaths and early ends are compared
    games = parallel.collect(env, {"agents": theta}, 7, 5, recorded=np.arange(N))
    assert_equal(games.trajectories["agents"], expected)
    returns = (expected.rewards * expected.alive).numpy().sum(axis=2)
    np.testing.assert_allclose(games.returns["agents"], returns, atol=1e-5)
    np.testing.assert_array_equal(games.steps, expected.alive.numpy().max(axis=0).sum(axis=1))


def test_sampled_agents_alone(env):
    theta = random_theta(env, 0)
    everybody = parallel.collect(env, {"agents": theta}, 7, 3, recorded=np.arange(N))
    some = parallel.collect(env, {"agents": theta}, 7, 3, recorded=[2, 6])
    nobody = parallel.collect(env, {"agents": theta}, 7, 3)
    for mine, all_of_them in zip(some.trajectories["agents"], everybody.trajectories["agents"]):
        np.testing.assert_array_equal(mine, tf.gather(all_of_them, [2, 6]))
    assert nobody.trajectories == {}
    np.testing.assert_array_equal(nobody.returns["agents"], everybody.returns["agents"])
    np.testing.assert_array_equal(some.returns["agents"], everybody.returns["agents"])


@pytest.mark.parametrize("simultaneous", [False, True])
def test_deviating_agents(env, simultaneous):
    theta = random_theta(env, 0)
    agents = tf.constant([4, 1])
    deviation = Deviation(
        "agents", agents, stack([random_theta(env, 1), random_theta(env, 2)]), simultaneous
    )
    expected = host.collect_on_host(env, {"agents": theta}, 3, 6, deviation)[0]["agents"]
    games = parallel.collect_deviating(env, theta, deviation, 3, 6)
    got = games.trajectories["agents"]
    assert got.alive.shape[:2] == ((2, 6) if simultaneous else (2, 3))
    assert_equal(got, expected)
    # A game is left once no deviating agent is alive: nothing is played that nobody looks at.
    if not simultaneous:
        np.testing.assert_array_equal(games.steps, got.alive.numpy().sum(axis=2).ravel())


def test_a_theta_for_each_agent(env):
    thetas = {"agents": stack([random_theta(env, seed) for seed in range(N)])}
    expected = host.collect_on_host(env, thetas, 3, 2)[0]["agents"]
    games = parallel.collect(env, thetas, 3, 2, recorded=np.arange(N))
    assert_equal(games.trajectories["agents"], expected)


def test_the_number_of_workers_changes_nothing(env):
    theta = {
        "agents": tf.nest.map_structure(lambda v: tf.cast(v, tf.float32), random_theta(env, 0))
    }
    expected = parallel.collect(env, theta, 7, 5, recorded=[2, 6])
    parallel.workers_of(env).close()
    arguments = (*env.game, env.spec)
    parallel._workers[env] = Workers("dimapg_tf.rollouts.games:Player", arguments, count=1)
    alone = parallel.collect(env, theta, 7, 5, recorded=[2, 6])
    parallel.workers_of(env).close()
    np.testing.assert_array_equal(alone.returns["agents"], expected.returns["agents"])
    for mine, other in zip(alone.trajectories["agents"], expected.trajectories["agents"]):
        np.testing.assert_array_equal(mine, other)


def test_measures_and_time(env):
    games = parallel.collect_scripted(env, env.players["go_to_food"], 1, 3)
    np.testing.assert_array_equal(games.measures["food_left"], 0)
    np.testing.assert_array_equal(games.measures["survivors"], N)
    np.testing.assert_array_equal(games.measures["steps"], games.steps)
    games = parallel.collect(env, {"agents": random_theta(env, 0)}, 1, 2)
    assert set(games.seconds) == {"engine", "observation", "policy"}
    assert min(games.seconds.values()) > 0


def test_a_failure_surfaces_and_the_next_rollout_works(env):
    with pytest.raises(WorkerError, match="no_such_player"):
        parallel.collect_scripted(env, "dimapg_tf.rollouts.games:no_such_player", 1, 2)
    assert len(parallel.collect_scripted(env, env.players["random"], 1, 2).steps) == 2


def test_sampling_is_the_policys(generator):
    logits, uniform = generator.normal(size=(500, 23)), generator.random(500)
    expected = categorical.sample(tf.constant(logits), tf.constant(uniform))
    for mine, other in zip(sample(logits, uniform), expected):
        np.testing.assert_allclose(mine, other, atol=1e-12)


def test_lengths_are_few():
    assert len({padded_length(steps, 200) for steps in range(1, 201)}) <= 6
    assert all(steps <= padded_length(steps, 200) <= 200 for steps in range(1, 201))
    assert padded_length(3, 10) == 10
