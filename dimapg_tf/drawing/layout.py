"""The page around a recorded episode: title, legend and captions, as a GIF and as a strip."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from dimapg_tf.drawing import png
from dimapg_tf.drawing.canvas import INK, PAPER, SMOOTH, finished, font, save_gif

SMALLEST = 8  # letters of a legend that is made to fit


class Style(NamedTuple):
    """Sizes in pixels of the finished picture; a strip is twice as large as a README shows it.

    strip_moments: shares of the episode; milliseconds of a frame of the GIF and of its last one;
    legend_gap: between two entries, in heights of its letters.
    """

    gif_size: int
    gif_text: int
    strip_size: int
    strip_text: int
    strip_moments: tuple[float, ...]
    milliseconds: int
    last_milliseconds: int
    legend_gap: float


class Labels(NamedTuple):
    """What is written about an episode.

    captions [T + 1]: a line of text for each moment; legend: names and their colours.
    """

    title: str
    captions: Sequence[str]
    legend: Sequence[tuple[str, str]]


def write_gif(
    labels: Labels,
    style: Style,
    draw: Callable[[int, int], Image.Image],
    palette: Image.Image,
    path: Path,
    every: int,
) -> None:
    """Every so-many-th moment of the episode, and the last one for a while.

    Args:
      draw: (time, size) -> the square picture of a moment.
      palette: all colours that the GIF may have.
    """
    last = len(labels.captions) - 1
    frames = [_gif_frame(labels, style, draw, time) for time in [*range(0, last, every), last]]
    save_gif(frames, palette, path, style.milliseconds, style.last_milliseconds)


def _gif_frame(labels: Labels, style: Style, draw, time: int) -> Image.Image:
    """Title, picture, what is what, and the caption of this moment."""
    size, text = SMOOTH * style.gif_size, SMOOTH * style.gif_text
    line, edge = 3 * text // 2, text // 2
    image = Image.new("RGB", (size, size + 7 * line // 2), PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((edge, edge // 2), labels.title, INK, font(text, labels.title, 0.75 * size))
    pen.text((size - edge, edge // 2), f"step {time}", INK, font(text), anchor="ra")
    image.paste(draw(time, size), (0, line))
    width = size - 2 * edge
    _legend(pen, labels.legend, (edge, size + line + edge // 2), width, text, style.legend_gap)
    caption = labels.captions[time]
    pen.text((edge, size + 2 * line + edge // 2), caption, INK, font(text, caption, width))
    return finished(image)


def write_strip(
    labels: Labels,
    style: Style,
    draw: Callable[[int, int, int], Image.Image],
    path: Path,
    last_caption_only: bool = False,
) -> None:
    """A few moments side by side, each above its step and caption.

    Args:
      draw: (time, size, the time of the moment before) -> the square picture of a moment.
      last_caption_only: one caption below the whole strip, for captions too long for one moment.
    """
    last = len(labels.captions) - 1
    times = [round(share * last) for share in style.strip_moments]
    size, text = SMOOTH * style.strip_size, SMOOTH * style.strip_text
    gap, line = text // 2, 3 * text // 2
    width = len(times) * (size + gap) + gap
    lines = 3 if last_caption_only else 2
    image = Image.new("RGB", (width, size + lines * line + 3 * gap), PAPER)
    pen = ImageDraw.Draw(image)
    lefts = [gap + index * (size + gap) for index in range(len(times))]
    pen.text((gap, gap // 2), labels.title, INK, font(text))
    middle = lefts[len(times) // 2]
    right = width - gap - middle
    _legend(pen, labels.legend, (middle, gap // 2), right, text, style.legend_gap)
    for left, time, before in zip(lefts, times, [0, *times]):
        image.paste(draw(time, size, before), (left, line + gap))
        words = f"step {time}" if last_caption_only else f"step {time}: {labels.captions[time]}"
        pen.text((left, line + gap + size + gap // 2), words, INK, font(text, words, size))
    if last_caption_only:
        pen.text((gap, line + gap + size + line), labels.captions[-1], INK, font(text))
    png.save(finished(image), path)


def _legend(
    pen: ImageDraw.ImageDraw,
    entries: Sequence[tuple[str, str]],
    at: tuple[float, float],
    width: float,
    text: int,
    gap: float,
) -> None:
    """A dot and a word for each entry, in one line; smaller letters where it would be too wide."""
    (x, y), radius = at, 0.36 * text
    around = 2.8 * radius + gap * text  # of a word: the dot before it, the gap after it

    def needed(letters):
        return sum(font(letters).getlength(name) + around for name, _ in entries)

    letters = text
    while needed(letters) > width and letters > SMALLEST:
        letters -= 1
    for name, colour in entries:
        middle = y + 0.62 * letters
        pen.ellipse((x, middle - radius, x + 2 * radius, middle + radius), colour)
        pen.text((x + 2.8 * radius, y), name, INK, font(letters))
        x += pen.textlength(name, font(letters)) + around
