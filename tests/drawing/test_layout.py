"""The page around a recorded episode."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dimapg_tf.drawing import layout

STYLE = layout.Style(40, 8, 40, 8, (0.0, 1.0), 50, 900, legend_gap=1.0)


@pytest.mark.parametrize("width", [2_000, 800])
def test_a_legend_keeps_to_its_width(width):
    entries = [(f"population {i}", "#0072B2") for i in range(4)]
    image = Image.new("RGB", (2_000, 80), "white")
    layout._legend(ImageDraw.Draw(image), entries, (0, 0), width, 50, 0.8)
    columns = np.flatnonzero((np.array(image) < 250).any(axis=(0, 2)))
    assert columns.max() < width
    assert columns.max() > 0.75 * width or width == 2_000


def test_moments_of_the_strip_and_of_the_gif(tmp_path):
    """Each moment of the strip is told which one was before it; the GIF ends with the last."""
    labels = layout.Labels("a test", [f"moment {t}" for t in range(8)], [("agents", "#0072B2")])
    drawn = []

    def draw(time, size, before=None):
        drawn.append((time, before))
        return Image.new("RGB", (size, size))

    layout.write_strip(labels, STYLE, draw, tmp_path / "strip.png")
    palette = Image.new("RGB", (1, 1)).quantize()
    layout.write_gif(labels, STYLE, draw, palette, tmp_path / "a.gif", every=3)
    assert drawn == [(0, 0), (7, 0), (0, None), (3, None), (6, None), (7, None)]
