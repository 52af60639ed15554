"""A recorded episode as an animated GIF, and as a strip of moments in one PNG.

Everything is drawn larger by SMOOTH and scaled down at the end, which gives smooth edges.
"""

from pathlib import Path

from PIL import Image, ImageDraw

from dimapg_tf.drawing import colours
from dimapg_tf.drawing.scene import FRAME, GOAL, INK, OBSTACLE, PAPER, Scene, draw_world, font

SMOOTH = 3
# In pixels of the finished picture; a strip is made twice as large as a README shows it.
GIF_SIZE, GIF_TEXT = 440, 17
STRIP_SIZE, STRIP_TEXT = 390, 26
STRIP_MOMENTS = (0.0, 1 / 9, 4 / 9, 1.0)  # of the episode: most happens early
FRAME_MILLISECONDS, LAST_MILLISECONDS = 70, 2_000
PALETTE = 96  # colours of a GIF


def write_gif(scene: Scene, path: Path, every: int = 2) -> None:
    """Every so-many-th moment of the episode, and the last one for a while."""
    times = [*range(0, len(scene.positions) - 1, every), len(scene.positions) - 1]
    frames = [_frame(scene, time, max(0, time - every + 1)) for time in times]
    # One palette for all frames, from a sample of them, and no dithering: small and calm.
    sample = frames[:: max(1, len(frames) // 8)]
    together = Image.new("RGB", (frames[0].width, frames[0].height * len(sample)))
    for index, frame in enumerate(sample):
        together.paste(frame, (0, index * frame.height))
    palette = together.quantize(PALETTE, Image.Quantize.MEDIANCUT)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=[FRAME_MILLISECONDS] * (len(frames) - 1) + [LAST_MILLISECONDS],
        loop=0,
        optimize=False,
    )


def _frame(scene: Scene, time: int, since: int) -> Image.Image:
    """Title, world, what is what, and the caption of this moment."""
    size, text = SMOOTH * GIF_SIZE, SMOOTH * GIF_TEXT
    line = 3 * text // 2
    image = Image.new("RGB", (size, size + 7 * line // 2), PAPER)
    draw = ImageDraw.Draw(image)
    edge = text // 2
    draw.text((edge, edge // 2), scene.title, INK, font(text))
    draw.text((size - edge, edge // 2), f"step {time}", INK, font(text), anchor="ra")
    image.paste(draw_world(scene, time, size, since), (0, line))
    _legend(draw, scene, edge, size + line + edge // 2, text)
    caption = scene.captions[time]
    fitting = font(text, caption, size - 2 * edge)
    draw.text((edge, size + 2 * line + edge // 2), caption, INK, fitting)
    return _finished(image)


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
    _finished(image).save(path, optimize=True)


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


def _finished(image: Image.Image) -> Image.Image:
    return image.resize((image.width // SMOOTH, image.height // SMOOTH), Image.Resampling.LANCZOS)
