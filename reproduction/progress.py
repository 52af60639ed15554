"""How far a step is, what came of it and what it took."""

import csv
import json
import os
import resource

from dimapg_tf.experiment import commands, sparkline
from reproduction.sizes import TWO_AT_ONCE
from reproduction.steps import Step


def expected(step: Step, jobs: int) -> float:
    """Seconds that this step adds to the whole, by the plan."""
    if step.whole_machine or jobs == 1:
        return step.seconds
    return step.seconds / (min(jobs, os.cpu_count() or 1) * TWO_AT_ONCE)


def trained(step: Step) -> float:
    """The share of its episodes that a training has behind it."""
    return commands.trained(step.output, step.episodes) if step.episodes else 0.0


def is_trained(step: Step) -> bool:
    """Whether all episodes of a training are behind it; of other steps there are none."""
    return trained(step) >= 1.0 or not step.episodes


def learning_curve(step: Step, width: int) -> str:
    """The returns of a training so far, in one line of text; "" while there is nothing to draw."""
    if not step.output.exists():
        return ""
    with open(step.output, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        name = sparkline.column(reader.fieldnames or [])
        # A row that is being written lacks its end, or what is asked for.
        texts = [row[name] for row in reader if None not in row.values()] if name else []
    return sparkline.curve(name, [float(text) for text in texts if text], width) if texts else ""


def result(step: Step) -> str:
    """What an evaluation found of the trained policy, in a few words."""
    if step.output.name != "evaluation.json":
        return ""
    row = json.loads(step.output.read_text(encoding="utf-8")).get("theta", {})
    shown = ("min_return_per_episode", "team_return", "food_left", "survivors", "contacts")
    means = [name for name in row if name.endswith("/return_mean")] or ["return_mean", shown[0]]
    values = {name: row[name] for name in (*means, *shown[1:]) if name in row}
    return "; " + ", ".join(f"{k.replace('_', ' ')} {v:.1f}" for k, v in values.items())


def cpu_seconds() -> float:
    """Of all commands that have ended, the processes that they started included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
