"""Gaussian policies: compiled rollouts, deviations, learners and players with real actions."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import load_config, policy, seeds
from dimapg_tf.envs import make_env
from dimapg_tf.experiment.evaluation import evaluate_player, evaluate_thetas
from dimapg_tf.experiment.policies import FEED_FORWARD, Policy
from dimapg_tf.rollouts import compiled, host
from dimapg_tf.types import Deviation


@pytest.fixture(scope="module")
def env():
    """Two populations of real actions in compiled worlds."""
    return make_env("predator_prey", num_predators=2, num_prey=1, horizon=5, actions="continuous")


def theta_of(population, seed):
    """Far from the start, so that many actions are beyond the bounds."""
    generator = seeds.generator(seed)
    theta = policy.init(
        generator,
        population.observation_size,
        population.num_actions,
        (6,),
        tf.float64,
        space=population.space,
    )
    return tf.nest.map_structure(lambda v: v + generator.normal(0.0, 0.3, v.shape), theta)


@pytest.mark.parametrize("deviates", [False, True])
def test_compiled_is_the_host(env, deviates):
    """Equal noise, equal episodes, to rounding; an agent that left θ has its own deviations."""
    populations = env.spec.populations
    thetas = {name: theta_of(p, i) for i, (name, p) in enumerate(populations.items())}
    deviation = None
    if deviates:
        members = [theta_of(populations["predators"], seed) for seed in (5, 6)]
        theta_n = tf.nest.map_structure(lambda *v: tf.stack(v), *members)
        deviation = Deviation("predators", tf.constant([1, 0]), theta_n)
    fast, slow = (
        driver(env, thetas, 3, 4, deviation, everybody=True)
        for driver in (compiled.collect_compiled, host.collect_on_host)
    )
    tf.nest.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-10),
        fast.trajectories,
        slow.trajectories,
    )
    for name, trajectory in fast.trajectories.items():
        n = populations[name].num_agents
        assert trajectory.actions.shape == (n, 4, 5, 5)
        assert (trajectory.actions.numpy() > 1.0).any(), "kept as drawn, not as clipped"
        follows = [[thetas[name]] * 4 for _ in range(n)]
        if deviates and name == "predators":
            follows[1][:2], follows[0][2:] = [members[0]] * 2, [members[1]] * 2
        for i in range(n):
            for b in range(4):
                expected = policy.log_prob(
                    follows[i][b], trajectory.observations[i, b], trajectory.actions[i, b]
                )
                np.testing.assert_allclose(trajectory.log_probs[i, b], expected, atol=1e-10)


@pytest.mark.parametrize("central_update", ["trpo", "reinforce"])
def test_dimapg_learns_deviations_too(central_update):
    """Exact meta-gradient, k = 2: every parameter moves, log_std among them; repeatable."""
    config = load_config(
        "cooperative_navigation",
        "dimapg",
        **{"num_agents": 2, "horizon": 5, "actions": "continuous", "trajectories": 2, "k": 2},
        **{"hidden": (4,), "central_update": central_update, "sampling_term": "all_data"},
        fisher_stride=1,
    )

    def trained():
        learner = config.make_learner(config.make_env())
        before = [v.numpy() for v in learner.variables_of["agents"]]
        result = learner.update(0)
        return before, [v.numpy() for v in learner.variables_of["agents"]], result

    before, after, result = trained()
    assert len(before) == 5
    for old, new in zip(before, after):
        assert not np.array_equal(old, new)
    # Five numbers with deviations of a quarter of the unit interval.
    entropy = 5 * (0.5 * np.log(2 * np.pi * np.e) + np.log(0.25))
    np.testing.assert_allclose(result.values["agents"]["entropy"], entropy, rtol=1e-5)
    for first, second in zip(after, trained()[1]):
        np.testing.assert_array_equal(first, second)


def test_players_and_policies_stay_in_bounds(env):
    thetas = {name: theta_of(p, 7) for name, p in env.spec.populations.items()}
    thetas = tf.nest.map_structure(lambda v: tf.cast(v, tf.float32), thetas)
    trained = Policy(env, FEED_FORWARD, thetas)
    _, seen = env.reset(1, 3)
    for seed in (None, 4):
        actions, state = trained.act(trained.start(3, seed), seen)
        again, _ = trained.act(trained.start(3, seed), seen)
        other, _ = trained.act(state, seen)
        for name, chosen in actions.items():
            assert chosen.shape == (3, env.spec.populations[name].num_agents, 5)
            assert 0.0 <= chosen.min() < chosen.max() <= 1.0
            np.testing.assert_array_equal(chosen, again[name])
            assert np.array_equal(chosen, other[name]) == (seed is None)
    noise = seeds.action_noise(env.spec, 1, 3)
    for by_name in env.players_of.values():
        assert set(by_name) > {"random"}
    for name, by_name in env.players_of.items():
        for player in by_name.values():
            chosen = player(name, seen[name], env.initial_state(1, 3), noise[name][0])
            assert chosen.shape == (3, env.spec.populations[name].num_agents, 5)
            assert 0.0 <= chosen.min() < chosen.max() <= 1.0


def test_greedy_parameters_play_the_mean(env):
    """What an evaluation plays as `theta_greedy` is what `act` without a seed does."""
    thetas = {name: theta_of(p, 7) for name, p in env.spec.populations.items()}
    thetas = tf.nest.map_structure(lambda v: tf.cast(v, tf.float32), thetas)
    greedy = {name: policy.greedy(theta) for name, theta in thetas.items()}
    player = Policy(env, FEED_FORWARD, thetas).player(4, most_probable=True)
    got, expected = evaluate_thetas(env, greedy, 3, 4), evaluate_player(env, player, 3, 4)
    assert got == pytest.approx(expected, abs=1e-4)
