"""Figure and table of six environments that others wrote, from the record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dimapg_tf.drawing import colours
from dimapg_tf.drawing.learning_curves import mean_curve
from reproduction.foreign.environments import FOREIGN, Foreign, Score
from reproduction.report import charts, sections

PAGE, FIGURE, SECTION = "tutorial.md", "foreign.png", "foreign"
COLUMNS, WIDTH, HEIGHT = 3, 4.1, 3.1  # panels in a row; inches of one


def returns(record: Mapping, name: str, score: Score, player: str) -> np.ndarray:
    """One mean return for each seed, in their order; player: "trained" or "random"."""
    seeds = record["environments"][name]["seeds"].values()
    return np.array([seed["scores"][score.population][player] for seed in seeds])


def beats_random(record: Mapping, name: str, score: Score) -> bool:
    """Whether the worst seed is above the best random play, and the gap above twice the spread.

    The spread is the standard deviation over seeds, of training or of random play, the larger one.
    """
    trained, random = (returns(record, name, score, who) for who in ("trained", "random"))
    spread = max(trained.std(ddof=1), random.std(ddof=1))
    return bool(trained.min() > random.max() and trained.mean() - random.mean() > 2 * spread)


def table(record: Mapping) -> str:
    """A line for each environment, or for each of its populations, in Markdown."""
    lines = [
        "| environment | who acts | episodes | random play | trained |",
        "|---|---|---:|---:|---:|",
    ]
    for name, of_environment in record["environments"].items():
        foreign = FOREIGN[name]
        episodes = max(seed["episodes"] for seed in of_environment["seeds"].values())
        for score in foreign.scores:
            cells = [
                f"{foreign.title} ({foreign.family})",
                score.who,
                f"{episodes:,}",
                *(_mean(returns(record, name, score, who)) for who in ("random", "trained")),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean(seeds: np.ndarray) -> str:
    """ "−13.2 ± 0.4": the mean and the standard deviation over seeds."""
    spread = f" ± {seeds.std(ddof=1):.2f}" if len(seeds) > 1 else ""
    return f"{seeds.mean():.2f}{spread}".replace("-", "−")


def draw(record: Mapping, path: Path) -> None:
    """Six panels: returns in training of each seed, their mean, and random play with its spread."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from dimapg_tf.drawing import png

    names = list(record["environments"])
    rows = -(-len(names) // COLUMNS)
    with matplotlib.rc_context(charts.STYLE):
        figure = Figure(figsize=(WIDTH * COLUMNS, HEIGHT * rows), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for name, panel in zip(names, axes):
            _panel(panel, record, FOREIGN[name])
        for panel in axes[len(names) :]:
            panel.set_axis_off()
        png.save_figure(figure, path, dpi=130)


def _panel(axes: Any, record: Mapping, foreign: Foreign) -> None:
    several = len(foreign.scores) > 1
    for score, colour in zip(foreign.scores, colours.POPULATIONS):
        curves = [
            tuple(
                np.array(seed["curves"][score.population][axis]) for axis in ("episodes", "returns")
            )
            for seed in record["environments"][foreign.name]["seeds"].values()
        ]
        for curve in curves:
            axes.plot(*curve, color=colour, linewidth=0.7, alpha=0.4)
        label = score.population if several else "DiMA-PG"
        axes.plot(*mean_curve(curves), color=colour, linewidth=2.0, label=label)
        random = returns(record, foreign.name, score, "random")
        label = f"{score.population}, random play" if several else "random play"
        axes.axhline(random.mean(), color=colour, linestyle="--", linewidth=1.2, label=label)
        axes.axhspan(random.min(), random.max(), color=colour, alpha=0.15, linewidth=0)
    axes.set_title(f"{foreign.title} ({foreign.family})")
    axes.set_xlabel("episodes")
    axes.set_ylabel("return of an agent, in training")
    charts.thousands(axes)
    # A curve may pass behind it.
    axes.legend(frameon=True, facecolor="white", framealpha=0.9, edgecolor="none")


def check(output: Path) -> None:
    """Before hours of training: raises ConfigurationError for a page that cannot be written to."""
    if (output / PAGE).exists():
        sections.read(output / PAGE, SECTION)


def publish(record: Mapping, output: Path) -> None:
    """The figure; the table in the page, or on the terminal where there is none."""
    draw(record, output / FIGURE)
    if (output / PAGE).exists():
        sections.write(output / PAGE, SECTION, table(record))
    else:
        print(table(record))
