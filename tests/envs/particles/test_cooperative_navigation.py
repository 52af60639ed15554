"""Cooperative Navigation: reward, measures, settings."""

import dataclasses
import itertools

import numpy as np
import pytest
import tensorflow as tf
from contracts import check_env

from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles import cooperative_navigation
from dimapg_tf.envs.particles.physics import ParticleState
from dimapg_tf.experiment.config import load_config
from dimapg_tf.types import ConfigurationError, Population


def state_of(positions, goals):
    positions = np.array([positions], np.float64)
    return ParticleState(
        *(tf.constant(v) for v in (positions, np.zeros_like(positions), np.array([goals], float)))
    )


def rewards(positions, goals, **settings):
    """Rewards after a step in which nobody moves (far apart or touching, at rest)."""
    env = make_env("cooperative_navigation", num_agents=len(positions), **settings)
    planes = env.to_planes(state_of(positions, goals))
    return env._reward(planes)["agents"].numpy()[:, 0]


def test_contract():
    check_env(make_env("cooperative_navigation", num_agents=4, horizon=5))


def test_paper_reward_in_a_loop(generator):
    num_agents, radius = 5, 0.2
    positions = generator.uniform(-1.3, 1.3, (num_agents, 2))
    goals = generator.uniform(-1.0, 1.0, (num_agents, 2))
    expected = []
    shared = -np.mean([min(np.sum((p - g) ** 2) for p in positions) for g in goals])
    for i, p in enumerate(positions):
        touched = sum(np.linalg.norm(p - q) < 2 * radius for j, q in enumerate(positions) if j != i)
        expected.append(shared - 0.3 * touched - 0.7 * (np.abs(p).max() > 1.0))
    got = rewards(
        positions,
        goals,
        agent_radius=radius,
        collision_penalty=0.3,
        boundary_penalty=0.7,
        reward_clip=np.inf,
    )
    assert len(set(np.round(expected, 6))) > 1, "the case must have collisions or outsiders"
    np.testing.assert_allclose(got, expected, atol=1e-12)
    clipped = rewards(
        positions, goals, agent_radius=radius, collision_penalty=0.3, boundary_penalty=0.7
    )
    np.testing.assert_allclose(clipped, np.clip(expected, -1, 1), atol=1e-12)


def test_collisions_and_boundary_are_each_agents_own():
    got = rewards([[0, 0], [0.1, 0], [1.1, 1]], [[0, 0], [0.1, 0], [1.1, 1]], reward_clip=5)
    np.testing.assert_allclose(got, [-1, -1, -1], atol=1e-12)
    got = rewards([[0, 0], [0.1, 0], [0.9, 1]], [[0, 0], [0.1, 0], [0.9, 1]], reward_clip=5)
    np.testing.assert_allclose(got, [-1, -1, 0], atol=1e-12)


def test_measures():
    env = make_env("cooperative_navigation", num_agents=3, agent_radius=0.1)
    goals = np.array([[[0.0, 0.0], [0.5, 0.0], [0.0, 0.9]]])
    apart = np.array([[[0.05, 0.0], [0.5, 0.09], [-0.9, -0.9]]])
    touching = np.array([[[0.0, 0.0], [0.15, 0.0], [-0.15, 0.0]]])
    positions = np.stack([touching, touching, apart])  # the initial state does not count
    states = ParticleState(positions, np.zeros_like(positions), np.stack([goals] * 3))
    got = env.measures(states)
    assert got["goals_covered"].tolist() == [2]
    assert got["collisions"].tolist() == [2]


@pytest.mark.parametrize(("reward", "size"), [("paper", 14), ("mpe", 18)])
def test_observation_size(reward, size):
    env = make_env("cooperative_navigation", num_agents=3, reward=reward)
    assert env.spec.populations["agents"] == Population(3, size, 5)
    assert env.reset(0, 2)[1]["agents"].shape == (2, 3, size)


