"""A contender's process, from the side of the one who asks."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from typing import Any

from benchmarks.peers.contests import ROOT, Contender
from benchmarks.peers.sides.serving import ANSWERS_TO, STARTED_AT

FAREWELL = 10.0  # seconds that it may take to end after its last answer
LAST = 300  # letters of what a process said before it died


class ContenderError(Exception):
    """A contender failed; the message is one line."""


class Process:
    """Starts at once; `ready` waits until it is prepared.

    Args:
      patience: seconds that one answer may take.
    """

    def __init__(self, contender: Contender, patience: float):
        self._contender, self._patience = contender, patience
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        read, write = os.pipe()
        self._answers = os.fdopen(read, encoding="utf-8")
        self._process = subprocess.Popen(
            [*contender.command(), json.dumps(dict(contender.case))],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            text=True,
            cwd=ROOT,
            pass_fds=(write,),
            env={
                **os.environ,
                STARTED_AT: repr(time.time()),
                ANSWERS_TO: str(write),
                **contender.environment,
            },
        )
        os.close(write)

    def ready(self) -> None:
        """Until all is compiled; raises ContenderError."""
        self._answer("ready")

    def measure(self) -> dict[str, Any]:
        """One sample; raises ContenderError."""
        with contextlib.suppress(OSError):  # It is gone; its last words are read below.
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        return self._answer("sample")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._answers, self._log):
            with contextlib.suppress(OSError):
                stream.close()

    def _answer(self, kind: str) -> Any:
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        watch = threading.Timer(self._patience, give_up)
        watch.start()
        try:
            line = self._answers.readline()
        finally:
            watch.cancel()
        if late.is_set():
            raise ContenderError(f"no answer within {self._patience:g} s")
        try:
            answer = json.loads(line)
        except ValueError:
            raise ContenderError(self._last_words()) from None
        if kind not in answer:
            raise ContenderError(" ".join(answer.get("error", self._last_words()).split())[:LAST])
        return answer[kind]

    def _last_words(self) -> str:
        try:
            code = self._process.wait(timeout=FAREWELL)
        except subprocess.TimeoutExpired:
            return "answers nothing that can be read"
        self._log.seek(0)
        text = self._log.read().decode(errors="replace").split()
        return f"ended with code {code}: {' '.join(text)[-LAST:]}"
