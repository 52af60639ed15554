"""A recorded episode as an animated GIF, and as a strip of moments in one PNG."""

from pathlib import Path

from PIL import Image, ImageDraw

from dimapg_tf.drawing import colours
from dimapg_tf.drawing.canvas import SMOOTH, finished, font, save_gif
from dimapg_tf.drawing.scene import (
    FRAME,
    GOAL,
    INK,
    OBSTACLE,
    PAPER,
    Scene,
    draw_world,
    mixed,
)

# In pixels of the finished picture; a strip is made twice as large as a README shows it.
GIF_SIZE, GIF_TEXT = 440, 17
STRIP_SIZE, STRIP_TEXT = 390, 26
STRIP_MOMENTS = (0.0, 1 / 9, 4 / 9, 1.0)  # of the episode: most happens early
FRAME_MILLISECONDS, LAST_MILLISECONDS = 70, 2_000
SHADES, LIGHTEST = 16, 0.15  # of each colour in a GIF; nearer to white, Pillow takes them for it


def write_gif(scene: Scene, path: Path, every: int = 2) -> None:
    """Every so-many-th moment of the episode, and the last one for a while."""
    times = [*range(0, len(scene.positions) - 1, every), len(scene.positions) - 1]
    frames = [_frame(scene, time, max(0, time - every + 1)) for time in times]
    save_gif(frames, _palette(), path, FRAME_MILLISECONDS, LAST_MILLISECONDS)


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


def _frame(scene: Scene, time: int, since: int) -> Image.Image:
    """Title, world, what is what, and the caption of this moment."""
    size, text = SMOOTH * GIF_SIZE, SMOOTH * GIF_TEXT
    line = 3 * text // 2
    image = Image.new("RGB", (size, size + 7 * line // 2), PAPER)
    draw = ImageDraw.Draw(image)
    edge = text // 2
    draw.text((edge, edge // 2), scene.title, INK, font(text, scene.title, 0.75 * size))
    draw.text((size - edge, edge // 2), f"step {time}", INK, font(text), anchor="ra")
    image.paste(draw_world(scene, time, size, since), (0, line))
    _legend(draw, scene, edge, size + line + edge // 2, text)
    caption = scene.captions[time]
    fitting = font(text, caption, size - 2 * edge)
    draw.text((edge, size + 2 * line + edge // 2), caption, INK, fitting)
    return finished(image)


def write_strip(scene: Scene, path: Path) -> None:
    """A few moments, each with the trails since the one before."""
    last = len(scene.positions) - 1
    times = [round(share * last) for share in STRIP_MOMENTS]
    size, text = SMOOTH * STRIP_SIZE, SMOOTH * STRIP_TEXT
    gap, line = text // 2, 3 * text // 2
    image = Image.new("RGB", (len(times) * (size + gap) + gap, size + 3 * line + 3 * gap), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((gap, gap // 2), scene.title, INK, font(text))
    _legend(draw, scene, image.width // 2 + gap // 2, gap // 2, text)
    y = line + gap
    for index, time in enumerate(times):
        x = gap + index * (size + gap)
        since = times[index - 1] if index else 0
        image.paste(draw_world(scene, time, size, time, trail=time - since), (x, y))
        draw.rectangle((x, y, x + size, y + size), outline=FRAME, width=SMOOTH)
        draw.text((x, y + size + gap // 2), f"step {time}", INK, font(text))
    draw.text((gap, y + size + line), scene.captions[-1], INK, font(text))
    finished(image).save(path, optimize=True)


def _legend(draw: ImageDraw.ImageDraw, scene: Scene, x: float, y: float, text: int) -> None:
    """A dot and a word for each population, the landmarks and a contact."""
    entries = [(name, colours.POPULATIONS[i]) for i, name in enumerate(scene.populations)]
    if len(scene.landmarks):
        entries.append(("obstacles", OBSTACLE) if scene.solid else ("goals", GOAL))
    entries.append(("contact", colours.VERMILLION))
    radius = 0.36 * text
    for name, colour in entries:
        middle = y + 0.62 * text
        draw.ellipse((x, middle - radius, x + 2 * radius, middle + radius), colour)
        draw.text((x + 2.8 * radius, y), name, INK, font(text))
        x += 2.8 * radius + draw.textlength(name, font(text)) + text
