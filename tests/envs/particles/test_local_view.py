"""Observations of the nearest alone, against loops over agents and what they see."""

import numpy as np
import pytest
import tensorflow as tf
from contracts import check_env

from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles.physics import ParticleState
from dimapg_tf.types import ConfigurationError

K = 3
NEAREST = {"observation_order": "distance", "observed_neighbours": K}


def seen_from(own, things, *more):
    """K nearest of some things: offsets x, offsets y, whether there, then rows of `more`."""
    offsets = things - own
    order = np.argsort(np.sum(offsets**2, axis=1), kind="stable")[:K]
    rows = np.zeros((3 + len(more), K))
    for column, index in enumerate(order):
        length = max(np.linalg.norm(offsets[index]), 1.0)
        rows[:, column] = [*(offsets[index] / length), 1.0, *(values[index] for values in more)]
    return rows.ravel()


def walls(own, half_width):
    """Of each coordinate how far it is within 0.3 of the edge, or beyond."""
    return np.sign(own) * np.maximum(np.abs(own) - (half_width - 0.3), 0.0)


def goals_and_others(positions, velocities, goals, half_width, only_open):
    """Observations of all agents of one world of Cooperative Navigation."""
    observations = []
    for agent, own in enumerate(positions):
        others = np.delete(positions, agent, axis=0)
        held = [min([np.linalg.norm(goal - p) for p in others], default=1.0) for goal in goals]
        held = np.array(held)
        visible = held >= 0.1 if only_open else held >= 0.0
        observations.append(
            np.concatenate(
                [
                    velocities[agent],
                    walls(own, half_width),
                    seen_from(own, goals[visible], np.minimum(held[visible], 1.0)),
                    seen_from(own, others),
                ]
            )
        )
    return np.stack(observations)


@pytest.mark.parametrize("num_agents", [1, 3, 40])
@pytest.mark.parametrize("observed_goals", ["open", "nearest"])
def test_goals_and_others(num_agents, observed_goals, generator):
    env = make_env(
        "cooperative_navigation",
        num_agents=num_agents,
        observed_goals=observed_goals,
        arena_agents=4,
        **NEAREST,
    )
    half_width = np.sqrt(num_agents / 4)
    shape = (2, num_agents, 2)
    positions, goals = generator.uniform(-half_width, half_width, (2, *shape))
    velocities = generator.normal(size=shape)
    positions[:, ::3] = goals[:, ::3] + 0.05  # covered by this agent or, to others, by another one
    state = ParticleState(*(tf.constant(v) for v in (positions, velocities, goals)))
    seen = env.observations(state)["agents"].numpy()
    assert seen.shape[2] == env.spec.populations["agents"].observation_size == 25
    for world in range(2):
        parts = (positions[world], velocities[world], goals[world], half_width)
        expected = goals_and_others(*parts, observed_goals == "open")
        np.testing.assert_allclose(seen[world], expected, atol=1e-12)


@pytest.mark.parametrize(("predators", "prey", "obstacles"), [(1, 1, 0), (5, 2, 4)])
def test_predators_and_prey(predators, prey, obstacles, generator):
    settings = {"num_predators": predators, "num_prey": prey, "num_obstacles": obstacles}
    env = make_env("predator_prey", **settings, **NEAREST)
    count = predators + prey
    positions, velocities = generator.uniform(-1.2, 1.2, (2, 1, count, 2))
    landmarks = generator.uniform(-0.9, 0.9, (1, obstacles, 2))
    state = ParticleState(*(tf.constant(v) for v in (positions, velocities, landmarks)))
    seen = np.concatenate([values.numpy()[0] for values in env.observations(state).values()])
    assert {p.observation_size for p in env.spec.populations.values()} == {seen.shape[1]} == {43}
    of_kind = [range(predators), range(predators, count)]
    for agent, own in enumerate(positions[0]):
        parts = [velocities[0, agent], walls(own, 1.0), seen_from(own, landmarks[0])]
        for members in of_kind:
            others = [member for member in members if member != agent]
            parts.append(seen_from(own, positions[0, others], *velocities[0, others].T))
        np.testing.assert_allclose(seen[agent], np.concatenate(parts), atol=1e-12)


