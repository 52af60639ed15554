"""Where the food lies and where agents start in a game of Survival; cells are (x, y)."""

import numpy as np

from dimapg_tf.envs.survival.rules import Settings
from dimapg_tf.types import ConfigurationError


def food_cells(settings: Settings) -> np.ndarray:
    """The food's cells [num_food, 2], the same in every game: about the centre, nearest first.

    The lattice is filled square by square, so that 160 food particles 2 cells apart lie in a box of
    25 x 25 cells; the disc is filled by distance.

    Raises:
      ConfigurationError: the map is too small for them.
    """
    spacing = settings.food_spacing if settings.food_layout == "lattice" else 1
    centre = settings.map_size // 2
    reach = (centre - 1) // spacing
    steps = np.arange(-reach, reach + 1) * spacing
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    rings = np.maximum(abs(x), abs(y)) if settings.food_layout == "lattice" else x * 0
    nearest = np.lexsort((x, y, x * x + y * y, rings))[: settings.num_food]
    if len(nearest) < settings.num_food:
        raise ConfigurationError(
            f"num_food = {settings.num_food}: a map of size {settings.map_size} has room for "
            f"{len(nearest)} food particles {spacing} cells apart"
        )
    return centre + np.stack([x[nearest], y[nearest]], axis=1)


def start_cells(settings: Settings) -> np.ndarray:
    """The cells [.., 2] that agents may start in.

    Raises:
      ConfigurationError: they are fewer than the agents.
    """
    size, centre = settings.map_size, settings.map_size // 2
    edge = settings.start_square or size - 2
    low = max(centre - edge // 2, 1)
    inside = np.arange(low, min(low + edge, size - 1), settings.start_spacing)
    free = np.zeros((size, size), bool)  # [x, y]
    free[np.ix_(inside, inside)] = True
    food = food_cells(settings)
    if settings.placement == "outside":
        (left, top), (right, bottom) = food.min(axis=0), food.max(axis=0)
        free[left : right + 1, top : bottom + 1] = False
    free[food[:, 0], food[:, 1]] = False
    cells = np.argwhere(free)
    if len(cells) < settings.num_agents:
        raise ConfigurationError(
            f"num_agents = {settings.num_agents}: only {len(cells)} cells are free to start in; "
            "make map_size or start_square larger, or start_spacing or num_agents smaller"
        )
    return cells


def draw_start(
    cells: np.ndarray, num_agents: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(different cells [n, 2] from these, headings [n] in 0..3), uniformly."""
    chosen = generator.choice(len(cells), num_agents, replace=False)
    return cells[chosen], generator.integers(0, 4, num_agents)
