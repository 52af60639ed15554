"""Seconds and bytes of what a process does for the chief, call by call."""

import pickle
import time
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import dimapg_tf
from dimapg_tf.algorithm.blocks import BlockWork
from dimapg_tf.algorithm.partition import JOINT
from dimapg_tf.distributed.executor import Recipe
from dimapg_tf.distributed.remote import Answer, Call, packed
from dimapg_tf.experiment import machine


class Timed(NamedTuple):
    """One key of a call.

    method: of `BlockWork`; joint: whether the key is τ^θ; seconds: in all, and rolled_out: of them
    for rolling out and adapting; pack: of the chief, for the string that goes out, and unpack: for
    the one that comes back; sent, returned: their bytes, as of a call for this key alone.
    """

    method: str
    joint: bool
    seconds: float
    rolled_out: float
    pack: float
    unpack: float
    sent: int
    returned: int


class TimedWork(BlockWork):
    """Counts how long it rolls out and adapts, by a clock that can be set."""

    rolled_out = 0.0
    clock = staticmethod(time.perf_counter)

    def _roll_out(self, *arguments):
        begun = self.clock()
        try:
            return super()._roll_out(*arguments)
        finally:
            self.rolled_out += self.clock() - begun


class TimedExecutor:
    """This process does all the work, as `LocalExecutor`, with a watch in its hand.

    Attributes:
      calls: of each key, in their order; empty it as you like.
      seconds: that the executor took, its own bookkeeping included.
    """

    def __init__(self, work: TimedWork, recipe: Recipe):
        self._work, self._recipe = work, recipe
        self.calls: list[Timed] = []
        self.seconds = 0.0

    def map(self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any) -> list[Any]:
        """See `Executor.map`."""
        clock = self._work.clock
        begun = clock()
        results = [self._timed(method, common, key, arguments) for key in keys]
        self.seconds += clock() - begun
        return results

    again = map

    def status(self) -> str:
        """Nothing that the user does not know."""
        return ""

    def _timed(self, method: str, common: Any, key: Hashable, arguments: tuple) -> Any:
        clock = self._work.clock
        marks = [clock()]
        version = dimapg_tf.__version__
        out = packed(Call(version, self._recipe, method, common, (key,), arguments, False))
        marks.append(clock())
        self._work.rolled_out = 0.0
        result = getattr(self._work, method)(common, key, *arguments)
        marks.append(clock())
        answer = Answer(False, {0: result}, 0, machine.fingerprint())
        back = pickle.dumps(tuple(answer), pickle.HIGHEST_PROTOCOL)
        marks.append(clock())
        pickle.loads(back)
        marks.append(clock())
        pack, seconds, _, unpack = (b - a for a, b in pairwise(marks))
        rolled_out = self._work.rolled_out
        self.calls.append(
            Timed(method, key == JOINT, seconds, rolled_out, pack, unpack, len(out), len(back))
        )
        return result