def test_contracts():
    check_env(make_env("cooperative_navigation", num_agents=4, horizon=5, **NEAREST))
    check_env(make_env("predator_prey", num_predators=2, num_prey=2, horizon=5, **NEAREST))


@pytest.mark.parametrize("name", ["cooperative_navigation", "predator_prey"])
@pytest.mark.parametrize("more", [{}, NEAREST])
def test_a_squashed_observation_tells_small_numbers_apart(name, more):
    """The same numbers, each as o / (c + |o|); rewards and states know nothing of it."""
    plain, squashed = (make_env(name, **more, observation_squash=c) for c in (None, 0.25))
    state, seen = plain.reset(3, 4, tf.float64)
    np.testing.assert_array_equal(state.positions, squashed.reset(3, 4, tf.float64)[0].positions)
    actions = {k: np.ones([4, p.num_agents], int) for k, p in plain.spec.populations.items()}
    for _ in range(3):
        shown = squashed.observations(state)
        for population, numbers in seen.items():
            expected = [o / (0.25 + abs(o)) for o in np.ravel(numbers)]
            np.testing.assert_allclose(np.ravel(shown[population]), expected, rtol=1e-12)
        before = squashed.step(state, actions)
        state, seen, rewards, _ = plain.step(state, actions)
        for population, expected in rewards.items():
            np.testing.assert_array_equal(before.rewards[population], expected)


def test_the_arena_grows_with_the_team():
    def half_width(**settings):
        return make_env("cooperative_navigation", arena=0.5, **settings).reset(0, 100)[0]

    for settings, expected in (
        ({"num_agents": 16}, 0.5),
        ({"num_agents": 16, "arena_agents": 4}, 1.0),
        ({"num_agents": 1, "arena_agents": 4}, 0.25),
    ):
        state = half_width(**settings)
        for points in (state.positions, state.landmarks):
            assert 0.8 * expected < np.abs(points).max() <= expected


def test_an_agent_pays_outside_the_arena_of_its_team():
    env = make_env("cooperative_navigation", num_agents=4, arena_agents=1, reward_clip=9.0)
    at = np.array([[[1.9, 0.0], [2.1, 0.5], [0.0, 0.0], [0.0, -1.9]]])
    state = ParticleState(*(tf.constant(v) for v in (at, np.zeros_like(at), at)))
    np.testing.assert_allclose(
        env._reward(env.to_planes(state))["agents"][:, 0], [0, -1, 0, 0], atol=1e-12
    )


@pytest.mark.parametrize("name", ["cooperative_navigation", "predator_prey"])
def test_what_is_near_is_seen_with_the_reward_of_the_library_too(name):
    near = {**NEAREST, "observation_squash": 0.2, "horizon": 2}
    paper, near_mpe, mpe = (
        make_env(name, **settings)
        for settings in (near, near | {"reward": "mpe"}, {"reward": "mpe", "horizon": 2})
    )
    squashed = make_env(name, reward="mpe", observation_squash=0.2)
    state = paper.initial_state(3, 5, tf.float64)
    planes = paper.to_planes(state)
    for population, plain in mpe.observe(planes).items():
        seen = near_mpe.observe(planes)[population]
        np.testing.assert_array_equal(seen, paper.observe(planes)[population])
        np.testing.assert_array_equal(
            near_mpe._reward(planes)[population], mpe._reward(planes)[population]
        )
        np.testing.assert_allclose(
            squashed.observe(planes)[population], plain / (0.2 + np.abs(plain)), atol=1e-12
        )


@pytest.mark.parametrize("name", ["cooperative_navigation", "predator_prey"])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({**NEAREST, "observed_neighbours": 0}, "observed_neighbours = 0"),
        ({**NEAREST, "observation_order": "index"}, "observation_order = 'distance'"),
        ({"observation_squash": 0.0}, "observation_squash = 0.0"),
    ],
)
def test_bad_settings_are_named(name, settings, message):
    with pytest.raises(ConfigurationError, match=message):
        make_env(name, **settings)


@pytest.mark.parametrize(("setting", "value"), [("observed_goals", "all"), ("arena_agents", 0)])
def test_bad_settings_of_goals_are_named(setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        make_env("cooperative_navigation", **{setting: value})
