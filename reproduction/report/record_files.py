"""The files of a run record, each as data; what cannot be read, or be true, raises UNREADABLE."""

import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.config import config_from
from dimapg_tf.experiment.flagfiles import expand
from dimapg_tf.experiment.flags import as_lines
from dimapg_tf.experiment.metrics_file import TOTALS, read_rows
from reproduction.tasks import TASKS

UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
UNREADABLE += (RecursionError,)
LARGEST = 1e15  # no return and no count comes near it; beyond it, axes and sums overflow
RETURNS = ("return_mean", "min_return_per_episode", "min_mean_return")
PICTURES = (b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")  # what they begin with


def object_of(path: Path) -> dict[str, Any]:
    """A JSON object."""
    record = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record


def flags_of(path: Path) -> dict[str, str]:
    """{flag: text}, all that there are today; older records as their schema meant them."""
    lines = as_lines(run_configuration.read(path).values())
    return dict(line.removeprefix("--").split("=", maxsplit=1) for line in lines)


def versions_of(path: Path) -> dict[str, Any]:
    """versions.json: texts and numbers by name, and such records under resumed_with."""
    record = object_of(path)
    later = record.get("resumed_with", [])
    if not isinstance(later, list):
        raise ValueError("resumed_with is no list")
    for values in (record, *later):
        for name, value in values.items():
            if name != "resumed_with" and not isinstance(value, (str, int, float)):
                raise ValueError(f"{name} is neither a text nor a number")
    return record


def curve_of(path: Path) -> dict[str, np.ndarray]:
    """{column of metrics.csv: values [iterations]}; a measure that was not taken is nan."""
    rows = read_rows(path)
    if not rows:
        raise ValueError("no rows")
    for needed in ("episodes", "seconds"):
        if needed not in rows[0]:
            raise ValueError(f"no column {needed}")
    curve = {
        name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0] if name
    }
    for name, values in curve.items():
        said = np.array([bool(row[name]) for row in rows])
        if name in TOTALS or name.rpartition("/")[2] in RETURNS:
            wrong = said & ~(np.abs(values) < LARGEST)
            if wrong.any():
                row = rows[int(np.argmax(wrong))]
                raise ValueError(f"iteration {row['iteration']}: {name} is {row[name]}")
    for name in ("episodes", "seconds", "env_steps"):
        if name in curve and not np.isfinite(curve[name]).all():
            raise ValueError(f"{name} is missing in some rows")
    return curve


def speeds_of(path: Path) -> dict[tuple[str, str], float]:
    """learner_speed.json: the median episodes a second of each (task, learner)."""
    speeds = {
        (row["task"], row["learner"]): float(np.median(row["episodes_per_second"]))
        for row in object_of(path)["records"]
    }
    if not all(0.0 < speed < LARGEST for speed in speeds.values()):
        raise ValueError("a speed is no positive number")
    return speeds


def numbers_of(row: dict) -> dict[str, float]:
    """What is a number in a row, and no infinite or impossible one."""
    return {
        name: value
        for name, value in row.items()
        if isinstance(value, (int, float)) and -LARGEST < value < LARGEST
    }


def rows_of(record: dict[str, Any]) -> dict[str, dict[str, float]]:
    """{policy: {measure: value}} of an evaluation."""
    return {name: numbers_of(row) for name, row in record.items() if isinstance(row, dict)}


def whole_number(value: Any) -> int | None:
    """The value, if it is one that can be counted to."""
    if not isinstance(value, (int, float)) or not 0 <= value < LARGEST or math.isnan(value):
        return None
    return int(value)


def picture_of(path: Path, problems: list[str]) -> Path | None:
    """The path, if it is a picture within the records; what is none is told in `problems`.

    A link that leads out of them could show any file of whoever reads the page.
    """
    if not path.exists() and not path.is_symlink():
        return None
    if not path.is_file():
        problems.append(f"{path.name} is no file")
        return None
    root = path.parents[3].resolve()
    if not path.resolve().is_relative_to(root):
        problems.append(f"{path.name} leads out of the records")
        return None
    with open(path, "rb") as file:
        if not file.read(8).startswith(PICTURES):
            problems.append(f"{path.name} is no picture")
            return None
    return path


def attempt(problems: list[str], path: Path, parse: Callable[[Path], Any]) -> Any:
    """What `parse` makes of a file, or None and a problem."""
    if not path.is_file():
        problems.append(f"{path.name} is no file" if path.exists() else f"no {path.name}")
        return None
    try:
        return parse(path)
    except UNREADABLE as error:
        problems.append(f"{path.name} cannot be read ({str(error).removeprefix(f'{path}: ')})")
        return None


@cache
def world_of(task: str) -> str | None:
    """The environment that a task of the plan is about; None of a task that is not in it."""
    if task not in TASKS:
        return None
    return config_from(expand([f"--env_config={TASKS[task].flagfile}"])).env
