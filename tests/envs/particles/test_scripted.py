"""The scripted reference policies."""

import numpy as np
import pytest

from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles import ParticleState, scripted
from dimapg_tf.envs.random_play import random_player
from dimapg_tf.experiment import evaluation


def state_of(positions, goals):
    positions = np.array([positions], float)
    return ParticleState(positions, np.zeros_like(positions), np.array([goals], float))


def test_nearest_may_share_a_goal_and_the_assignment_does_not():
    state = state_of([[0, 0], [0.1, 0]], [[-0.2, 0], [5, 0]])
    assert scripted.nearest(state).tolist() == [[0, 0]]
    assert scripted.assignment(state).tolist() == [[0, 1]]
    crossed = state_of([[0, 0], [1, 0]], [[1, 0.1], [0, 0.1]])
    assert scripted.assignment(crossed).tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("goal", "action"), [((1, 0.2), 2), ((-1, 0.2), 1), ((0.2, 1), 4), ((0.2, -1), 3), ((0, 0), 0)]
)
def test_go_to(goal, action):
    assert scripted.go_to(state_of([[0, 0]], [goal]), np.array([[0]])) == action


def test_go_to_counts_where_the_agent_would_rest():
    state = state_of([[0, 0]], [[0.3, 0]])
    moving = state._replace(velocities=np.array([[[1.0, 0.0]]]))
    assert scripted.go_to(moving, np.array([[0]])) == 0
    env = make_env("cooperative_navigation", num_agents=1)
    for _ in range(60):
        moving = env.step(moving, {"agents": np.zeros((1, 1), int)}).state
    np.testing.assert_allclose(np.asarray(moving.positions)[0, 0], [0.3, 0.0], atol=1e-6)


def test_the_policies_rank_as_they_must():
    env = make_env("cooperative_navigation", num_agents=3, horizon=60)
    rows = {
        name: evaluation.evaluate_player(env, choose, seed=0, episodes=30)
        for name, choose in env.players.items()
    }
    means = [rows[name]["return_mean"] for name in ("random", "nearest", "assignment")]
    assert means == sorted(means)
    assert rows["assignment"]["goals_covered"] > 2.0 > rows["nearest"]["goals_covered"]
    assert rows["nearest"]["collisions"] > rows["assignment"]["collisions"]


def test_random_uses_every_action():
    env = make_env("cooperative_navigation", num_agents=3)
    choose = random_player(env.spec)
    noise = np.linspace(0, 1, 300, endpoint=False).reshape(3, 100)
    actions = choose("agents", None, None, noise)
    assert actions.shape == (100, 3)
    assert np.bincount(actions.ravel()).tolist() == [60] * 5
