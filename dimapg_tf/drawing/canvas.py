"""What all pictures share: drawn larger by SMOOTH and scaled down at the end, for smooth edges."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont

SMOOTH = 3
PAPER, INK, FRAME = "#FFFFFF", "#222222", "#C9CDD2"


@lru_cache(maxsize=32)
def font(size: int, text: str = "", width: float = np.inf) -> ImageFont.FreeTypeFont:
    """Pillow's own font, the same on every machine; smaller where the text would be too wide."""
    chosen = ImageFont.load_default(size)
    if size > 1 and chosen.getlength(text) > width:
        return font(size - 1, text, width)
    return chosen


def finished(image: Image.Image) -> Image.Image:
    """The picture in its final size."""
    return image.resize((image.width // SMOOTH, image.height // SMOOTH), Image.Resampling.LANCZOS)


def save_gif(
    frames: Sequence[Image.Image],
    palette: Image.Image,
    path: Path,
    milliseconds: int,
    last_milliseconds: int,
) -> None:
    """An endless GIF in the colours of one palette, without dithering, which would flicker."""
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=[milliseconds] * (len(frames) - 1) + [last_milliseconds],
        loop=0,
        optimize=True,
    )
