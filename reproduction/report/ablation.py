"""Does the meta-gradient matter? The ablation's records as a table and a figure."""

from pathlib import Path

import numpy as np

from reproduction.learners import DIMAPG
from reproduction.report.charts import INK, Panel
from reproduction.report.names import COLOURS, learner
from reproduction.report.records import Results, RunRecord
from reproduction.report.scores import MEAN, MINIMUM
from reproduction.report.sections import wrapped
from reproduction.report.table import PLUS_MINUS, Cell, Table, mean_and_spread, number, span

LAST = 10  # iterations over which the end of training is averaged


def variants(results: Results) -> dict[str, list[RunRecord]]:
    """{directory: finished runs}, those that end best first."""
    runs_of_variant: dict[str, list[RunRecord]] = {}
    for run in results.ablation:
        if run.finished and MINIMUM in run.curve and MEAN in run.curve:
            runs_of_variant.setdefault(run.learner, []).append(run)
    return dict(sorted(runs_of_variant.items(), key=lambda item: -np.mean(ends(item[1], MINIMUM))))


def ends(runs: list[RunRecord], column: str) -> list[float]:
    """One number for each seed: the mean of the last iterations of training."""
    return [float(np.mean(run.curve[column][-LAST:])) for run in runs]


def variant_title(run: RunRecord) -> str:
    """What sets a variant apart."""
    return learner(run.learner).variant or learner(run.learner).family


def table(results: Results) -> Table:
    """One row for each variant."""
    columns = ["gradient, sampling term", "worst agent, per episode", "mean return", "seeds"]
    table = Table("Ablation: Cooperative Navigation, N = 3", [*columns, "episodes"])
    for runs in variants(results).values():
        cells = [mean_and_spread(ends(runs, column)) for column in (MINIMUM, MEAN)]
        head = Cell(variant_title(runs[0]), runs[0].path.parent)
        episodes = span([run.episodes for run in runs])
        table.rows.append([head, *cells, str(len(runs)), episodes])
    table.notes = [
        f"Training returns, means over the last {LAST} iterations. {PLUS_MINUS} α = 0.01 unless "
        "stated. Plain parameter sharing is one policy gradient on the same number of episodes, "
        "without adaptation."
    ]
    return table


def section(results: Results, start: Path) -> str:
    """The table and its notes, in Markdown; links are relative to `start`."""
    ablation_table = table(results)
    return "\n".join([ablation_table.markdown(start), *map(wrapped, ablation_table.notes)])


def panel(results: Results) -> Panel:
    """A row of dots for each variant, its mean a bar, on a logarithmic scale."""
    ranked = list(variants(results).values())

    def draw(axes) -> None:
        for row, runs in enumerate(ranked):
            costs = [-value for value in ends(runs, MINIMUM)]
            axes.plot(costs, [row] * len(costs), "o", color=COLOURS[DIMAPG], alpha=0.65, ms=4.5)
            axes.plot([np.mean(costs)], [row], "|", color=INK, ms=11, mew=2)
        axes.set_yticks(range(len(ranked)), [variant_title(runs[0]) for runs in ranked])
        axes.set_ylim(len(ranked) - 0.4, -0.6)
        axes.set_xscale("log")
        ticks = [10, 20, 50, 100, 200]
        axes.set_xticks(ticks, [number(-tick, 0) for tick in ticks])
        axes.set_xlim(220, 8)
        axes.minorticks_off()
        axes.tick_params(length=0)
        axes.set_xlabel("return of the worst agent at the end (right is better)")

    alt_parts = [
        f"{variant_title(runs[0])} {mean_and_spread(ends(runs, MINIMUM))}" for runs in ranked
    ]
    alt = f"Return of the worst agent at the end of training. {'; '.join(alt_parts)}. {PLUS_MINUS}"
    height = 1.2 + 0.23 * len(ranked)
    return Panel("ablation", "Dots are seeds, bars their means", alt, draw, 6.6, height, not ranked)
