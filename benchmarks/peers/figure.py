"""The picture of docs/performance.md: speeds of worlds and of training, on logarithmic axes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.ticker import EngFormatter

from benchmarks.peers.contests import JAXMARL, VMAS
from benchmarks.peers.parts import MPE2, OURS
from benchmarks.peers.speed_tables import SPEED, best
from benchmarks.peers.store import middle
from reproduction.report import charts
from reproduction.report.charts import Panel

COLOURS = {OURS: "#0b6e99", JAXMARL.name: "#c2571a", VMAS.name: "#4f7d2b", MPE2: "#66717d"}
OF_TASKS = ("#0b6e99", "#c2571a")
BROAD = 0.8  # of the room that a group of bars has


def save(samples: Mapping[str, Any], path: Path) -> None:
    """Write it as PNG; samples: of a record."""
    worlds, training = samples.get("worlds", {}), samples.get("training", {})
    panels = [
        Panel(
            *("worlds", "Stepping alone, best batch", "", lambda axes: _worlds(axes, worlds)),
            empty=not worlds,
        ),
        Panel(
            *("training", "Whole training", "", lambda axes: _training(axes, training)),
            width=6.2,
            empty=not training,
        ),
    ]
    if not worlds and not training:
        return
    with tempfile.TemporaryDirectory() as directory:
        charts.save(panels, Path(directory) / path.stem)
        path.write_bytes((Path(directory) / path.name).read_bytes())


def _worlds(axes, cases: Mapping[str, Any]) -> None:
    width = BROAD / len(COLOURS)
    for index, (name, colour) in enumerate(COLOURS.items()):
        inside = ("stepping",) if name == OURS else ()
        there = [(i, case[name]) for i, case in enumerate(cases.values()) if case.get(name)]
        places = [i + (index - (len(COLOURS) - 1) / 2) * width for i, _ in there]
        heights = [best(samples, *inside)[1] for _, samples in there]
        axes.bar(places, heights, width, color=colour, label=name)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(EngFormatter())
    axes.set_xticks(range(len(cases)), [name.replace("N = ", "N =\n") for name in cases])
    axes.set_ylabel("agent-steps a second, logarithmic")
    charts.legend_below(axes, "random actions, no policy")


def _training(axes, cases: Mapping[str, Any]) -> None:
    learners = list(dict.fromkeys(name for case in cases.values() for name in case))
    height = BROAD / len(cases)
    for index, ((name, case), colour) in enumerate(zip(cases.items(), OF_TASKS)):
        there = [(i, case[learner]) for i, learner in enumerate(learners) if case.get(learner)]
        places = [i + (index - (len(cases) - 1) / 2) * height for i, _ in there]
        widths = [middle(samples, SPEED) for _, samples in there]
        axes.barh(places, widths, height, color=colour, label=name)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.set_yticks(range(len(learners)), learners)
    axes.invert_yaxis()
    axes.set_xlabel("agent-steps a second, logarithmic")
    charts.legend_below(axes, "")
