"""What agents of Survival see, against the engine's own observations."""

import numpy as np
import pytest
from magent2 import gridworld

from dimapg_tf.envs.survival import rules
from dimapg_tf.envs.survival.game import Game
from dimapg_tf.envs.survival.rules import FIRST_ATTACK, NUM_ACTIONS, Settings
from dimapg_tf.envs.survival.views import (
    EAST,
    ID_BITS,
    NORTH,
    SOUTH,
    WEST,
    Projection,
    identity_bits,
)

CROWDED = Settings(
    num_agents=40, num_food=20, map_size=15, view_range=4, placement="anywhere", start_spacing=1
)


@pytest.fixture
def crowd():
    """A game after some steps of random play: wounded agents, dead ones, gnawed food."""
    game = Game(CROWDED)
    game.reset(3)
    generator = np.random.default_rng(0)
    for _ in range(4):
        game.step(generator.integers(0, NUM_ACTIONS, len(game.scene.agents)))
    assert {0, 1} <= set(game.scene.hits.tolist())
    assert len(set(game.scene.food_hits.tolist())) > 2
    assert len(game.scene.agents) < 40
    return game


def test_views_are_the_engines(monkeypatch):
    """The same game on an engine that is asked for the whole view."""

    class Range(gridworld.CircleRange):
        def __init__(self, radius):
            super().__init__(CROWDED.view_range if radius == 1 else radius)

    monkeypatch.setattr(gridworld, "CircleRange", Range)
    game = Game(CROWDED)
    monkeypatch.undo()
    game._hits = lambda group, hp: hits(game, group, hp)
    game.reset(3)
    generator = np.random.default_rng(0)
    radius = CROWDED.view_range
    columns = game.view.cells[:, 0] + radius, game.view.cells[:, 1] + radius
    for _ in range(12):
        view, features = game._engine.get_observation(game._agents)
        inside = view[:, columns[1], columns[0]]  # [m, C, 5]
        mine = game.view.vectors(game.sights())
        expected = inside.reshape(len(inside), -1)
        np.testing.assert_allclose(mine[:, : game.view.view_size], expected, atol=1e-6)
        assert view.sum() == pytest.approx(inside.sum(), rel=1e-5)  # nothing outside the circle
        # Identity, last action, last reward, in the engine's own order.
        np.testing.assert_allclose(mine[:, game.view.view_size : -2], features, atol=1e-6)
        game.step(generator.integers(0, NUM_ACTIONS, len(game.scene.agents)))


def hits(game, group, hp):
    middle = CROWDED.view_range
    left = game._engine.get_observation(group)[0][:, middle, middle, 2]
    return np.rint((1.0 - left) * hp / CROWDED.damage).astype(np.uint8)


@pytest.mark.parametrize(
    ("heading", "seen_at"), [(NORTH, (0, -2)), (EAST, (-2, 0)), (SOUTH, (0, 2)), (WEST, (2, 0))]
)
def test_the_view_turns_with_the_heading(heading, seen_at):
    """Food two cells to the north: ahead, to the left, behind, to the right."""
    game = Game(Settings(num_agents=1, num_food=1, map_size=19))
    game.place(np.array([[9, 9]]), np.array([heading]), np.array([[9, 7]]), 1)
    codes = game.sights().codes[0]
    (cell,) = np.flatnonzero(codes == game.view.first_food)
    assert tuple(game.view.cells[cell]) == seen_at


def test_what_is_in_the_vector(crowd):
    view, sights = crowd.view, crowd.sights()
    vectors = view.vectors(sights)
    assert vectors.shape == (len(crowd.scene.agents), view.observation_size)
    assert view.observation_size == 49 * 5 + ID_BITS + NUM_ACTIONS + 3
    _, action, reward, place = np.split(
        vectors[:, view.view_size :], [ID_BITS, ID_BITS + NUM_ACTIONS, ID_BITS + NUM_ACTIONS + 1], 1
    )
    np.testing.assert_array_equal(action.argmax(axis=1), sights.last_actions)
    np.testing.assert_array_equal(reward[:, 0], sights.last_rewards)
    np.testing.assert_allclose(place * 15, crowd.scene.positions, atol=1e-5)


def test_identity_is_binary():
    assert identity_bits(np.array([5]))[0, :4].tolist() == [1, 0, 1, 0]
    assert len(np.unique(identity_bits(np.arange(1024)), axis=0)) == 1024


@pytest.mark.parametrize("grouped", [False, True])
def test_projection_is_the_product(crowd, grouped):
    view, sights = crowd.view, crowd.sights()
    generator = np.random.default_rng(1)
    weights = generator.normal(size=(3, view.observation_size, 7))
    groups = generator.integers(0, 3, len(sights.codes)) if grouped else None
    vectors = view.vectors(sights).astype(np.float64)
    own = weights[np.zeros(len(vectors), int) if groups is None else groups]
    expected = np.einsum("mo,moh->mh", vectors, own)
    np.testing.assert_allclose(Projection(view, weights)(sights, groups), expected, atol=1e-5)


def test_before_the_first_action_there_is_none():
    game = Game(CROWDED)
    game.reset(1)
    features = game.view.features(game.sights())
    assert not features[:, ID_BITS : ID_BITS + NUM_ACTIONS + 1].any()
    game.step(np.full(40, FIRST_ATTACK))
    features = game.view.features(game.sights())
    assert features[:, ID_BITS + FIRST_ATTACK].all()


def test_hit_points_cover_what_the_settings_ask_for():
    settings = Settings(num_agents=1, agent_hp=13, damage=4, food_hp=9)
    assert (settings.agent_hits, settings.food_hits) == (4, 3)
    assert rules.make_engine(settings) is not None
