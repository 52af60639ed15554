"""Learning curves: every seed a thin line, the mean of the seeds a thick one."""

from collections.abc import Callable

import numpy as np

from dimapg_tf.drawing.learning_curves import mean_curve, thinned
from reproduction.learners import LETTER
from reproduction.report import charts, names, speeds
from reproduction.report.charts import INK, SOFT, Panel
from reproduction.report.records import Results, RunRecord
from reproduction.report.table import number

# Where the longest runs have more than so many times the episodes of the shortest, the axis is
# logarithmic: the short ones would be a stroke at its edge.
UNEQUAL = 4.0
LAST = 0.15  # of what a run had spent by a moment: over these its returns are averaged
Value = Callable[[RunRecord], np.ndarray | None]
EPISODES, MINUTES = "episodes", "minutes"  # what curves are drawn over


def curves_of_learners(
    results: Results, env: str, value: Value, over: str = EPISODES
) -> dict[str, list[tuple[RunRecord, tuple]]]:
    """{learner: its runs and their thinned curves}, where there is something to draw."""
    curves_of: dict[str, list] = {}
    for run in results.runs_in(env):
        values = value(run)
        if values is not None and np.isfinite(values).sum() > 1:
            spent = run.curve["episodes"] if over == EPISODES else speeds.minutes(results, run)
            if spent is None:
                continue
            curve = thinned(spent, values)
            curves_of.setdefault(run.learner, []).append((run, curve))
    return curves_of


def panel(
    results: Results,
    env: str,
    name: str,
    value: Value,
    label: str,
    lines: dict[str, float | None],
    title: str | None = None,
    over: str = EPISODES,
    variants: bool = True,
) -> Panel:
    """A panel of one task.

    lines: {label: height} of what is to be compared with; variants: whether all of them are drawn,
    or of each family its foremost learner alone, and DiMA-PG to the letter.
    """
    curves = curves_of_learners(results, env, value, over)
    if not variants:
        shown = names.foremost(curves) | set(LETTER)
        curves = {learner: runs for learner, runs in curves.items() if learner in shown}
    title = title or names.task(env)
    lengths = [x[-1] for runs in curves.values() for run, (x, _) in runs if run.finished]
    logarithmic = bool(lengths) and max(lengths) > UNEQUAL * min(lengths)

    def draw(axes) -> None:
        styles = names.dashes(list(curves))
        for learner in sorted(curves, key=names.order):
            _draw_learner(axes, learner, curves[learner], styles[learner], logarithmic)
        _draw_lines(axes, lines)
        axes.set_xlabel(f"{over}, logarithmic" if logarithmic else over)
        axes.set_ylabel(label)
        if logarithmic:
            axes.set_xscale("log")
        else:
            axes.set_xlim(left=0)
        charts.thousands(axes, logarithmic)
        charts.minus(axes)
        charts.legend_below(axes, "learner: seeds")

    return Panel(name, title, _alt(title, label, over, curves), draw, empty=not curves)


def smoothed(spent: np.ndarray, values: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """The mean of the values in the last 15 % before each mark; nan where there is none."""
    first = np.searchsorted(spent, (1.0 - LAST) * marks, side="right")
    last = np.searchsorted(spent, marks, side="right")
    total = np.concatenate([[0.0], np.cumsum(values)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return (total[last] - total[first]) / (last - first)


def _draw_learner(axes, learner: str, runs: list, style, logarithmic: bool) -> None:
    who = names.learner(learner)
    for _, (x, y) in runs:
        axes.plot(x, y, color=names.colour(learner), linewidth=0.7, alpha=0.45)
    ended = [curve for run, curve in runs if run.finished] or [curve for _, curve in runs]
    unfinished = sum(not run.finished for run, _ in runs)
    seeds = f"{len(runs)}, {unfinished} unfinished" if unfinished else len(runs)
    label, width = f"{who.title}: {seeds}", 1.5 if who.variant else 2.2
    x, y = mean_curve(ended, logarithmic)
    axes.plot(x, y, color=names.colour(learner), linestyle=style, linewidth=width, label=label)


def _draw_lines(axes, lines: dict[str, float | None]) -> None:
    """Horizontal lines, their labels in the margin; of two near lines the lower has them below."""
    known = {label: height for label, height in lines.items() if height is not None}
    low, high = axes.get_ylim()
    for label, height in known.items():
        printed = label.startswith("paper")
        colour, style = (INK, (0, (5, 3))) if printed else (SOFT, (0, (1, 2)))
        axes.axhline(height, color=colour, linestyle=style, linewidth=0.9, zorder=1.5)
        gaps = [(other - height) / (high - low) for other in known.values()]
        below, above = (any(0 < sign * gap < 0.06 for gap in gaps) for sign in (1, -1))
        axes.annotate(
            label,
            (1.01, height),
            xycoords=("axes fraction", "data"),
            va="top" if below else "bottom" if above else "center",
            fontsize=7.5,
            color=colour,
        )


def _alt(title: str, label: str, over: str, curves: dict) -> str:
    """What the curves end with."""
    ends = [
        f"{names.learner(learner).title} ends at "
        f"{number(float(np.mean([y[-1] for _, (_, y) in runs])))}"
        for learner, runs in sorted(curves.items(), key=lambda item: names.order(item[0]))
    ]
    return f"{title}: {label} over {over}. {'; '.join(ends) or 'not run'}."
