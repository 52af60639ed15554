"""Every rule of Survival in a hand-made scene of two or three agents, on the engine itself.

In each scene (x, y) are cells of a 19 x 19 map; everybody looks north, so that an action's offset
is one on the map. A step costs 0.01 whatever is done.
"""

import numpy as np
import pytest

from dimapg_tf.envs.survival.game import Game
from dimapg_tf.envs.survival.rules import (
    ATTACKS,
    FIRST_ATTACK,
    MOVES,
    NUM_ACTIONS,
    STAY,
    TURN_LEFT,
    TURN_RIGHT,
    Settings,
)
from dimapg_tf.envs.survival.views import EAST, NORTH, SOUTH, WEST
from dimapg_tf.types import ConfigurationError

FAR = (2, 2)  # a food particle out of everybody's way, so that the game goes on


def scene(agents, food=(FAR,), headings=None, **settings):
    """A game with agents and food in these cells."""
    settings = {"map_size": 19, "num_agents": 1, "num_food": 1, **settings}
    game = Game(Settings(**settings))
    headings = headings or [NORTH] * len(agents)
    game.place(np.array(agents), np.array(headings), np.array(food), engine_seed=5)
    return game


def attack(dx, dy):
    return FIRST_ATTACK + ATTACKS.index((dx, dy))


def rewards(game, *actions):
    return np.round(game.step(np.array(actions)).astype(np.float64), 5).tolist()


RIGHT, LEFT, UP, DOWN = attack(1, 0), attack(-1, 0), attack(0, -1), attack(0, 1)


def test_actions_are_the_papers():
    assert (len(MOVES), len(ATTACKS), NUM_ACTIONS) == (13, 8, 23)
    assert MOVES[STAY] == (0, 0)


@pytest.mark.parametrize("action", [STAY, MOVES.index((1, 0)), TURN_LEFT, TURN_RIGHT])
def test_a_step_costs(action):
    assert rewards(scene([(9, 9)]), action) == [-0.01]


@pytest.mark.parametrize("heading", [EAST, SOUTH, WEST, NORTH])
def test_moves_are_relative_to_the_heading(heading):
    forward = {EAST: (1, 0), SOUTH: (0, 1), WEST: (-1, 0), NORTH: (0, -1)}[heading]
    game = scene([(9, 9)], headings=[heading])
    game.step(np.array([MOVES.index((0, -2))]))
    np.testing.assert_array_equal(game.scene.positions[0], (9 + 2 * forward[0], 9 + 2 * forward[1]))


def test_turns_are_kept_track_of():
    game = scene([(9, 9), (5, 5)], headings=[EAST, NORTH])
    game.step(np.array([TURN_RIGHT, TURN_LEFT]))
    assert game.scene.headings.tolist() == [SOUTH, WEST]
    game.step(np.array([MOVES.index((0, -1)), MOVES.index((0, -1))]))
    assert game.scene.positions.tolist() == [[9, 10], [4, 5]]


@pytest.mark.parametrize(("reading", "cost"), [("gather", -0.11), ("literal", -0.01)])
@pytest.mark.parametrize("position", [(9, 9), (1, 9)], ids=["blank", "wall"])
def test_attacking_nothing(reading, cost, position):
    assert rewards(scene([position], reward_reading=reading), LEFT) == [cost]


@pytest.mark.parametrize(
    ("reading", "hit", "eaten"), [("gather", 0.39, 4.89), ("literal", -0.01, 4.99)]
)
def test_food_is_eaten_with_the_fifth_hit(reading, hit, eaten):
    game = scene([(9, 9)], food=[(10, 9), FAR], reward_reading=reading)
    assert game.settings.food_hits == 5
    for left in (4, 3, 2, 1):
        assert rewards(game, RIGHT) == [hit]
        assert game.scene.food_hits.tolist() == [5 - left, 0]
    assert rewards(game, RIGHT) == [eaten]
    assert game.scene.food.tolist() == [list(FAR)]
    assert not game.over


def test_two_at_one_food_and_only_the_last_hit_eats():
    game = scene([(9, 9), (11, 9)], food=[(10, 9), FAR])
    assert rewards(game, RIGHT, LEFT) == [0.39, 0.39]
    assert rewards(game, RIGHT, LEFT) == [0.39, 0.39]
    assert sorted(rewards(game, RIGHT, LEFT)) == [-0.11, 4.89]


def test_a_lone_attacker_kills_with_the_second_hit():
    game = scene([(9, 9), (10, 9)])
    assert game.settings.agent_hits == 2
    assert rewards(game, RIGHT, STAY) == [-0.11, -0.01]
    assert game.scene.hits.tolist() == [0, 1]
    assert rewards(game, RIGHT, STAY) == [-0.11, -1.0]
    assert game.scene.agents.tolist() == [0]


