"""Scripted predators and prey."""

import numpy as np
import pytest

from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles import ParticleState, scripted
from dimapg_tf.experiment import evaluation


def state_of(agents, velocities=None):
    agents = np.array([agents], float)
    velocities = np.zeros_like(agents) if velocities is None else np.array([velocities], float)
    return ParticleState(agents, velocities, np.zeros((1, 0, 2)))


@pytest.mark.parametrize(
    ("offset", "action"), [((1, 0.2), 2), ((-1, 0.2), 1), ((0.2, 1), 4), ((0.2, -1), 3)]
)
def test_thrust(offset, action):
    assert scripted.thrust(np.array(offset)) == action


def test_greedy_predators_head_for_the_nearest_prey():
    state = state_of([[0, 0], [1, 0], [-0.3, 0.1], [1.1, 0.6]])
    assert scripted.pursue(state, 2, 0.0).tolist() == [[1, 4]]


def test_intercepting_predators_count_both_velocities():
    state = state_of([[0, 0], [0.2, 0]], [[0, 0], [-1, 0]])
    assert scripted.pursue(state, 1, 0.0).tolist() == [[2]]
    assert scripted.pursue(state, 1, scripted.COASTING).tolist() == [[1]]
    state = state_of([[0, 0], [0.2, 0]], [[1, 0], [0, 0]])
    assert scripted.pursue(state, 1, scripted.COASTING).tolist() == [[1]]


def test_prey_flee_from_predators_and_walls():
    assert scripted.flee(state_of([[-0.2, 0], [0, 0]]), 1).tolist() == [[2]]
    assert scripted.flee(state_of([[0.3, 0], [0.9, 0]]), 1).tolist() == [[1]]  # the wall is nearer
    near_and_far = state_of([[0, -0.1], [0.5, 0], [0, 0]])
    assert scripted.flee(near_and_far, 2).tolist() == [[4]]
    assert np.isfinite(scripted.flee(state_of([[0, 0], [0, 0]]), 1)).all()


def test_they_rank_as_they_must():
    env = make_env("predator_prey", horizon=100)
    scripts = env.players_of

    def contacts(predators, prey):
        choose_of = {"predators": scripts["predators"][predators], "prey": scripts["prey"][prey]}
        return evaluation.evaluate_match(env, choose_of, 0, 40)["contacts"]

    assert contacts("random", "random") < 0.1 * contacts("greedy", "random")
    assert contacts("greedy", "fleeing") < 0.5 * contacts("greedy", "random")
    assert contacts("greedy", "fleeing") < contacts("intercepting", "fleeing")
