"""A recorded episode of a particle world as an animated GIF, and as a strip of moments."""

from pathlib import Path

from PIL import Image, ImageDraw

from dimapg_tf.drawing import colours, layout
from dimapg_tf.drawing.canvas import FRAME, INK, SMOOTH
from dimapg_tf.drawing.particles import (
    GOAL,
    OBSTACLE,
    RecordedEpisode,
    draw_world,
    half_width,
    mixed,
)

STYLE = layout.Style(
    gif_size=440,
    gif_text=17,
    strip_size=390,
    strip_text=26,
    strip_moments=(0.0, 1 / 9, 4 / 9, 1.0),  # most happens early
    milliseconds=70,
    last_milliseconds=2_000,
    legend_gap=1.0,
)
# Of a large team the picture is larger, so that the smallest agent's radius has so many pixels.
SMALLEST_RADIUS, LARGEST = 2.0, 720
SHADES, LIGHTEST = 16, 0.15  # of each colour in a GIF; nearer to white, Pillow takes them for it


def write_gif(episode: RecordedEpisode, path: Path, every: int = 2) -> None:
    """Every so-many-th moment of the episode, and the last one for a while."""

    def draw(time, size):
        return draw_world(episode, time, size, since=max(0, time - every + 1))

    style = STYLE._replace(gif_size=_size(episode, STYLE.gif_size))
    layout.write_gif(_labels(episode), style, draw, _palette(), path, every)


def write_strip(episode: RecordedEpisode, path: Path) -> None:
    """A few moments, each with the trails since the one before."""

    def draw(time, size, before):
        image = draw_world(episode, time, size, since=time, trail=time - before)
        edge = (0, 0, size - 1, size - 1)
        ImageDraw.Draw(image).rectangle(edge, outline=FRAME, width=SMOOTH)
        return image

    style = STYLE._replace(strip_size=_size(episode, STYLE.strip_size))
    layout.write_strip(_labels(episode), style, draw, path, last_caption_only=True)


def _size(episode: RecordedEpisode, usual: int) -> int:
    """The width of a moment in pixels."""
    needed = SMALLEST_RADIUS * 2.0 * half_width(episode) / episode.radii.min()
    return max(usual, min(LARGEST, round(needed)))


def _labels(episode: RecordedEpisode) -> layout.Labels:
    """The words, and a colour for each population, the landmarks and a contact."""
    legend = [(name, colours.POPULATIONS[i]) for i, name in enumerate(episode.populations)]
    if len(episode.landmarks):
        legend.append(("obstacles", OBSTACLE) if episode.solid else ("goals", GOAL))
    legend.append(("contact", colours.VERMILLION))
    return layout.Labels(episode.title, episode.captions, legend)


def _palette() -> Image.Image:
    """One palette for all GIFs: every colour in use and its shades, so that rare ones keep theirs.

    Without dithering, which would flicker, that is enough for smooth edges.
    """
    used = dict.fromkeys([INK, FRAME, OBSTACLE, GOAL, colours.VERMILLION, *colours.POPULATIONS])
    strengths = [1.0 - (1.0 - LIGHTEST) * i / (SHADES - 1) for i in range(SHADES)]
    shades = [mixed(colour, strength) for colour in used for strength in strengths]
    flat = [channel for shade in [(255, 255, 255), *shades] for channel in shade]
    image = Image.new("P", (1, 1))
    image.putpalette(flat)
    return image
