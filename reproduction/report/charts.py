"""How figures look: one style, saved as PDF and PNG on white, and as SVG that follows the page."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# Of files; in the page's SVG these three become the page's own colours, dark or light.
INK, SOFT, GRID = "#1d2733", "#66717d", "#dfe3e8"
OF_THE_PAGE = {INK: "currentColor", SOFT: "var(--soft)", GRID: "var(--grid)"}
STYLE = {
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 9.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 8.2,
    "legend.title_fontsize": 8.2,
    "legend.handlelength": 2.0,
    "legend.columnspacing": 1.2,
    "svg.fonttype": "none",
    "text.parse_math": False,  # names of runs may hold dollars
}
HEIGHT = 3.9  # inches of a panel, its legend below included
LINE = 0.08  # of the axes' height, a line of text beside them


@dataclass
class Panel:
    """One set of axes: name (of files and ids), title, text for those who cannot see it.

    empty: there is nothing to draw.
    """

    name: str
    title: str
    alt: str
    draw: Callable
    width: float = 4.7
    height: float = HEIGHT
    empty: bool = False


class Chart(NamedTuple):
    """Panels under one name and a caption; the files are name.png and name.pdf."""

    name: str
    caption: str
    panels: list[Panel]


def save(panels: Sequence[Panel], path: Path) -> None:
    """The panels that are not empty, side by side or in two rows, as path.pdf and path.png."""
    drawn = [panel for panel in panels if not panel.empty]
    if not drawn:
        return
    from dimapg_tf.drawing import png

    figure = _drawn(drawn)
    png.save_figure(figure, path.with_suffix(".png"), dpi=150)
    # Without a date, so that equal numbers give equal files.
    figure.savefig(path.with_suffix(".pdf"), dpi=150, metadata={"CreationDate": None})


def svg(panel: Panel) -> str:
    """An <svg> element to stand in a page: its ids are its own, its ink is the page's."""
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": panel.name}):
        _drawn([panel]).savefig(
            text, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    return _in_page(text.getvalue(), panel)


def _drawn(panels: Sequence[Panel]):
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        rows = 2 if len(panels) in (4, 6) else 1  # in one row they would be too small to read
        columns = len(panels) // rows
        widths = [panel.width for panel in panels[:columns]]
        size = (sum(widths), rows * max(panel.height for panel in panels))
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.subplots(rows, columns, width_ratios=widths, squeeze=False)
        for axes, panel in zip(grid.flat, panels):
            axes.set_title(panel.title)
            panel.draw(axes)
        figure.draw_without_rendering()  # within the style
    return figure


def _in_page(text: str, panel: Panel) -> str:
    """Of a stand-alone SVG: the element alone, ids prefixed, the page's colours, a text for it."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{panel.name}-', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{panel.name}-", text)
    for ink, name in OF_THE_PAGE.items():
        text = text.replace(ink, name)
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text)
    label = panel.alt.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    wide = f'style="max-width: {float(size[1]) * 4 / 3:.0f}px" role="img" aria-label="{label}"'
    return text.replace(size[0], wide, 1)


def thousands(axes, logarithmic: bool = False) -> None:
    """Episodes on the x axis as 10k, 20k; short runs, and what is short on a log axis, as is."""
    if logarithmic:
        axes.xaxis.set_major_formatter(
            lambda value, _: f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"
        )
        return
    axes.xaxis.set_major_locator(_locator())
    if axes.get_xlim()[1] > 2000:
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k" if value else "0")


def _locator():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(6, steps=[1, 2, 2.5, 5, 10])


def minus(axes) -> None:
    """Numbers on the y axis with thousands separated."""
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}".replace("-", "−"))


def legend_below(axes, title: str, handles: Sequence | None = None, lines: int = 2) -> None:
    """Under the axes, where it hides nothing; of what is labelled, unless handles are given.

    lines: of text that stand between it and the axes.
    """
    entries = axes.get_legend_handles_labels()[0] if handles is None else handles
    place = (0.45, -0.17 - LINE * (lines - 2))
    axes.legend(handles=entries, title=title, loc="upper center", bbox_to_anchor=place,
                ncols=2, alignment="left")  # fmt: skip
