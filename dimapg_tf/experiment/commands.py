"""Commands, some at a time: they end with who started them, and are told to stop as it is.

Needs nothing but Python, as run_experiments.sh does.
"""

import ctypes
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEATH_SIGNAL_OPTION = 1  # PR_SET_PDEATHSIG of Linux
LIBC = ctypes.CDLL(None)


@dataclass
class Running:
    """A command at work; work: what its caller started it for; signals: how many it was sent."""

    work: Any
    process: subprocess.Popen
    log: Path
    started: float
    signals: int = 0

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return time.monotonic() - self.started


class Commands:
    """The commands at work. Within `with`, Ctrl-C and SIGTERM are noted, and end nothing.

    running: in the order of their start; stopped_by: the first signal, once there was one.
    """

    def __init__(self):
        self.running: list[Running] = []
        self.stopped_by: int | None = None
        self._requests = 0  # to stop
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> "Commands":
        self._previous = {n: signal.signal(n, self._stop) for n in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _frame: Any) -> None:
        """Only notes the signal, so that no command can be started in between unnoticed."""
        self.stopped_by = self.stopped_by or number
        self._requests += 1

    def start(self, work: Any, command: Sequence[str], log: Path) -> None:
        """Start a command; what it prints is appended to its log, below the command itself."""
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"+ {shlex.join(command)}\n")
            file.flush()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us alone; we hand it on, once
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (there are no threads here)
            )
        self.running.append(Running(work, process, log, time.monotonic()))

    def ended(self) -> Iterator[tuple[Running, int]]:
        """Those that have ended since the last call, one by one, with their exit codes."""
        for running in list(self.running):
            code = running.process.poll()
            if code is not None:
                self.running.remove(running)
                yield running, code

    def hand_on(self) -> bool:
        """Ask commands to stop, as often as we were asked: training then writes a checkpoint.

        Returns:
          Whether they are asked for the first time.
        """
        first = bool(self.running) and not any(running.signals for running in self.running)
        for running in self.running:
            while running.signals < self._requests:
                running.process.send_signal(signal.SIGTERM)
                running.signals += 1
        return first


def _die_with_parent() -> None:
    """Should this process be killed outright, so are the commands that it has started (Linux).

    Nobody would watch them, and the next start would run them again beside themselves.
    """
    if sys.platform == "linux":
        LIBC.prctl(DEATH_SIGNAL_OPTION, signal.SIGKILL)


def how_it_failed(code: int) -> str:
    """An exit code in words; 0 of a training that a user's environment ended before its time."""
    if code == 0:
        return "exit 0, but episodes are missing"
    return f"signal {-code}" if code < 0 else f"exit {code}"


def trained(metrics: Path, episodes: int) -> float:
    """The share of its episodes that a training has behind it, by the last row of metrics.csv."""
    if not metrics.exists():
        return 0.0
    with open(metrics, "rb") as file:
        columns = file.readline().decode().strip().split(",")
        file.seek(max(0, os.path.getsize(metrics) - 4096))
        complete = file.read().decode().rsplit("\n", 1)[0]
    try:
        last = complete.rsplit("\n", 1)[-1].split(",")
        return min(int(last[columns.index("episodes")]) / episodes, 1.0)
    except (IndexError, ValueError):  # the header alone, or half of it
        return 0.0


def last_lines(log: Path, count: int = 3) -> str:
    """The end of what a command printed."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line[:200]}" for line in lines)


def duration(seconds: float) -> str:
    """45 s, 12 min, 3.4 h or 2.5 days."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"


def seeds_of(text: str) -> list[int]:
    """ "1 2 5", "1,2,5", "1-3" or "4", which is the seed 4 alone; raises ValueError."""
    seeds: dict[int, None] = {}
    for part in re.split(r"[\s,]+", text.strip()):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise ValueError(f'seeds = {text!r}: must be seeds such as 4, 1-3 or "1 2 5"')
        seeds |= dict.fromkeys(range(int(match[1]), int(match[2] or match[1]) + 1))
    return list(seeds)
