"""Predator-Prey: against mpe2; reward, observation, measures, settings."""

import numpy as np
import pytest
import tensorflow as tf
from contracts import check_env
from mpe2 import simple_tag_v3
from mpe2_reference import step_mpe2

from dimapg_tf import policy, seeds
from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles.physics import ParticleState
from dimapg_tf.rollouts import compiled, host
from dimapg_tf.types import ConfigurationError

STATES = 1_000


def state_of(agents, obstacles=(), velocities=None):
    agents = np.array([agents], np.float64)
    velocities = np.zeros_like(agents) if velocities is None else np.array([velocities], float)
    obstacles = np.reshape(np.array(obstacles, np.float64), (1, -1, 2))
    return ParticleState(*(tf.constant(v) for v in (agents, velocities, obstacles)))


def rewards(agents, **settings):
    """Rewards {population: [n]} where the agents are after a step; the last one is the prey."""
    settings = {"num_predators": len(agents) - 1, "num_prey": 1, "num_obstacles": 0, **settings}
    env = make_env("predator_prey", **settings)
    got = env._reward(env.to_planes(state_of(agents)))
    return {name: values.numpy()[:, 0] for name, values in got.items()}


@pytest.mark.parametrize(
    ("predators", "prey", "speed", "kind"),
    [(3, 1, 1.3, "discrete"), (12, 4, 1.5, "discrete"), (3, 1, 1.3, "continuous")],
)
def test_tag_is_mpe2s(predators, prey, speed, kind, generator):
    """1,000 states with contacts of all kinds, speeds above the limits, and prey outside."""
    n, half = predators + prey, 0.25 * np.sqrt(predators + prey)
    positions = generator.uniform(-half, half, (STATES, n, 2))
    positions[::4] *= 2.0  # beyond the arena
    velocities = generator.normal(size=(STATES, n, 2))
    obstacles = generator.uniform(-0.9, 0.9, (STATES, 2, 2))
    actions = generator.integers(0, 5, (STATES, n))
    if kind == "continuous":
        actions = generator.uniform(-0.3, 1.3, (STATES, n, 5))
    env = make_env(
        "predator_prey",
        actions=kind,
        num_predators=predators,
        num_prey=prey,
        prey_max_speed=speed,
        integrator="mpe2",
        reward="mpe",
    )
    state = ParticleState(*(tf.constant(v) for v in (positions, velocities, obstacles)))
    ours = env.step(state, {"predators": actions[:, :predators], "prey": actions[:, predators:]})

    theirs = simple_tag_v3.parallel_env(
        num_good=prey, num_adversaries=predators, continuous_actions=kind == "continuous"
    )
    for agent in theirs.unwrapped.world.agents[predators:]:
        agent.max_speed = speed
    after = step_mpe2(theirs, positions, velocities, obstacles, actions)
    positions, velocities, observations, expected, contacts = after
    touching = np.linalg.norm(positions[:, :, None] - obstacles[:, None], axis=-1) < 0.25
    outside = np.abs(positions[:, predators:]).max(axis=-1)
    assert contacts > STATES / 5
    assert touching.sum() > STATES / 4
    assert ((outside > 0.9) & (outside < 1.0)).sum() > 20
    assert (outside > 1.0).sum() > 20
    assert (np.linalg.norm(velocities[:, predators:], axis=-1) > speed - 1e-9).sum() > 100
    for mine, wanted in (
        (ours.state.positions, positions),
        (ours.state.velocities, velocities),
        (ours.observations["predators"], np.stack(observations[:predators], axis=1)),
        (ours.observations["prey"], np.stack(observations[predators:], axis=1)),
        (ours.rewards["predators"], expected[:, :predators]),
        (ours.rewards["prey"], expected[:, predators:]),
    ):
        assert mine.dtype == tf.float64
        np.testing.assert_allclose(mine, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        {"num_predators": 3, "num_prey": 2, "num_obstacles": 1},
        {"num_predators": 1, "num_prey": 1, "num_obstacles": 0, "observation_order": "distance"},
        {"num_predators": 2, "num_prey": 3, "reward": "mpe", "integrator": "mpe2"},
    ],
)
def test_contract(settings):
    check_env(make_env("predator_prey", horizon=5, **settings))


def test_host_is_compiled_in_float64():
    """An episode stepped from Python and as one program, with nearest first."""
    settings = {"num_predators": 4, "num_prey": 2, "horizon": 40}
    env = make_env("predator_prey", observation_order="distance", **settings)
    thetas = {
        name: tf.nest.map_structure(
            lambda v: v + seeds.generator(1).normal(0.0, 0.1, v.shape),
            policy.init(seeds.generator(0), p.observation_size, 5, (8,), tf.float64),
        )
        for name, p in env.spec.populations.items()
    }
    stepped, states, _ = host.collect_on_host(env, thetas, 3, 2, record_states=True)
    fast, fast_states, _ = compiled.collect_compiled(env, thetas, 3, 2, record_states=True)
    for name in thetas:
        np.testing.assert_array_equal(stepped[name].actions, fast[name].actions)
        for mine, expected in zip(fast[name], stepped[name]):
            np.testing.assert_allclose(mine, expected, atol=1e-9)
    for mine, expected in zip(fast_states, states):
        np.testing.assert_allclose(mine, expected, atol=1e-9)


