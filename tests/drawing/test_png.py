"""PNG files of few colours look like those of all colours, and weigh less."""

import io

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from dimapg_tf.drawing import png
from dimapg_tf.drawing.canvas import PAPER, finished

BACKGROUND = (244, 245, 247)


def drawing() -> Image.Image:
    """Smooth discs of many colours on a grey page, a few of them rare."""
    image = Image.new("RGB", (1800, 900), BACKGROUND)
    pen = ImageDraw.Draw(image)
    for index in range(40):
        x, y = 40 * index + 60, 300 + 200 * (index % 3)
        colour = tuple(int(v) for v in np.random.default_rng(index).integers(0, 256, 3))
        pen.ellipse((x, y, x + 100, y + 100), colour, PAPER)
    return finished(image)


def test_no_colour_is_far_off_and_the_background_stays(tmp_path):
    image = drawing()
    path, whole = tmp_path / "picture.png", io.BytesIO()
    png.save(image, path)
    image.save(whole, "PNG", optimize=True)
    assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 4 * png.COLOURS
    with Image.open(path) as saved:
        assert saved.size == image.size
        seen = np.asarray(saved.convert("RGB")).astype(int)
    assert np.abs(seen - np.asarray(image)).max() <= 40
    assert tuple(seen[0, 0]) == BACKGROUND
    assert path.stat().st_size < len(whole.getvalue()) / 2
    first = path.read_bytes()
    png.save(drawing(), path)
    assert path.read_bytes() == first


def test_a_figure_of_matplotlib(tmp_path):
    figure = Figure(figsize=(4.0, 3.0))
    figure.subplots().plot([0, 1, 0], color="#0072B2")
    png.save_figure(figure, tmp_path / "figure.png", dpi=100)
    with Image.open(tmp_path / "figure.png") as saved:
        assert saved.size == (400, 300)
        assert saved.mode == "P"
        colours = np.unique(np.asarray(saved.convert("RGB")).reshape(-1, 3), axis=0)
    assert [0, 0x72, 0xB2] in colours.tolist()
    assert [255, 255, 255] in colours.tolist()