def test_the_dead_do_not_come_back():
    game = scene([(9, 9), (10, 9)])
    game.step(np.array([RIGHT, STAY]))
    game.step(np.array([RIGHT, STAY]))
    assert rewards(game, STAY) == [-0.01]
    assert len(game.sights().codes) == 1


@pytest.mark.parametrize("reading", ["gather", "literal"])
def test_a_group_that_attacks_is_rewarded(reading):
    game = scene([(9, 9), (11, 9), (10, 9)], reward_reading=reading)
    assert rewards(game, RIGHT, LEFT, STAY) == [0.89, 0.89, -1.0]


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_the_group_reward_is_a_setting(value):
    game = scene([(9, 9), (11, 9), (10, 9)], group_attack_reward=value)
    expected = round(-0.11 + value, 5)
    assert rewards(game, RIGHT, LEFT, STAY) == [expected, expected, -1.0]


def test_no_group_reward_for_food_or_for_different_victims():
    game = scene([(9, 9), (11, 9)], food=[(10, 9), FAR])
    assert rewards(game, RIGHT, LEFT) == [0.39, 0.39]
    game = scene([(4, 9), (5, 9), (11, 9), (12, 9)])
    assert rewards(game, RIGHT, STAY, RIGHT, STAY) == [-0.11, -0.01, -0.11, -0.01]


def test_only_two_can_hit_a_fresh_agent():
    """The third finds its cell empty: so the group reward is never more than 1."""
    game = scene([(9, 9), (11, 9), (10, 8), (10, 9)])
    *attackers, victim = rewards(game, RIGHT, LEFT, DOWN, STAY)
    assert sorted(attackers) == [-0.11, 0.89, 0.89]
    assert victim == -1.0


@pytest.mark.parametrize(("reading", "lone"), [("gather", -0.11), ("literal", -0.01)])
def test_no_group_reward_for_a_wounded_victim(reading, lone):
    game = scene([(9, 9), (11, 9), (10, 9)], reward_reading=reading)
    assert rewards(game, RIGHT, STAY, STAY) == [-0.11, -0.01, -0.01]
    one, two, victim = rewards(game, RIGHT, LEFT, STAY)
    assert sorted([one, two]) == sorted([-0.11, lone])
    assert victim == -1.0


def test_mutual_attack():
    game = scene([(9, 9), (10, 9)])
    assert rewards(game, RIGHT, LEFT) == [-0.11, -0.11]
    assert sorted(rewards(game, RIGHT, LEFT)) == [-1.0, -0.11]
    assert len(game.scene.agents) == 1


def test_attacks_that_hit_an_agent_are_counted():
    game = scene([(9, 9), (11, 9), (10, 9), (4, 4)], food=[(5, 4), FAR])
    assert game.measures()["attacks"] == 0
    game.step(np.array([RIGHT, STAY, STAY, RIGHT]))  # one hits an agent, one food
    assert game.measures()["attacks"] == 1
    game.step(np.array([LEFT, LEFT, STAY, LEFT]))  # two hit nothing, one kills
    assert game.measures()["attacks"] == 2
    assert game.measures()["survivors"] == 3


def test_the_game_is_over_when_the_food_is_gone():
    game = scene([(9, 9)], food=[(10, 9)], food_hp=5)
    assert rewards(game, RIGHT) == [4.89]
    assert game.over
    assert game.measures() == {"food_left": 0.0, "survivors": 1.0, "attacks": 0.0}


def test_the_game_goes_on_while_somebody_lives():
    game = scene([(9, 9), (10, 9)], agent_hp=5)
    assert sorted(rewards(game, RIGHT, LEFT)) == [-1.0, -0.11]  # the first to hit, by chance
    assert game.measures() == {"food_left": 1.0, "survivors": 1.0, "attacks": 1.0}
    assert not game.over


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"num_agents": 0}, "num_agents = 0"),
        ({"num_agents": 1025}, "num_agents = 1025"),
        ({"map_size": 100}, "map_size = 100"),
        ({"num_food": 0}, "num_food = 0"),
        ({"view_range": 0}, "view_range = 0"),
        ({"view_range": 50}, "view_range = 50"),
        ({"reward_reading": "kind"}, "reward_reading = 'kind'"),
        ({"group_attack_reward": -1.0}, "group_attack_reward = -1.0"),
        ({"food_layout": "ring"}, "food_layout = 'ring'"),
        ({"placement": "here"}, "placement = 'here'"),
        ({"start_square": 98}, "start_square = 98"),
        ({"damage": 0}, "damage = 0"),
        ({"food_hp": 601}, "food_hp = 601"),
    ],
)
def test_what_cannot_work_is_named(settings, named):
    with pytest.raises(ConfigurationError, match=named):
        Settings(**settings)
