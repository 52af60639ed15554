"""Learning curves: every run a thin line, the mean over seeds a thick one; drawn by Matplotlib."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dimapg_tf.drawing import colours

PARTS = 150  # of a run; a point is the mean over the iterations of a part
# Okabe and Ito's; of more lines the dashes differ as well.
COLOURS = (
    *(colours.BLUE, colours.ORANGE, colours.GREEN, colours.VERMILLION),
    *(colours.PURPLE, colours.SKY_BLUE, colours.BLACK),
)
DASHES = ("-", "--", ":", "-.")
Curve = tuple[np.ndarray, np.ndarray]


def draw(path: Path, panels: Mapping[str, Mapping[str, Sequence[Curve]]]) -> None:
    """Write a PNG; equal numbers give equal files.

    Args:
      panels: {what is on the upright axis: {label of a line: (episodes, values) of each seed}}.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from dimapg_tf.drawing import png

    with matplotlib.rc_context({"text.parse_math": False}):  # values may hold dollars
        figure = Figure(figsize=(5.6 * len(panels), 4.2), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, (title, lines) in zip(np.ravel(figure.subplots(1, len(panels))), panels.items()):
            _panel(axes, title, lines)
        png.save_figure(figure, path, dpi=160)


def _panel(axes: Any, title: str, lines: Mapping[str, Sequence[Curve]]) -> None:
    for index, (label, curves) in enumerate(lines.items()):
        colour = COLOURS[index % len(COLOURS)]
        dash = DASHES[index // len(COLOURS) % len(DASHES)]
        drawn = [thinned(*curve) for curve in curves]
        for x, y in drawn:
            axes.plot(x, y, color=colour, linewidth=0.7, alpha=0.4)
        if drawn:
            axes.plot(*mean_curve(drawn), color=colour, linestyle=dash, linewidth=2.0, label=label)
    axes.set_xlabel("episodes")
    axes.set_ylabel(title)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)


def thinned(episodes: np.ndarray, values: np.ndarray) -> Curve:
    """Means over PARTS equal parts of the iterations; shorter runs as they are."""
    finite = np.isfinite(values)
    episodes, values = episodes[finite], values[finite]
    if len(values) <= PARTS:
        return episodes, values
    parts = np.array_split(np.arange(len(values)), PARTS)
    x, y = (np.array([v[part].mean() for part in parts]) for v in (episodes, values))
    return x, y


def mean_curve(curves: Sequence[Curve], logarithmic: bool = False) -> Curve:
    """The mean over seeds at common episodes: from the latest first to the earliest last one."""
    start, end = max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves)
    grid = (np.geomspace if logarithmic else np.linspace)(start, end, PARTS)
    return grid, np.mean([np.interp(grid, x, y) for x, y in curves], axis=0)
