"""Pictures of a made-up game: what is where, in which colour, and the files."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from dimapg_tf.drawing import survival
from dimapg_tf.drawing.survival import ON_AGENT, ON_FOOD, ON_NOTHING, Film, Frame

SIZE = 330


@pytest.fixture
def film():
    """On a map of 11 x 11: one eats, one attacks a wounded one, one hits nothing; one has died."""
    first = Frame(
        agents=np.array([[1, 1], [3, 3], [6, 3], [7, 3], [9, 9]]),
        wounded=np.array([False, False, False, True, False]),
        food=np.array([[4, 3], [5, 7]]),
        left=np.array([1.0, 0.2]),
        attacks=np.array([[3, 3, 4, 3, ON_FOOD], [6, 3, 7, 3, ON_AGENT], [9, 9, 9, 8, ON_NOTHING]]),
        deaths=np.array([[2, 8]]),
        caption="food 2, agents 5",
    )
    last = first._replace(attacks=np.zeros((0, 5), int), caption="the end")
    return Film("a test", 11, (first, last))


def colour_at(film, image, x, y):
    low, high = survival.shown(film)
    at = [int((v - low) / (high - low) * image.width) for v in (x, y)]
    return image.getpixel(tuple(at))


def test_everything_is_drawn_where_it_is(film):
    image = survival.draw_map(film, 0, SIZE)
    expected = {
        (1, 1): survival.AGENT,
        (3, 3): survival.EATING,
        (6, 3): survival.FIGHTING,
        (7, 3): survival.WOUNDED,
        (9, 9): survival.AGENT,  # hits nothing
        (5, 7): survival.FOOD,
        (2, 8): survival.DEAD,
        (3.55, 3): survival.EATING,  # the stroke from the eater to the food
        (9, 8.4): survival.MISSING,
        (8, 6): survival.GROUND,
        (0, 5): survival.WALL,
    }
    for cell, colour in expected.items():
        assert colour_at(film, image, *cell) == ImageColor.getrgb(colour), cell


def test_gnawed_food_is_smaller(film):
    image = survival.draw_map(film, 1, SIZE)
    assert colour_at(film, image, 4.35, 3.35) == ImageColor.getrgb(survival.FOOD)
    assert colour_at(film, image, 5.35, 7.35) == ImageColor.getrgb(survival.GROUND)


def test_what_is_shown_holds_everything(film):
    low, high = survival.shown(film)
    assert low <= 0.5
    assert high >= 9.5
    small = film.frames[0]._replace(agents=np.array([[4, 5]]), deaths=np.zeros((0, 2), int))
    low, high = survival.shown(Film("", 11, (small,)))
    assert (low, high) == (5 - 2 - survival.MARGIN, 5 + 2 + survival.MARGIN)


def test_files(film, tmp_path):
    survival.write_gif(film, tmp_path / "game.gif")
    survival.write_strip(film, tmp_path / "game.png")
    with Image.open(tmp_path / "game.gif") as gif:
        assert gif.n_frames == 2
        assert gif.width == survival.STYLE.gif_size
        # The palette keeps the colours as they are.
        assert (np.array(gif.convert("RGB")) == ImageColor.getrgb(survival.FIGHTING)).all(2).any()
    with Image.open(tmp_path / "game.png") as strip:
        assert strip.width > 3 * survival.STYLE.strip_size
