"""Where food lies and agents start."""

import numpy as np
import pytest

from dimapg_tf.envs import make_env
from dimapg_tf.envs.survival.layout import draw_start, food_cells, start_cells
from dimapg_tf.envs.survival.rules import Settings
from dimapg_tf.types import ConfigurationError


@pytest.mark.parametrize(("layout", "spacing", "width"), [("lattice", 2, 25), ("disc", 1, 15)])
def test_food_is_at_the_centre(layout, spacing, width):
    cells = food_cells(Settings(food_layout=layout))
    assert len(np.unique(cells, axis=0)) == 160
    assert (np.ptp(cells, axis=0) + 1).tolist() == [width, width]
    assert abs(cells.mean() - 49) < 0.5
    between = np.abs(cells[:, None] - cells[None]).sum(axis=2)
    assert between[between > 0].min() == spacing


def test_agents_start_outside_the_food():
    settings = Settings(start_square=68)
    cells = start_cells(settings)
    assert (np.abs(cells - 49).max(axis=1) > 12).all()
    assert cells.min() >= 49 - 34
    assert cells.max() <= 49 + 34
    assert np.unique(np.diff(np.unique(cells[:, 0]))).tolist() == [3]


def test_anywhere_is_anywhere_but_on_food():
    settings = Settings(placement="anywhere", start_spacing=1)
    cells = start_cells(settings)
    assert len(cells) == 97 * 97 - 160
    taken = {tuple(cell) for cell in food_cells(settings).tolist()}
    assert not taken & {tuple(cell) for cell in cells.tolist()}


def test_draws_are_different_cells():
    cells, headings = draw_start(start_cells(Settings()), 230, np.random.default_rng(0))
    assert len(np.unique(cells, axis=0)) == 230
    assert set(headings.tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"num_agents": 630, "start_square": 40}, "num_agents = 630"),
        ({"num_food": 200, "map_size": 25}, "num_food = 200"),
    ],
)
def test_too_little_room_is_told(settings, named):
    with pytest.raises(ConfigurationError, match=named):
        make_env("survival", **settings)
