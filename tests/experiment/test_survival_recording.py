"""Recorded games: the evaluation's first one, moment by moment."""

import numpy as np

from dimapg_tf import policy, seeds
from dimapg_tf.drawing.survival import ON_AGENT, ON_FOOD
from dimapg_tf.experiment.survival_recording import record
from dimapg_tf.rollouts import parallel


def test_a_film_is_the_game_that_was_played(small_game):
    size = small_game.spec.populations["agents"].observation_size
    thetas = {"agents": policy.init(seeds.generator(0), size, 23, (8,))}
    film = record(small_game, thetas, 3, "a title")
    games = parallel.collect(small_game, thetas, 3, 1)
    assert film.title == "a title"
    assert film.map_size == 9
    assert len(film.frames) == games.steps[0] + 1
    first, last = film.frames[0], film.frames[-1]
    assert len(first.agents) == 6
    assert len(last.agents) == games.measures["survivors"][0]
    assert len(last.food) == games.measures["food_left"][0]
    assert last.caption.endswith(f"team return {games.returns['agents'].sum():.0f}")
    assert len(last.deaths) == 6 - len(last.agents)
    assert len(last.attacks) == 0


def test_scripted_players_hit_food_only(small_game):
    """What an attack is on follows from the scene: food that is hit loses hit points."""
    film = record(small_game, "go_to_food", 3, "")
    kinds = np.concatenate([frame.attacks[:, 4] for frame in film.frames])
    assert (kinds == ON_FOOD).all()
    assert len(kinds) >= 3
    assert len(film.frames[-1].deaths) == 0


def test_random_players_hit_each_other(small_game):
    """Agents die of one hit here: there are as many attacks on agents as deaths, or more."""
    for seed in range(5):
        film = record(small_game, "random", seed, "")
        attacks = np.concatenate([frame.attacks for frame in film.frames])
        deaths = len(film.frames[-1].deaths)
        assert (attacks[:, 4] == ON_AGENT).sum() >= deaths
        assert np.abs(attacks[:, :2] - attacks[:, 2:4]).max() == 1
