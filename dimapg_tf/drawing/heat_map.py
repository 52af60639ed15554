"""A cross-play matrix as a heat map, drawn by Matplotlib."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dimapg_tf.types import ConfigurationError

# Light to dark in one hue of Okabe and Ito's blue: order survives greyscale and colour blindness.
SHADES = ("#F5F9FC", "#9FC9E3", "#0072B2", "#00304D")
LABEL_WIDTH = 16  # letters in a line of a name
DARK = 0.5  # of the range of colours, above which numbers are written in white


def require_matplotlib(
    what: str = "heat_map", otherwise: str = ", or --noheat_map for the numbers alone"
) -> None:
    """Raise ConfigurationError, saying what to do, unless Matplotlib can be imported."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            f"{what}: needs Matplotlib, which is not installed: "
            f"pip install 'dimapg_tf[plots]'{otherwise}"
        ) from error


def draw(
    path: Path,
    rows: Sequence[str],
    columns: Sequence[str],
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    labels: tuple[str, str, str, str],
    separators: tuple[int, int],
) -> None:
    """Write path.png and path.pdf.

    Args:
      values: [rows, columns], which the colours show; texts: what stands in the cells.
      labels: title, of the rows, of the columns, of the colours.
      separators: how many rows and columns stand before a line, 0 for no line.
    """
    require_matplotlib()
    import matplotlib

    from dimapg_tf.drawing import png

    with matplotlib.rc_context({"text.parse_math": False}):  # names of runs may hold dollars
        figure = _figure(rows, columns, np.asarray(values), texts, labels, separators)
        png.save_figure(figure, path.with_suffix(".png"), dpi=160)
        # Without a date, so that equal numbers give equal files.
        figure.savefig(path.with_suffix(".pdf"), dpi=160, metadata={"CreationDate": None})


def _figure(
    rows: Sequence[str],
    columns: Sequence[str],
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    labels: tuple[str, str, str, str],
    separators: tuple[int, int],
) -> Any:
    """The heat map as Matplotlib's figure; arguments as of `draw`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    title, row_label, column_label, colour_label = labels
    figure = Figure(figsize=(2.6 + 1.15 * len(columns), 1.8 + 0.55 * len(rows)), layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shades = LinearSegmentedColormap.from_list("shades", SHADES)
    image = axes.imshow(values, cmap=shades, aspect="auto")
    low, high = image.get_clim()
    for (i, j), value in np.ndenumerate(values):
        dark = (value - low) > DARK * (high - low)
        axes.text(
            *(j, i, texts[i][j]),
            **{"ha": "center", "va": "center", "fontsize": 9},
            color="white" if dark else "black",
        )
    axes.set_xticks(range(len(columns)), [_broken(name) for name in columns])
    axes.set_yticks(range(len(rows)), [_broken(name) for name in rows])
    axes.tick_params(length=0, labelsize=9)
    axes.spines[:].set_visible(False)
    if separators[0]:
        axes.axhline(separators[0] - 0.5, color="white", linewidth=4)
    if separators[1]:
        axes.axvline(separators[1] - 0.5, color="white", linewidth=4)
    axes.set_ylabel(row_label)
    axes.set_xlabel(column_label)
    axes.set_title(title, loc="left", fontsize=10)
    bar = figure.colorbar(image, ax=axes, label=colour_label, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8)
    return figure


def _broken(name: str) -> str:
    """A name in lines of about a cell's width, broken after / and _."""
    lines = [""]
    for part in re.findall(r"[^/_]*[/_]?", name):
        if lines[-1].endswith("/") or len(lines[-1] + part) > LABEL_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip("/") for line in lines if line)
