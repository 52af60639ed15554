"""The table of how an iteration grows, with exponents fitted to medians."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers import tables
from benchmarks.peers.store import middle
from benchmarks.peers.tables import ABSENT, digits


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """p of value ~ size^p, by least squares of logarithms; NaN where there is nothing to fit."""
    import numpy as np

    if len(sizes) < 2 or min(values) <= 0.0:
        return math.nan
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def table(cases: Mapping[str, Mapping[str, list[Mapping[str, Any]]]]) -> str:
    """Of `growth` in a record: a row for each size that grows."""
    rows = []
    for what, by_value in cases.items():
        sizes = sorted(int(value) for value in by_value)
        row = [what, ", ".join(f"{size:,}" for size in sizes)]
        for name in ("seconds", "mib"):
            values = [middle(by_value[str(size)], name) for size in sizes]
            power = exponent(sizes, values)
            row.append(" / ".join(digits(value) for value in values))
            row.append(ABSENT if math.isnan(power) else f"{power:.2f}")
        rows.append(row)
    columns = ["what grows", "over", "seconds", "exponent", "MiB", "exponent"]
    return tables.table(columns, rows)
