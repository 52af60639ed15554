"""Runs steps, some at a time: skips what is done, goes on after failures, tells how far it is."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dimapg_tf.experiment.commands import Commands, duration, how_it_failed, last_lines
from reproduction import history, marks
from reproduction.history import History
from reproduction.progress import (
    cpu_seconds,
    expected,
    is_trained,
    learning_curve,
    result,
    trained,
)
from reproduction.steps import Step

POLL_SECONDS = 0.2
PROGRESS_SECONDS = 30.0  # between lines of progress; on a terminal one line is redrawn
PRIOR_SECONDS = 60.0  # the plan's own speed counts as much as so many seconds of watching


class Runner:
    """Runs steps in their order, as many at a time as there are jobs.

    What its mark says is done (marks.py) is skipped. Of a training the run directory is believed,
    not the exit code: a user's environment may end the process.

    Args:
      steps: in order; what a step needs stands before it.
      jobs: at a time.
      logs: directory of what the commands print, and of the marks, and of the history.
    """

    def __init__(self, steps: Sequence[Step], jobs: int, logs: Path):
        self.steps, self.jobs, self.logs = list(steps), jobs, logs
        self.done = marks.done(logs, self.steps)
        self.failed: dict[str, str] = {}
        self.left_out: dict[str, str] = {}
        self.commands = Commands()
        logs.mkdir(parents=True, exist_ok=True)
        self.history = History(logs / history.FILE)
        self.skipped = len(self.done)
        self._first = sum(self.share(step) for step in self.steps)
        self._started = time.monotonic()
        self._last_line = 0.0

    def run(self) -> int:
        """Run them all; 0, 1 if any failed, or 128 + the number of the signal that stopped it."""
        commands = self.commands
        with commands:
            while True:
                self._collect()
                if commands.stopped_by is None:
                    self._start_what_can()
                elif commands.hand_on():
                    self._say("stopping after the iterations at work; again to stop at once")
                if not commands.running:
                    break
                if commands.stopped_by is None:
                    self._tell()
                time.sleep(POLL_SECONDS)
        if commands.stopped_by is not None:
            return 128 + commands.stopped_by
        return 1 if self.failed or self.left_out else 0

    # What can be started, and what has ended.

    def _start_what_can(self) -> None:
        """Start steps, in order, as long as there is room; none overtakes one that waits for room.

        A step whose needs have failed is left out; one with several runs goes on without theirs.
        """
        busy = {running.work.name for running in self.commands.running}
        for step in self.steps:
            if step.name in self.done | self.failed.keys() | self.left_out.keys() | busy:
                continue
            missing = [n for n in step.needs if n in self.failed or n in self.left_out]
            if missing and len(missing) >= (len(step.needs) if step.runs else 1):
                self.left_out[step.name] = missing[0]
                self._say(f"left out, because of {missing[0]}: {step.name}")
                continue
            if any(n not in self.done and n not in missing for n in step.needs):
                continue
            used = sum(self._slots(running.work) for running in self.commands.running)
            if used + self._slots(step) > self.jobs:
                return
            self._start(step, missing)

    def _slots(self, step: Step) -> int:
        return self.jobs if step.whole_machine else 1

    def _start(self, step: Step, missing: Sequence[str]) -> None:
        without = [run for run, name in zip(step.runs, step.needs) if name in missing]
        command = [word for word in step.command if word not in without]
        self._say(f"+ {shlex.join(command)}")
        self.commands.start(step, command, self.logs / f"{step.file_name}.log")

    def _collect(self) -> None:
        """See which of them have ended."""
        before = cpu_seconds()
        for running, code in self.commands.ended():
            step, seconds, cpu = running.work, running.seconds, cpu_seconds()
            if code == 0 and is_trained(step):
                self.done.add(step.name)
                took = {"seconds": round(seconds, 1), "cpu_seconds": round(cpu - before, 1)}
                marks.write(self.logs, step, **took)
                self._say(f"done in {duration(seconds)}: {step.name}{result(step)}")
            elif self.commands.stopped_by is None:
                how = how_it_failed(code)
                self.failed[step.name] = f"{how}, see {running.log}"
                self._say(f"FAILED ({how}): {step.name}\n{last_lines(running.log)}")
            before = cpu

    # How far it is.

    def share(self, step: Step) -> float:
        """Of the seconds that the plan expects of a step, those that have passed."""
        if step.name in self.done | self.failed.keys() | self.left_out.keys():
            return expected(step, self.jobs)
        if step.episodes:
            return trained(step) * expected(step, self.jobs)
        for running in self.commands.running:
            if running.work is step:
                passed = running.seconds / step.seconds
                return min(passed, 0.9) * expected(step, self.jobs)
        return 0.0

    def total(self) -> float:
        return sum(expected(step, self.jobs) for step in self.steps)

    def seconds_left(self) -> float:
        """By the plan, at the pace that has been seen since the start."""
        passed = sum(map(self.share, self.steps))
        elapsed = time.monotonic() - self._started
        pace = (elapsed + PRIOR_SECONDS) / (passed - self._first + PRIOR_SECONDS)
        return max(self.total() - passed, 0.0) * pace

    def progress(self) -> str:
        """One line: how much is done, how long it will take, what is at work."""
        passed = sum(map(self.share, self.steps)) / max(self.total(), 1e-9)
        ended = len(self.done) + len(self.failed) + len(self.left_out)
        at_work = ", ".join(
            r.work.name + (f" {trained(r.work):.0%}" if r.work.episodes else "")
            for r in self.commands.running
        )
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return (
            f"{passed:.0%}, {ended} of {len(self.steps)} steps{failed}, about "
            f"{duration(self.seconds_left())} left; at work: {at_work}"
        )

    def curve(self, width: int) -> str:
        """The learning curve of the training that has been at work for longest; "" before it is."""
        curves = (learning_curve(r.work, width) for r in self.commands.running if r.work.episodes)
        return next(filter(None, curves), "")

    def _tell(self) -> None:
        now = time.monotonic()
        terminal = sys.stdout.isatty()
        if now - self._last_line < (1.0 if terminal else PROGRESS_SECONDS):
            return
        self._last_line = now
        if terminal:
            width = os.get_terminal_size().columns - 1
            # Below the line of progress that of a learning curve; then back up to the first.
            below = f"\n\x1b[K{self.curve(width)}\x1b[1A\r"
            print(f"\r\x1b[K{self.progress()[:width]}{below}", end="", flush=True)
        else:
            print(self.progress(), flush=True)

    def _say(self, text: str) -> None:
        self.history.write(text)
        clear = "\r\x1b[J" if sys.stdout.isatty() else ""
        print(f"{clear}{text}", flush=True)
