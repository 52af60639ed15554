"""One moment of a particle world as a picture, drawn by Pillow."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from dimapg_tf.drawing import colours
from dimapg_tf.drawing.canvas import FRAME, PAPER, SMOOTH

TRAIL = 30  # time steps that a trail goes back
FAINTEST, STRONGEST = 0.2, 0.75  # shares of colour along a trail
MARGIN = 0.06  # around what is shown, in the world's unit
NARROWEST, WIDEST = 1.1, 1.7  # half the width of what is shown
LEAST = 2.0 * SMOOTH  # pixels of the radius with which anything is drawn, however large the world

OBSTACLE, GOAL = "#B9BEC5", colours.GREEN


class RecordedEpisode(NamedTuple):
    """A recorded episode: numbers and words alone.

    positions [T + 1, n, 2]; landmarks [L, 2] and whether they are `solid`, obstacles rather than
    goals; radii [n] and landmark_radii [L]; populations: the names, and population_of [n] the index
    of each agent's; counts [n, n]: which pairs are to be marked where they touch; arena: half the
    width of the square to be outlined; captions [T + 1]: a line of text for each moment.
    """

    title: str
    positions: np.ndarray
    landmarks: np.ndarray
    solid: bool
    radii: np.ndarray
    landmark_radii: np.ndarray
    populations: tuple[str, ...]
    population_of: np.ndarray
    counts: np.ndarray
    arena: float
    captions: tuple[str, ...]


def half_width(episode: RecordedEpisode) -> float:
    """Half the width of what is shown: as wide as the agents go, within limits."""
    furthest = np.abs(episode.positions).max(axis=(0, 2)) + episode.radii
    return float(
        np.clip(furthest.max() + MARGIN, NARROWEST * episode.arena, WIDEST * episode.arena)
    )


def touching(episode: RecordedEpisode, first: int, last: int) -> np.ndarray:
    """The pairs that counted as touching in any of the moments first..last: [n, n]."""
    near = np.zeros_like(episode.counts)
    reach = episode.radii[:, None] + episode.radii
    for points in episode.positions[first : last + 1]:  # of many agents, all would not fit
        near |= np.linalg.norm(points[:, None] - points, axis=-1) < reach
    return near & episode.counts


def draw_world(
    episode: RecordedEpisode, time: int, size: int, since: int, trail: int = TRAIL
) -> Image.Image:
    """The square world at a moment, `size` pixels wide.

    Args:
      since: contacts from this moment on are marked.
      trail: how many steps the trails go back.
    """
    pen = _Pen(size, half_width(episode))
    pen.square(episode.arena)
    if episode.solid:
        for centre, radius in zip(episode.landmarks, episode.landmark_radii):
            pen.disc(centre, radius, OBSTACLE)
    shades = [colours.POPULATIONS[index] for index in episode.population_of]
    first = max(0, time - trail)
    for step in range(first, time):
        age = (time - step) / (time - first)
        strength = age * FAINTEST + (1.0 - age) * STRONGEST
        for agent, shade in enumerate(shades):
            ends = episode.positions[step : step + 2, agent]
            pen.line(*ends, mixed(shade, strength), episode.radii[agent])
    marked = touching(episode, since, time)
    inside = half_width(episode) - episode.radii
    for agent, shade in enumerate(shades):
        # Whoever is beyond what is shown is drawn at its edge.
        centre = np.clip(episode.positions[time, agent], -inside[agent], inside[agent])
        radius = episode.radii[agent]
        if marked[agent].any():
            pen.burst(centre, radius, colours.VERMILLION)
        pen.disc(centre, radius, shade, outline=PAPER)
    if not episode.solid:  # above the agents that cover them
        for centre, radius in zip(episode.landmarks, episode.landmark_radii):
            pen.target(centre, radius, GOAL)
    return pen.image


def mixed(colour: str, strength: float) -> tuple[int, int, int]:
    """A colour thinned with white."""
    rgb = np.array(ImageColor.getrgb(colour), float)
    return tuple(int(v) for v in np.rint(strength * rgb + (1.0 - strength) * 255.0))


class _Pen:
    """Draws in the world's coordinates, y upwards."""

    def __init__(self, size: int, half: float):
        self._half = half
        self._scale = size / (2.0 * half)
        self.image = Image.new("RGB", (size, size), PAPER)
        self._draw = ImageDraw.Draw(self.image)
        self._width = max(1, round(size / 250))  # of lines

    def _at(self, point) -> tuple[float, float]:
        return (point[0] + self._half) * self._scale, (self._half - point[1]) * self._scale

    def _pixels(self, radius: float) -> float:
        return max(radius * self._scale, LEAST)

    def _outline(self, radius: float) -> int:
        """Thin enough to leave something of a small body."""
        return max(1, min(self._width, round(self._pixels(radius) / 4)))

    def _box(self, centre, radius: float) -> tuple[float, ...]:
        x, y = self._at(centre)
        r = self._pixels(radius)
        return x - r, y - r, x + r, y + r

    def square(self, half: float) -> None:
        box = (*self._at((-half, half)), *self._at((half, -half)))
        self._draw.rectangle(box, outline=FRAME, width=self._width)

    def disc(self, centre, radius: float, colour, outline=None) -> None:
        self._draw.ellipse(self._box(centre, radius), colour, outline, self._outline(radius))

    def line(self, start, end, colour, radius: float) -> None:
        """The trail of a body of this radius."""
        width = 2 * self._outline(radius)
        self._draw.line((*self._at(start), *self._at(end)), colour, width)

    def target(self, centre, radius: float, colour) -> None:
        """A ring with a cross in it: a goal."""
        width = self._outline(radius)
        self._draw.ellipse(self._box(centre, radius), PAPER, colour, width)
        x, y = self._at(centre)
        arm = 0.55 * self._pixels(radius)
        self._draw.line((x - arm, y, x + arm, y), colour, width)
        self._draw.line((x, y - arm, x, y + arm), colour, width)

    def burst(self, centre, radius: float, colour) -> None:
        """Rays all around a body: a contact."""
        for angle in np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False):
            ray = np.array([np.cos(angle), np.sin(angle)])
            shown = self._pixels(radius) / self._scale
            reach = shown * (1.0 + 0.045 / radius)
            ends = centre + 1.15 * shown * ray, centre + reach * ray
            width = 2 * self._outline(radius)
            self._draw.line((*self._at(ends[0]), *self._at(ends[1])), colour, width)
