"""Names of compiled programs that depend on nothing but the programs.

TensorFlow numbers the functions that it traces, and a number is part of the name by which XLA's
cache knows a program. It counts eager tensors with the same counter, so one operation more before,
as in a resumed run, or another thread at work, would make every later program a stranger.
"""

import contextlib
import threading
import zlib
from collections.abc import Iterator

BLOCK = 1_000_000  # more numbers than one command or test uses
KEYED = 2**33  # blocks beyond those that are given by number


class _Numbers:
    """A counter that can be set, for several threads."""

    def __init__(self):
        self.last = BLOCK
        self._lock = threading.Lock()

    def begin(self, block: int | None) -> None:
        with self._lock:
            self.last = BLOCK * (self.last // BLOCK + 1 if block is None else block)

    def swap(self, last: int) -> int:
        """Go on after this number; returns the one that was the last."""
        with self._lock:
            before, self.last = self.last, last
            return before

    def __call__(self) -> int:
        with self._lock:
            self.last += 1
            return self.last


numbers = _Numbers()
_reached: dict[int, int] = {}  # the last number of each block that `within` has used


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


@contextlib.contextmanager
def within(key: str) -> Iterator[None]:
    """What is traced in the block is numbered by this key, whatever was traced elsewhere before.

    So a program has the same name in processes that come to it in another order. For one thread at
    a time; the same key goes on where it was.
    """
    block = BLOCK * (KEYED + zlib.crc32(key.encode()))
    outside = numbers.swap(_reached.get(block, block))
    try:
        yield
    finally:
        _reached[block] = numbers.swap(outside)
