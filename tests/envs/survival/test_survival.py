"""The environment: contract, masks, reproducible games, scripted play."""

import subprocess
import sys

import numpy as np
import pytest
from contracts import check_env

from dimapg_tf.envs import make_env
from dimapg_tf.envs.survival.game import Game
from dimapg_tf.envs.survival.players import go_to_food, random
from dimapg_tf.envs.survival.rules import FIRST_ATTACK, NUM_ACTIONS, Settings

TINY = {"num_agents": 8, "num_food": 4, "map_size": 15, "view_range": 3, "start_spacing": 1}


def test_contract():
    check_env(make_env("survival", **TINY))


def play(seed, steps=40):
    """Everything that happens in a game of random play."""
    game = Game(Settings(num_agents=30, num_food=9, map_size=17, start_spacing=1))
    game.reset(seed)
    generator = np.random.default_rng(seed)
    seen = []
    for _ in range(steps):
        seen += [*game.sights()]
        seen.append(game.step(generator.integers(0, NUM_ACTIONS, len(game.scene.agents))))
    return seen


def test_games_are_reproducible():
    first, again, other = play(4), play(4), play(5)
    for mine, expected in zip(first, again):
        np.testing.assert_array_equal(mine, expected)
    assert not np.array_equal(first[0], other[0])


def test_a_game_is_the_same_whatever_was_played_before():
    games = [Game(Settings(**TINY)) for _ in range(2)]
    games[0].reset(1)
    for _ in range(5):
        games[0].step(np.full(len(games[0].scene.agents), FIRST_ATTACK))
    for game in games:
        game.reset(2)
    for _ in range(5):
        rewards = [game.step(np.arange(len(game.scene.agents)) + 13) for game in games]
        np.testing.assert_array_equal(*rewards)


def test_masks_of_the_dead_and_of_games_that_are_over():
    env = make_env("survival", **{**TINY, "num_agents": 2, "food_hp": 5})
    env.reset(0, 2)
    first, second = env.games
    # World 0: agent 0 kills agent 1 in two steps. World 1: the only food is eaten at once.
    first.place(np.array([[7, 7], [8, 7]]), np.array([3, 3]), np.array([[2, 2]]), 1)
    second.place(np.array([[7, 7], [3, 3]]), np.array([3, 3]), np.array([[8, 7]]), 1)
    east, stay = FIRST_ATTACK + 4, 6
    step = env.step((), {"agents": np.array([[east, stay], [east, stay]])})
    np.testing.assert_allclose(step.rewards["agents"], [[-0.11, -0.01], [4.89, -0.01]], atol=1e-6)
    np.testing.assert_array_equal(step.alive["agents"], [[1, 1], [0, 0]])
    assert not step.observations["agents"][1].any()
    step = env.step((), {"agents": np.array([[east, stay], [east, stay]])})
    np.testing.assert_allclose(step.rewards["agents"], [[-0.11, -1.0], [0, 0]], atol=1e-6)
    np.testing.assert_array_equal(step.alive["agents"], [[1, 0], [0, 0]])
    assert step.observations["agents"][0, 0].any()
    assert not step.observations["agents"][0, 1].any()
    # The dead one's action counts no more; the living one is still number 0.
    step = env.step((), {"agents": np.array([[stay, east], [0, 0]])})
    np.testing.assert_allclose(step.rewards["agents"], [[-0.01, 0], [0, 0]], atol=1e-6)


@pytest.mark.parametrize("player", [random, go_to_food])
def test_players_choose_for_the_living(player):
    game = Game(Settings(num_agents=30, num_food=9, map_size=17, start_spacing=1))
    game.reset(0)
    uniform = np.random.default_rng(0).random((20, 30))
    for t in range(20):
        if game.over:
            break
        actions = player(game, uniform[t])
        assert actions.shape == game.scene.agents.shape
        assert (actions >= 0).all()
        assert (actions < NUM_ACTIONS).all()
        game.step(actions)
    assert (len(game.scene.agents) == 30) == (player is go_to_food)


def test_going_to_food_eats_it_all():
    game = Game(Settings(num_agents=12, num_food=9, map_size=25, start_spacing=1))
    game.reset(0)
    total, steps = 0.0, 0
    while not game.over and steps < 100:
        total += game.step(go_to_food(game, np.full(12, 0.5))).sum()
        steps += 1
    assert game.measures() == {"food_left": 0.0, "survivors": 12.0, "attacks": 0.0}
    # Each food is worth 5 + 4 x 0.5 - 5 x 0.1; a step costs each of the 12 agents 0.01.
    assert 40 < total <= 9 * 6.5 - 0.01 * 12 * steps + 1e-3


def test_worlds_do_without_tensorflow():
    """They are played in worker processes, which would need seconds and much memory for it."""
    modules = "dimapg_tf.envs.survival.game, dimapg_tf.envs.survival.players"
    code = f"import sys, {modules}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
