"""What is done: a mark for each step that has ended well, in the directory of the logs."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from reproduction.progress import is_trained
from reproduction.steps import Step


def path_of(logs: Path, step: Step) -> Path:
    """Where a step's mark is."""
    return logs / f"{step.file_name}.done"


def write(logs: Path, step: Step, **took: float) -> None:
    """Mark a step as done, whole or not at all; with what its last command took, if known."""
    mark = path_of(logs, step)
    draft = mark.with_suffix(".draft")
    draft.write_text(json.dumps({"command": list(step.command), **took}) + "\n", encoding="utf-8")
    os.replace(draft, mark)


def done(logs: Path, steps: Iterable[Step]) -> set[str]:
    """The names of the steps that are done; what a step needs stands before it.

    A mark counts if it holds the step's command and is newer than what the command reads. So a step
    that was killed, whose flagfile has changed, or whose run has gone on since, is not done.
    """
    names: set[str] = set()
    before: dict[str, Step] = {}
    for step in steps:
        before[step.name] = step
        if all(name in names for name in step.needs) and _counts(logs, step, before):
            names.add(step.name)
    return names


def _counts(logs: Path, step: Step, before: Mapping[str, Step]) -> bool:
    mark = path_of(logs, step)
    if step.always or not (mark.exists() and step.output.exists() and is_trained(step)):
        return False
    if json.loads(mark.read_text(encoding="utf-8"))["command"] != list(step.command):
        return False
    inputs = [*step.inputs, *(path_of(logs, before[name]) for name in step.needs)]
    age = mark.stat().st_mtime_ns
    return all(path.exists() and path.stat().st_mtime_ns <= age for path in inputs)
