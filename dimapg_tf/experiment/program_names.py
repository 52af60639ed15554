"""Names of compiled programs that depend on nothing but the programs.

TensorFlow numbers the functions that it traces, and a number is part of the name by which XLA's
cache knows a program. It counts eager tensors with the same counter, so one operation more before,
as in a resumed run, or another thread at work, would make every later program a stranger.
"""

import threading

BLOCK = 1_000_000  # more numbers than one command or test uses


class _Numbers:
    """A counter that can be set, for several threads."""

    def __init__(self):
        self.last = BLOCK
        self._lock = threading.Lock()

    def begin(self, block: int | None) -> None:
        with self._lock:
            self.last = BLOCK * (self.last // BLOCK + 1 if block is None else block)

    def __call__(self) -> int:
        with self._lock:
            self.last += 1
            return self.last


numbers = _Numbers()


def make_independent() -> None:
    """Number functions by a counter of their own; TensorFlow's goes on counting tensors.

    Results do not depend on it. Nothing happens where TensorFlow has no such counter any more.
    """
    from tensorflow.python.framework import ops

    if hasattr(ops, "uid"):
        ops.uid = numbers


def begin(block: int | None = None) -> None:
    """Number what is traced from here on the same, whatever was traced before.

    Args:
      block: of numbers, by default the next one. One that has been used in this process must not be
        used again: two functions would have one name.
    """
    numbers.begin(block)
