"""A recorded game of Survival as an animated GIF, and as a strip of moments (Fig. 5, 6)."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from dimapg_tf.drawing import colours, layout
from dimapg_tf.drawing.canvas import INK, PAPER

STYLE = layout.Style(
    gif_size=520,
    gif_text=17,
    strip_size=650,
    strip_text=27,
    strip_moments=(0.0, 0.4, 1.0),
    milliseconds=160,
    last_milliseconds=2_500,
    legend_gap=0.8,
)
SHADES = 7  # of each colour in a GIF, down to the ground's: for smooth edges
MARGIN = 1.5  # cells around what is shown

GROUND, WALL = "#F4F5F7", "#8A9099"
AGENT, WOUNDED, DEAD = colours.BLUE, colours.PURPLE, "#9AA0A8"
FOOD, FULL = colours.GREEN, 0.92  # how much of its cell fresh food fills
EATING, FIGHTING, MISSING = colours.ORANGE, colours.VERMILLION, "#C9CDD2"
ON_FOOD, ON_AGENT, ON_NOTHING = range(3)
STROKES = {ON_NOTHING: MISSING, ON_FOOD: EATING, ON_AGENT: FIGHTING}
LEGEND = (
    ("agent", AGENT),
    ("wounded", WOUNDED),
    ("died here", DEAD),
    ("food", FOOD),
    ("eating", EATING),
    ("attacking an agent", FIGHTING),
)


class Frame(NamedTuple):
    """One moment. Cells are (x, y), y downwards.

    agents [m, 2]; wounded [m] bool; food [f, 2] and what is left of each [f] in (0, 1]; attacks
    [k, 5]: from x, y to x, y, and on what (ON_FOOD, ON_AGENT, ON_NOTHING), done in the next step;
    deaths [d, 2]: where agents have died so far; caption: a line of text.
    """

    agents: np.ndarray
    wounded: np.ndarray
    food: np.ndarray
    left: np.ndarray
    attacks: np.ndarray
    deaths: np.ndarray
    caption: str


class Film(NamedTuple):
    """A recorded game: numbers and words alone. map_size: cells along an edge, walls included."""

    title: str
    map_size: int
    frames: tuple[Frame, ...]


def shown(film: Film) -> tuple[float, float]:
    """The square that everything happens in, about the map's centre: (lowest, highest cell)."""
    middle = (film.map_size - 1) / 2
    furthest = max(
        np.abs(np.concatenate([f.agents, f.food, f.deaths]) - middle).max(initial=0.0)
        for f in film.frames
    )
    half = min(furthest + MARGIN, film.map_size / 2)
    return middle - half, middle + half


def draw_map(film: Film, time: int, size: int) -> Image.Image:
    """The square that is shown at a moment, `size` pixels wide."""
    frame = film.frames[time]
    pen = _Pen(film, size)
    for cell in frame.deaths:
        pen.cross(cell, DEAD)
    for cell, left in zip(frame.food, frame.left):
        pen.square(cell, FULL * np.sqrt(left), FOOD)
    shades = {tuple(cell): AGENT for cell in frame.agents.tolist()}
    shades |= {tuple(cell): WOUNDED for cell in frame.agents[frame.wounded].tolist()}
    # A stroke from who attacks to what is attacked; the attacker itself has that colour, too,
    # unless it hits nothing.
    for kind, colour in STROKES.items():
        for *start, x, y, _ in frame.attacks[frame.attacks[:, 4] == kind].tolist():
            pen.stroke(start, (x, y), colour, 0.3)
            if kind != ON_NOTHING:
                shades[tuple(start)] = colour
    for cell, colour in shades.items():
        pen.disc(cell, 0.52 if colour == FIGHTING else 0.44, colour)
    return pen.image


class _Pen:
    """Draws in cells, y downwards."""

    def __init__(self, film: Film, size: int):
        self._low, high = shown(film)
        self._scale = size / (high - self._low)
        self.image = Image.new("RGB", (size, size), GROUND)
        self._draw = ImageDraw.Draw(self.image)
        border, last = film.map_size - 1, size - 1
        inner = (*self._at((0.5, 0.5)), *self._at((border - 0.5, border - 0.5)))
        if inner[0] > 0:  # the walls are seen
            self._draw.rectangle((0, 0, last, last), WALL)
            self._draw.rectangle(inner, GROUND)

    def _at(self, cell) -> tuple[float, float]:
        return (cell[0] - self._low) * self._scale, (cell[1] - self._low) * self._scale

    def _box(self, cell, radius: float) -> tuple[float, ...]:
        (x, y), r = self._at(cell), radius * self._scale
        return x - r, y - r, x + r, y + r

    def disc(self, cell, radius: float, colour) -> None:
        self._draw.ellipse(self._box(cell, radius), colour)

    def square(self, cell, edge: float, colour) -> None:
        self._draw.rectangle(self._box(cell, edge / 2), colour)

    def cross(self, cell, colour) -> None:
        x0, y0, x1, y1 = self._box(cell, 0.36)
        width = max(1, round(0.18 * self._scale))
        self._draw.line((x0, y0, x1, y1), colour, width)
        self._draw.line((x0, y1, x1, y0), colour, width)

    def stroke(self, start, end, colour, width: float) -> None:
        line = (*self._at(start), *self._at(end))
        self._draw.line(line, colour, max(1, round(width * self._scale)))


def write_gif(film: Film, path: Path, every: int = 1) -> None:
    """Every so-many-th moment of the game, and the last one for a while."""

    def draw(time, size):
        return draw_map(film, time, size)

    layout.write_gif(_labels(film), STYLE, draw, _palette(), path, every)


def write_strip(film: Film, path: Path) -> None:
    """A few moments side by side."""

    def draw(time, size, before):
        return draw_map(film, time, size)

    layout.write_strip(_labels(film), STYLE, draw, path)


def _labels(film: Film) -> layout.Labels:
    return layout.Labels(film.title, [frame.caption for frame in film.frames], LEGEND)


def _palette() -> Image.Image:
    """The colours of this module and what lies between them and what they are drawn on."""
    inks = [AGENT, WOUNDED, DEAD, FOOD, EATING, FIGHTING, MISSING, INK, WALL]
    values = []
    for ink in inks:
        for ground in (GROUND, PAPER):
            pair = np.array([ImageColor.getrgb(ink), ImageColor.getrgb(ground)], float)
            shares = np.linspace(1.0, 0.0, SHADES)[:, None]
            values.append(np.rint(shares * pair[0] + (1.0 - shares) * pair[1]))
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.concatenate(values).astype(int).ravel().tolist())
    return palette