def test_a_contact_pays_the_predator_that_touches():
    got = rewards([[0.0, 0.0], [0.5, 0.0], [0.1, 0.0]], contact_reward=2.0, contact_penalty=3.0)
    assert got["predators"].tolist() == [2.0, 0.0]
    assert got["prey"].tolist() == [-3.0]
    both = rewards([[0.0, 0.0], [0.2, 0.0], [0.1, 0.0]])
    assert both["predators"].tolist() == [1.0, 1.0]
    assert both["prey"].tolist() == [-2.0]


def test_team_reward_pays_every_predator():
    got = rewards([[0.0, 0.0], [0.9, 0.0], [0.1, 0.0]], team_reward=True)
    assert got["predators"].tolist() == [1.0, 1.0]
    assert got["prey"].tolist() == [-1.0]


@pytest.mark.parametrize(
    ("x", "y", "lost"), [(0.89, 0.0, 0.0), (0.95, 0.0, 0.5), (1.5, 0.0, np.e), (-3.0, 9.0, 20.0)]
)
def test_only_prey_pay_outside(x, y, lost):
    """In tenths of the library's amounts: as a contact, which is worth 1 instead of 10."""
    got = rewards([[7.0, 7.0], [x, y]], boundary_penalty=10.0)
    assert got["predators"].tolist() == [0.0]
    assert got["prey"].item() == pytest.approx(-lost)
    assert rewards([[7.0, 7.0], [x, y]])["prey"].item() == pytest.approx(-lost / 10)


def test_observation():
    """Own velocity and position; obstacle; others, predators before prey; their velocities."""
    agents = [[0.0, 0.0], [0.5, 0.0], [0.2, 0.0], [0.0, 0.3], [0.0, 0.1]]
    moving = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]
    settings = {"num_predators": 3, "num_prey": 2, "num_obstacles": 2}
    state = state_of(agents, [[0.9, 0.9], [0.4, -0.4]], moving)

    def first(population, **more):
        env = make_env("predator_prey", **settings, **more)
        return env.observations(state)[population].numpy()[0, 0]

    own, obstacles = [1, 2, 0, 0], [0.9, 0.9, 0.4, -0.4]
    np.testing.assert_allclose(
        first("predators"),
        [*own, *obstacles, 0.5, 0, 0.2, 0, 0, 0.3, 0, 0.1, 3, 4, 5, 6, 7, 8, 9, 10],
    )
    np.testing.assert_allclose(
        first("predators", observation_order="distance"),
        [*own, 0.4, -0.4, 0.9, 0.9, 0.2, 0, 0.5, 0, 0, 0.1, 0, 0.3, 5, 6, 3, 4, 9, 10, 7, 8],
    )
    np.testing.assert_allclose(
        first("prey"),
        [
            *(7, 8, 0, 0.3),
            *(0.9, 0.6, 0.4, -0.7),
            *(0, -0.3, 0.5, -0.3, 0.2, -0.3, 0, -0.2),
            *(1, 2, 3, 4, 5, 6, 9, 10),
        ],
    )
    assert first("prey", reward="mpe").tolist()[-2:] == [9, 10]
    assert len(first("prey", reward="mpe")) == 18


def test_measures():
    env = make_env("predator_prey", num_predators=2, num_prey=2, num_obstacles=0)
    apart = [[0, 0], [0.5, 0], [0.9, 0], [0, 0.9]]
    touching = [[0, 0], [0.2, 0], [0.1, 0], [0, 1.1]]  # both predators; the other prey is outside
    positions = np.array([[touching], [touching], [apart]], float)  # the initial state: not counted
    states = ParticleState(positions, np.zeros_like(positions), np.zeros((3, 1, 0, 2)))
    got = env.measures(states)
    assert got["contacts"].tolist() == [2]
    assert got["outside"].tolist() == [0.25]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("num_predators", 0),
        ("num_prey", 0),
        ("num_obstacles", -1),
        ("horizon", 0),
        ("prey_max_speed", 0.0),
        ("contact_reward", -1.0),
        ("contact_penalty", float("nan")),
        ("boundary_penalty", -1.0),
        ("integrator", "euler"),
        ("observation_order", "alphabet"),
        ("reward", "mine"),
        ("arena", 1.0),
    ],
)
def test_bad_settings_are_named(setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        make_env("predator_prey", **{setting: value})


def test_settings_that_the_library_reward_ignores_are_refused():
    with pytest.raises(ConfigurationError, match="team_reward"):
        make_env("predator_prey", reward="mpe", team_reward=True)
