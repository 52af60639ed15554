"""Agents that differ in strength and size."""

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles import unlike
from dimapg_tf.envs.particles.physics import ACTION_GAIN, DT, ParticleState
from dimapg_tf.types import ConfigurationError


def env_of(**settings):
    return make_env("cooperative_navigation", **{"num_agents": 4, "reward_clip": 99.0} | settings)


def test_without_heterogeneity_all_are_alike_in_every_team():
    for number in (0, 7):
        team = unlike.team(5, 0.15, ACTION_GAIN, 0.0, number)
        assert team.alike
        np.testing.assert_array_equal(team.radii, np.full(5, 0.15))
        np.testing.assert_array_equal(team.accelerations, np.full(5, ACTION_GAIN))


def test_a_team_is_within_its_bounds_and_stays_the_same():
    teams = [unlike.team(500, 0.1, 5.0, 1.0, number) for number in (3, 3, 4)]
    for first, second, third in zip(*(team[:2] for team in teams)):
        np.testing.assert_array_equal(first, second)
        assert (first != third).all()
    radii, accelerations = teams[0]
    assert 0.05 <= radii.min() < 0.055
    assert 0.19 < radii.max() <= 0.2
    assert 1.25 <= accelerations.min() < 1.4
    assert 18.0 < accelerations.max() <= 20.0
    assert abs(np.corrcoef(np.log(radii), np.log(accelerations))[0, 1]) < 0.2
    half = unlike.team(500, 0.1, 5.0, 0.5, 3)
    np.testing.assert_allclose((half.radii / 0.1) ** 2, radii / 0.1)
    np.testing.assert_allclose((half.accelerations / 5.0) ** 2, accelerations / 5.0)


def test_the_strong_move_further():
    env = env_of(heterogeneity=1.0, team=2, agent_radius=0.001)
    state, observations = env.reset(0, 3, tf.float64)
    step = env.step(state, {"agents": np.full((3, 4), 2)})
    moved = (step.state.positions - state.positions)[..., 0]
    strength = unlike.team(4, 0.001, ACTION_GAIN, 1.0, 2).accelerations
    np.testing.assert_allclose(moved, np.tile(strength * DT**2, (3, 1)), atol=1e-9)
    alike, _ = env_of(agent_radius=0.001).reset(0, 3, tf.float64)
    np.testing.assert_array_equal(alike.positions, state.positions)
    np.testing.assert_array_equal(
        observations["agents"], env_of(agent_radius=0.001).observations(state)["agents"]
    )


def test_large_agents_touch_from_further_away(generator):
    """Reward, measure and contact force, against a loop over pairs."""
    env = env_of(heterogeneity=1.0, team=1, agent_radius=0.3, boundary_penalty=0.0)
    radii = unlike.team(4, 0.3, ACTION_GAIN, 1.0, 1).radii
    at = generator.uniform(-0.6, 0.6, (6, 4, 2))
    state = ParticleState(*(tf.constant(v) for v in (at, np.zeros_like(at), at)))
    touched = np.zeros((6, 4))
    for world, i, j in np.ndindex(6, 4, 4):
        apart = np.linalg.norm(at[world, i] - at[world, j])
        touched[world, i] += i != j and apart < radii[i] + radii[j]
    as_if_alike = np.linalg.norm(at[:, :, None] - at[:, None], axis=-1) < 0.6
    assert (touched != as_if_alike.sum(axis=2) - 1).any()
    rewards = env._reward(env.to_planes(state))["agents"].numpy().T
    np.testing.assert_allclose(rewards, -touched, atol=1e-12)  # all goals are covered
    states = ParticleState(*(np.stack([v, v]) for v in (at, at, at)))
    np.testing.assert_array_equal(env.measures(states)["collisions"], touched.sum(axis=1) / 2)
    pushed = env.step(state, {"agents": np.zeros((6, 4), int)}).state.velocities.numpy()
    np.testing.assert_array_equal(np.abs(pushed).max(axis=-1) > 1e-3, touched > 0)


@pytest.mark.parametrize(("name", "value"), [("heterogeneity", 1.5), ("team", -1)])
def test_bad_settings_are_named(name, value):
    with pytest.raises(ConfigurationError, match=f"{name} = {value}"):
        env_of(**{name: value})
