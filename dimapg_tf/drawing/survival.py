"""A recorded game of Survival as an animated GIF, and as a strip of moments (Fig. 5, 6)."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from dimapg_tf.drawing import colours
from dimapg_tf.drawing.canvas import SMOOTH, finished, font, save_gif

# In pixels of the finished picture; a strip is made twice as large as a README shows it.
GIF_SIZE, GIF_TEXT = 520, 17
STRIP_SIZE, STRIP_TEXT = 650, 27
STRIP_MOMENTS = (0.0, 0.4, 1.0)  # of the game
FRAME_MILLISECONDS, LAST_MILLISECONDS = 160, 2_500
SHADES = 7  # of each colour in a GIF, down to the ground's: for smooth edges
MARGIN = 1.5  # cells around what is shown

PAPER, INK, GROUND, WALL = "#FFFFFF", "#222222", "#F4F5F7", "#8A9099"
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
    last = len(film.frames) - 1
    frames = [_gif_frame(film, time) for time in [*range(0, last, every), last]]
    save_gif(frames, _palette(), path, FRAME_MILLISECONDS, LAST_MILLISECONDS)


def _gif_frame(film: Film, time: int) -> Image.Image:
    """Title, map, what is what, and the caption of this moment."""
    size, text = SMOOTH * GIF_SIZE, SMOOTH * GIF_TEXT
    line, edge = 3 * text // 2, text // 2
    image = Image.new("RGB", (size, size + 7 * line // 2), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((edge, edge // 2), film.title, INK, font(text))
    draw.text((size - edge, edge // 2), f"step {time}", INK, font(text), anchor="ra")
    image.paste(draw_map(film, time, size), (0, line))
    _legend(draw, edge, size + line + edge // 2, size - 2 * edge, text)
    draw.text((edge, size + 2 * line + edge // 2), film.frames[time].caption, INK, font(text))
    return finished(image)


def write_strip(film: Film, path: Path) -> None:
    """A few moments side by side."""
    last = len(film.frames) - 1
    times = [round(share * last) for share in STRIP_MOMENTS]
    size, text = SMOOTH * STRIP_SIZE, SMOOTH * STRIP_TEXT
    gap, line = text // 2, 3 * text // 2
    width = len(times) * (size + gap) + gap
    image = Image.new("RGB", (width, size + 2 * line + 3 * gap), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((gap, gap // 2), film.title, INK, font(text))
    _legend(draw, width // 3, gap // 2, 2 * width // 3 - gap, text)
    for index, time in enumerate(times):
        x, y = gap + index * (size + gap), line + gap
        image.paste(draw_map(film, time, size), (x, y))
        caption = f"step {time}: {film.frames[time].caption}"
        draw.text((x, y + size + gap // 2), caption, INK, font(text, caption, size))
    finished(image).save(path, optimize=True)


def _legend(draw: ImageDraw.ImageDraw, x: float, y: float, width: float, text: int) -> None:
    """A dot and a word for everything, in one line as wide as there is room."""
    radius = 0.36 * text

    def needed(size):
        words = sum(font(size).getlength(name) for name, _ in LEGEND)
        return words + len(LEGEND) * (2.8 * radius + 0.8 * text)

    smaller = text
    while needed(smaller) > width and smaller > 8:
        smaller -= 1
    for name, colour in LEGEND:
        middle = y + 0.62 * smaller
        draw.ellipse((x, middle - radius, x + 2 * radius, middle + radius), colour)
        draw.text((x + 2.8 * radius, y), name, INK, font(smaller))
        x += 2.8 * radius + draw.textlength(name, font(smaller)) + 0.8 * text


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
