"""Ctrl-C and SIGTERM in training."""

import os
import signal
import sys
import threading
from collections.abc import Callable

HANDLED = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Turns Ctrl-C and SIGTERM into a request to stop after the iteration; again means at once.

    Compiling the first iteration takes a minute, in which Python's handlers do not run. As long as
    `idle` gives a text, nothing would be lost: then the process ends at once, by a thread that the
    system wakes, and tells the text.

    Args:
      idle: only where the process is this training's own; None if it may not be ended.

    Attributes:
      received: the number of the first signal, or None.
    """

    def __init__(self, idle: Callable[[], str] | None = None):
        self.received: int | None = None
        self._idle = idle
        self._previous: dict = {}
        self._pipe: tuple[int, int] | None = None

    def __enter__(self) -> "StopSignals":
        if threading.current_thread() is not threading.main_thread():
            return self  # signals are the main thread's, and not ours to take
        for number in HANDLED:
            self._previous[number] = signal.signal(number, self._request)
        if self._idle is not None:
            self._pipe = os.pipe()
            os.set_blocking(self._pipe[1], False)
            self._wakeup = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
            threading.Thread(target=self._watch, args=self._pipe[:1], daemon=True).start()
        return self

    def _request(self, number, _frame) -> None:
        if self.received is not None:
            raise KeyboardInterrupt
        self.received = number
        if self._idle is not None and self._idle():
            return  # `_watch` ends the process, and what it says is the last word
        name = signal.Signals(number).name
        print(f"\n{name}: stopping after this iteration; again to stop at once", file=sys.stderr)

    def _watch(self, pipe: int) -> None:
        """Read the numbers of signals, which the system writes whatever Python is at."""
        while number := os.read(pipe, 1):
            text = self._idle() if number[0] in HANDLED else ""
            if text:
                name = signal.Signals(number[0]).name
                os.write(2, f"\n{name}: stopped; {text}\n".encode())
                os._exit(128 + number[0])
        os.close(pipe)

    def __exit__(self, *_) -> None:
        if self._pipe is not None:
            signal.set_wakeup_fd(self._wakeup)
            os.close(self._pipe[1])
        for number, handler in self._previous.items():
            signal.signal(number, handler)
