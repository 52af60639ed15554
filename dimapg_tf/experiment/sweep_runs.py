"""The runs of a sweep, some at a time: what is done is skipped, what was stopped goes on."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dimapg_tf.experiment import files
from dimapg_tf.experiment.commands import Commands, duration, how_it_failed, last_lines, trained
from dimapg_tf.experiment.sweep_plan import Trial

POLL_SECONDS = 0.2
PROGRESS_SECONDS = 30.0  # between lines of progress; on a terminal one line is redrawn


class SweepRuns:
    """Trains what is to be trained.

    Args:
      trials: in the order in which they are started.
      jobs: at a time.
      logs: directory of what they print.
    """

    def __init__(self, trials: Sequence[Trial], jobs: int, logs: Path):
        self._trials, self._jobs, self._logs = list(trials), jobs, logs
        self._waiting = [trial for trial in trials if not trial.is_done]
        self._ended: set[str] = {trial.name for trial in trials} - {t.name for t in self._waiting}
        self.skipped = len(self._ended)
        self.failed: dict[str, str] = {}
        self._commands = Commands()
        self._first, self._started, self._told = self._share(), time.monotonic(), 0.0

    def run(self) -> int:
        """Train them all; 0, 1 if any failed, or 128 + the number of the signal that stopped it."""
        files.make_directory(self._logs)
        with self._commands as commands:
            while True:
                self._collect()
                if commands.stopped_by is not None:
                    if commands.hand_on():
                        self._say("stopping after the iterations at work; again to stop at once")
                elif self._waiting and len(commands.running) < self._jobs:
                    self._start(self._waiting.pop(0))
                    continue
                if not commands.running:
                    break
                if commands.stopped_by is None:
                    self._tell()
                time.sleep(POLL_SECONDS)
        if commands.stopped_by is not None:
            return 128 + commands.stopped_by
        return 1 if self.failed else 0

    def _start(self, trial: Trial) -> None:
        self._say(f"+ {shlex.join(trial.command)}")
        log = self._logs / f"{trial.name.replace('/', '.')}.log"
        self._commands.start(trial, trial.command, log)

    def _collect(self) -> None:
        for running, code in self._commands.ended():
            trial = running.work
            if code == 0 and trial.is_done:
                self._ended.add(trial.name)
                self._say(f"done in {duration(running.seconds)}: {trial.name}")
            elif self._commands.stopped_by is None:
                how = how_it_failed(code)
                self._ended.add(trial.name)
                self.failed[trial.name] = f"{how}, see {running.log}"
                self._say(f"FAILED ({how}): {trial.name}\n{last_lines(running.log)}")

    def _share(self) -> float:
        """Of all episodes, those that are behind it; a run that failed counts as over."""
        shares = (
            1.0
            if trial.name in self._ended
            else trained(trial.directory / "metrics.csv", trial.config.episodes)
            for trial in self._trials
        )
        return sum(shares) / len(self._trials)

    def _tell(self) -> None:
        now, terminal = time.monotonic(), sys.stdout.isatty()
        if now - self._told < (1.0 if terminal else PROGRESS_SECONDS):
            return
        self._told, share = now, self._share()
        gained = share - self._first
        left = (now - self._started) * (1.0 - share) / gained if gained > 0 else None
        text = f"{share:.0%}, {len(self._ended)} of {len(self._trials)} runs"
        text += f", about {duration(left)} left" if left is not None else ""
        text += f"; at work: {', '.join(r.work.name for r in self._commands.running)}"
        if terminal:
            width = os.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", flush=True)
        else:
            print(text, flush=True)

    def _say(self, text: str) -> None:
        clear = "\r\x1b[K" if sys.stdout.isatty() else ""
        print(f"{clear}{text}", flush=True)
