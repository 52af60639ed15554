"""The table of minutes to a quality."""

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.peers import tables
from benchmarks.peers.quality import LEVELS, NAMES
from benchmarks.peers.tables import ABSENT, digits

CALLED = {"nearest": "greedy-nearest", "assignment": "the assignment"}


def table_of(cases: Mapping[str, Any], limit: float) -> tuple[list[str], list[list[str]]]:
    """(columns, rows), a row for each learner."""
    columns = ["minutes until as good as"]
    learners: dict[str, None] = {}
    for name, contenders in cases.items():
        levels = contenders[LEVELS][0]
        columns += [f"{CALLED[level]}, {name} ({levels[level]:.1f})" for level in NAMES]
        learners.update(dict.fromkeys(n for n in contenders if n != LEVELS))
    rows = []
    for learner in learners:
        row = [learner]
        for contenders in cases.values():
            samples = contenders.get(learner)
            row += [_minutes(samples, level, limit) if samples else ABSENT for level in NAMES]
        rows.append(row)
    return columns, rows


def table(cases: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """Of `quality` in a record."""
    if not cases:
        return ""
    seeds = max(len(s) for contenders in cases.values() for s in contenders.values())
    limit = options["max_minutes"]
    told = "One seed"
    if seeds > 1:
        told = f"Medians of {seeds} seeds, of those who came to neither with the first one of that"
    return f"{tables.table(*table_of(cases, limit))}{told}, at most {digits(limit)} minutes each.\n"


def _minutes(samples: list[Mapping[str, Any]], level: str, limit: float) -> str:
    """The median over seeds; those that never came there took for ever."""
    taken = [(s["reached"][level] or {"seconds": math.inf})["seconds"] for s in samples]
    middle = median(taken)
    if math.isfinite(middle):
        return digits(middle / 60.0)
    best = max(
        (f"{s['best']:.1f}" for s in samples if s["best"] is not None), key=float, default="none"
    )
    ended = max(s["seconds"] for s in samples) / 60.0
    return f"not in {digits(min(limit, ended))} (best {best})"
