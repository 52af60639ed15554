"""What happens to the workers of a simulated cluster, and what becomes of its iterations."""

from typing import NamedTuple

import numpy as np


class Faults(NamedTuple):
    """What happens to workers.

    slow: share of them that are slower, by `factor`. between: mean seconds of a worker's life,
    infinite: none is lost; hangs: share of the losses that are hangs, found after `watchdog`
    seconds. restart: seconds until the process is there again; compile: of its first call then.
    """

    slow: float = 0.0
    factor: float = 1.0
    between: float = np.inf
    hangs: float = 0.0
    watchdog: float = 30.0
    restart: float = 10.0
    compile: float = 30.0


class Outcome(NamedTuple):
    """seconds: of each iteration; lost: workers, and their time away in worker seconds; again:
    blocks that had to be rolled out anew; counted: {(iteration, block): answers}."""

    seconds: list[float]
    lost: int
    away: float
    again: int
    counted: dict[tuple[int, int], int]


class Call(NamedTuple):
    """What is in the queue."""

    method: str
    blocks: tuple[int, ...] | None  # None: all that the worker holds


class Worker:
    """Its state; factor: how much slower it is."""

    def __init__(self, index: int, factor: float):
        self.index, self.factor = index, factor
        self.life = 0  # whose events those of an earlier life are not
        self.hung = self.cold = False
        self.call: Call | None = None
        self.begin(-1)

    def begin(self, iteration: int) -> None:
        """Forget what is of another iteration."""
        self.iteration, self.shared, self.held = iteration, False, set()
