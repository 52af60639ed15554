"""Worker processes of one machine: started, watched, started again, and ended together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Container, Mapping
from pathlib import Path

from dimapg_tf.distributed.lifeline import BEATS, PARENT
from dimapg_tf.workers import ROOT

LOOK = 0.2  # seconds
SILENT = 30.0  # seconds without a beat, after which a process hangs
STARTUP = 600.0  # seconds until its first beat
SHORT = 5  # so many deaths in a row before the first beat are too many


class Supervised:
    """A process that is there until `stop`.

    Args:
      name: in messages.
      module: what it runs.
      environment: beside this process's own.
      log: what it prints is appended there; None: with what this process prints.
      silent: seconds without a beat before it is killed.
      final: exit codes after which it is not started again.

    Attributes:
      code: its exit code when it ended the last time.
    """

    def __init__(
        self,
        name: str,
        module: str,
        environment: Mapping[str, str],
        log: Path | None = None,
        silent: float = SILENT,
        final: Container[int] = (),
    ):
        self._name, self._module, self._log = name, module, log
        self._environment, self._silent = dict(environment), silent
        self._final = final
        self._in_vain, self.code = 0, None
        self._start()

    def _start(self) -> None:
        self._beats, theirs = os.pipe()
        os.set_blocking(self._beats, False)
        environment = {
            **os.environ,
            **self._environment,
            "PYTHONPATH": os.pathsep.join([ROOT, os.environ.get("PYTHONPATH", "")]),
            PARENT: str(os.getpid()),
            BEATS: str(theirs),
        }
        with contextlib.ExitStack() as ending:
            log = ending.enter_context(open(self._log, "ab")) if self._log else None
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs],
                env=environment,
                start_new_session=True,  # out of the reach of Ctrl-C
            )
        os.close(theirs)
        self._alive, self._started = False, time.monotonic()
        self._heard = self._started
        print(f"{self._name}: process {self._process.pid}", file=sys.stderr, flush=True)

    def look(self) -> bool:
        """Kill it if it hangs, start it if it is dead; False where it is not to be started: it dies
        again and again, or its exit code is final."""
        now = time.monotonic()
        if self._hears():
            self._heard, self._alive, self._in_vain = now, True, 0
        elif now - self._heard > (self._silent if self._alive else STARTUP):
            seconds = now - self._heard
            print(f"{self._name}: no sign of life for {seconds:.0f} s, killed", file=sys.stderr)
            self._process.kill()
            self._process.wait()
        self.code = code = self._process.poll()
        if code is None:
            return True
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        print(f"{self._name}: process {self._process.pid} ended, {how}", file=sys.stderr)
        os.close(self._beats)
        if code in self._final:
            return False
        self._in_vain += not self._alive
        if self._in_vain >= SHORT:
            where = f"; see {self._log}" if self._log else ""
            print(f"{self._name}: it does not start{where}", file=sys.stderr)
            return False
        self._start()
        return True

    def _hears(self) -> bool:
        try:
            return bool(os.read(self._beats, 4096))
        except BlockingIOError:
            return False

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
