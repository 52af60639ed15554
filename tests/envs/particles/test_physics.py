"""Physics, observation and reward against mpe2, from injected states."""

import numpy as np
import pytest
import tensorflow as tf
from mpe2 import simple_spread_v3
from mpe2_reference import step_mpe2

from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles import physics
from dimapg_tf.envs.particles.physics import Bodies, ParticleState, Planes

STATES = 1_000


def random_states(generator, num_agents):
    """States with contacts: agents drawn from a square that is small for their number."""
    half = 0.25 * np.sqrt(num_agents)
    shape = (STATES, num_agents, 2)
    return (
        generator.uniform(-half, half, shape),
        generator.normal(size=shape),
        generator.uniform(-1.0, 1.0, shape),
        generator.integers(0, 5, (STATES, num_agents)),
    )


@pytest.mark.parametrize(
    ("num_agents", "kind"), [(3, "discrete"), (10, "discrete"), (3, "continuous")]
)
def test_spread_is_mpe2s(num_agents, kind, generator):
    positions, velocities, goals, actions = random_states(generator, num_agents)
    if kind == "continuous":  # beyond the bounds, too, where both clip
        actions = generator.uniform(-0.3, 1.3, (STATES, num_agents, 5))
    env = make_env(
        "cooperative_navigation",
        num_agents=num_agents,
        integrator="mpe2",
        reward="mpe",
        actions=kind,
    )
    state = ParticleState(*(tf.constant(v) for v in (positions, velocities, goals)))
    ours = env.step(state, {"agents": actions})

    theirs = simple_spread_v3.parallel_env(N=num_agents, continuous_actions=kind == "continuous")
    positions, velocities, observations, rewards, contacts = step_mpe2(
        theirs, positions, velocities, goals, actions
    )
    assert contacts > STATES / 2
    for mine, expected in (
        (ours.state.positions, positions),
        (ours.state.velocities, velocities),
        (ours.observations["agents"], np.stack(observations, axis=1)),
        (ours.rewards["agents"], rewards),
    ):
        assert mine.dtype == tf.float64
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-9)


def one_body(max_speed=np.inf, obstacle_radii=()):
    return Bodies(np.full(1, 0.1), np.full(1, 5.0), np.full(1, max_speed), np.array(obstacle_radii))


def planes(x, y, vx, vy, landmark=(9.0, 9.0)):
    return Planes(*(tf.constant([[float(v)]], tf.float64) for v in (x, y, vx, vy, *landmark)))


@pytest.mark.parametrize(
    ("integrator", "moved"),
    # velocity 1, no action: v -> 0.75. OpenAI moves with the new velocity, mpe2 with the old one.
    [("openai", 0.075), ("mpe2", 0.1)],
)
def test_integration_order(integrator, moved):
    after = physics.physics_step(planes(0, 0, 1, 0), tf.constant([[0]]), one_body(), integrator)
    assert after.vx.numpy() == pytest.approx(0.75)
    assert after.x.numpy() == pytest.approx(moved)


@pytest.mark.parametrize(
    ("action", "vx", "vy"), [(0, 0, 0), (1, -0.5, 0), (2, 0.5, 0), (3, 0, -0.5), (4, 0, 0.5)]
)
def test_actions_follow_mpe2(action, vx, vy):
    after = physics.physics_step(planes(0, 0, 0, 0), tf.constant([[action]]), one_body(), "openai")
    assert (after.vx.numpy().item(), after.vy.numpy().item()) == pytest.approx((vx, vy))


def test_max_speed_keeps_the_direction():
    after = physics.physics_step(
        planes(0, 0, 4, 3), tf.constant([[0]]), one_body(max_speed=1.0), "openai"
    )
    assert (after.vx.numpy().item(), after.vy.numpy().item()) == pytest.approx((0.8, 0.6))


def test_obstacles_push_and_stay():
    touching = planes(0.25, 0, 0, 0, landmark=(0.0, 0.0))
    after = physics.physics_step(
        touching, tf.constant([[0]]), one_body(obstacle_radii=[0.2]), "openai"
    )
    assert after.vx.numpy() > 0.1
    assert after.landmark_x.numpy() == 0.0


def test_bodies_at_the_same_point_do_not_give_nan():
    pair = Bodies(np.full(2, 0.1), np.full(2, 5.0), np.full(2, np.inf), np.zeros(0))
    zeros = tf.zeros([2, 1], tf.float64)
    after = physics.physics_step(
        Planes(zeros, zeros, zeros, zeros, zeros, zeros), tf.constant([[0], [0]]), pair, "openai"
    )
    assert np.isfinite(after.x.numpy()).all()


def test_layouts_are_inverse(generator):
    state = ParticleState(*(tf.constant(generator.normal(size=(4, n, 2))) for n in (3, 3, 2)))
    back = physics.from_planes(physics.to_planes(state))
    for mine, expected in zip(back, state):
        np.testing.assert_array_equal(mine, expected)


def test_nearest_first(generator):
    dx, dy, speed = generator.normal(size=(3, 5, 3, 4))
    dx[1], dy[1] = -dx[0], dy[0]  # a tie
    got = physics.nearest_first(*(tf.constant(plane) for plane in (dx, dy, speed)))
    order = np.argsort(dx**2 + dy**2, axis=0, kind="stable")
    for mine, plane in zip(got, (dx, dy, speed)):
        np.testing.assert_array_equal(mine, np.take_along_axis(plane, order, axis=0))


def test_others_come_in_the_order_of_their_index():
    plane = tf.constant([[10.0], [20.0], [40.0]])
    np.testing.assert_array_equal(physics.others(plane)[..., 0], [[20, 10, 10], [40, 40, 20]])