def test_observation_order():
    """Agent 0 sees goals and others by index, or nearest first."""
    state = state_of([[0, 0], [0.5, 0], [0.2, 0]], [[0, 0.9], [0, 0.1], [0, 0.4]])
    by_index, by_distance = (
        make_env("cooperative_navigation", num_agents=3, observation_order=order)
        .observations(state)["agents"]
        .numpy()[0, 0]
        for order in ("index", "distance")
    )
    np.testing.assert_allclose(by_index, [0, 0, 0, 0, 0, 0.9, 0, 0.1, 0, 0.4, 0.5, 0, 0.2, 0])
    np.testing.assert_allclose(by_distance, [0, 0, 0, 0, 0, 0.1, 0, 0.4, 0, 0.9, 0.2, 0, 0.5, 0])


def test_the_arena_bounds_the_start():
    env = make_env("cooperative_navigation", arena=0.2)
    state, _ = env.reset(0, 100)
    assert 0.15 < np.abs(state.positions).max() <= 0.2
    assert 0.15 < np.abs(state.landmarks).max() <= 0.2


@pytest.mark.parametrize("num_agents", [3, 6, 15, 30, 100, 200])
def test_layouts_of_pic(num_agents):
    """Liu et al. 2019: half the width of the arena, and how far goals are apart."""
    half, apart = {
        **{3: (3.0, 0.675), 6: (1.5, 0.0), 15: (2.2, 0.675)},
        **{30: (3.0, 0.675), 100: (5.0, 0.675), 200: (7.0, 0.675)},
    }[num_agents]
    config = load_config(f"cooperative_navigation_pic_{num_agents}", "dimapg")
    env = make_env("cooperative_navigation", **dataclasses.asdict(config.env_settings))
    assert (env.settings["num_agents"], env.settings["agent_radius"]) == (num_agents, 0.15)
    worlds = 40
    goals = np.asarray(env.initial_state(3, worlds).landmarks)
    np.testing.assert_array_equal(goals, env.initial_state(3, worlds).landmarks)
    assert 0.9 * half < np.abs(goals).max() <= half
    for of_world in goals:
        pairs = itertools.combinations(of_world.astype(float), 2)
        assert min(np.hypot(*(a - b)) for a, b in pairs) > apart - 1e-5
    # Neither is a corner preferred: the mean of all goals is that of the square.
    spread = half / np.sqrt(3.0)
    assert np.abs(goals.mean(axis=(0, 1))).max() < 4.0 * spread / np.sqrt(worlds * num_agents)


def test_goals_that_cannot_keep_apart_are_refused():
    with pytest.raises(ConfigurationError, match=r"goal_distance = 0.7: 30 goals .* 2 x 2"):
        make_env("cooperative_navigation", num_agents=30, goal_distance=0.7)
    with pytest.raises(ConfigurationError, match=r"goal_distance = 1.5: 2 goals .* 2 x 2"):
        make_env("cooperative_navigation", num_agents=2, goal_distance=1.5)
    env = make_env("cooperative_navigation", num_agents=1, goal_distance=100.0)
    assert env.initial_state(1, 2).landmarks.shape == (2, 1, 2)


def test_a_world_in_which_a_goal_finds_no_room_is_drawn_anew(monkeypatch):
    """Three goals can leave a fourth next to no room where they are as far apart as may be."""
    monkeypatch.setattr(cooperative_navigation, "TRIES", 3)
    env = make_env("cooperative_navigation", num_agents=4, goal_distance=1.0)
    goals = np.asarray(env.initial_state(1, 50).landmarks)
    for a, b in itertools.combinations(range(4), 2):
        assert np.linalg.norm(goals[:, a] - goals[:, b], axis=1).min() > 1.0 - 1e-5


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("goal_distance", -1.0),
        ("num_agents", 0),
        ("num_agents", 2.5),
        ("horizon", 0),
        ("agent_radius", -1.0),
        ("collision_penalty", -1.0),
        ("boundary_penalty", float("nan")),
        ("arena", 0.0),
        ("reward_clip", 0.0),
        ("integrator", "euler"),
        ("reward", "mine"),
        ("observation_order", "alphabet"),
        ("no_such_setting", 1),
    ],
)
def test_bad_settings_are_named(setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        make_env("cooperative_navigation", **{setting: value})


def test_settings_that_the_library_reward_ignores_are_refused():
    with pytest.raises(ConfigurationError, match="collision_penalty"):
        make_env("cooperative_navigation", reward="mpe", collision_penalty=2.0)


def test_an_unknown_environment_is_named():
    with pytest.raises(ConfigurationError, match="no_such_env"):
        make_env("no_such_env")
