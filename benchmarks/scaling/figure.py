"""The picture of docs/scaling.md: speed-up over workers, seconds over the population."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reproduction.report import charts
from reproduction.report.charts import SOFT, Panel

COLOURS = ("#0b6e99", "#c2571a", "#4f7d2b")
MANY = "512"  # workers of the right panel
YEAR = 365.25 * 86_400.0  # seconds
TIMES = {
    "1 s": 1.0,
    "1 minute": 60.0,
    "1 hour": 3600.0,
    "1 day": 86_400.0,
    "1 year": YEAR,
    "100 years": 100 * YEAR,
}
MEMORY = 64e9  # bytes of a worker


def save(found: Mapping[str, Any], path: Path) -> None:
    """Write it as PNG.

    Args:
      found: the record of the predictions.
    """
    panels = [
        Panel("speed_up", "Speed-up over one process", "", lambda axes: _speed_up(axes, found)),
        Panel("seconds", f"An iteration with {MANY} workers", "", lambda a: _seconds(a, found)),
    ]
    with tempfile.TemporaryDirectory() as directory:
        charts.save(panels, Path(directory) / path.stem)
        path.write_bytes((Path(directory) / path.name).read_bytes())


def _speed_up(axes, found: Mapping[str, Any]) -> None:
    workers = found["workers"]
    axes.plot(workers, workers, color=SOFT, linestyle=(0, (1, 2)), label="as many as workers")
    for curve, colour in zip(found["speed_up"], COLOURS):
        label = f"{curve['agents']:,} agents, {curve['sampled']:,} sampled"
        axes.plot(workers, curve["model"], color=colour, label=label)
        axes.plot(workers, curve["simulated"], "o", color=colour, markersize=4)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    some = workers[::2]
    axes.set_xticks(some, [f"{n:,}" for n in some])
    axes.set_yticks(some, [f"{n:,}" for n in some])
    axes.set_ylim(0.5, 1.2 * workers[-1])
    axes.set_xlabel("workers, logarithmic")
    axes.set_ylabel("times as fast, logarithmic")
    charts.legend_below(axes, "lines: model; dots: simulation with stragglers and losses")


def _seconds(axes, found: Mapping[str, Any]) -> None:
    kinds = {64: "64 sampled", 1024: "1,024 sampled", None: "everybody sampled"}
    for (sampled, label), colour in zip(kinds.items(), COLOURS):
        rows = [row for row in found["rows"] if _kind(row) == sampled]
        agents = [row["agents"] for row in rows]
        axes.plot(agents, [row["model"][MANY] for row in rows], color=colour, label=label)
        linear = [row["linear"][MANY] for row in rows]
        axes.plot(agents, linear, color=colour, linestyle=(0, (4, 2)))
        dots = [(row["agents"], row["simulated"][MANY]["seconds"]) for row in rows]
        dots = [(n, seconds) for n, seconds in dots if seconds is not None]
        axes.plot(*zip(*dots), "o", color=colour, markersize=4)
        full = [(r["agents"], r["model"][MANY]) for r in rows if r["bytes"][MANY] > MEMORY]
        if full:
            axes.plot(*zip(*full), "x", color=colour, markersize=9)
    axes.plot([], [], "x", color=SOFT, markersize=9, label="over 64 GB a worker")
    axes.plot([], [], color=SOFT, linestyle=(0, (4, 2)), label="a world linear in its agents")
    axes.set_xscale("log")
    axes.set_yscale("log")
    agents = sorted({row["agents"] for row in found["rows"]})
    axes.set_xticks(agents, [f"{n:,}" for n in agents])
    axes.set_yticks(list(TIMES.values()), list(TIMES))
    axes.minorticks_off()
    axes.set_xlabel("agents in the population, logarithmic")
    axes.set_ylabel("time, logarithmic")
    charts.legend_below(axes, "lines: model; dots: simulation")


def _kind(row: Mapping[str, Any]) -> int | None:
    if row["everybody"]:
        return None
    return 64 if row["sampled"] == 64 else 1024
