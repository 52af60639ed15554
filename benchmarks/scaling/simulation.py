"""The scheduler of `dimapg_tf.distributed`, event by event, on clusters that we have not got.

As it is there (and in TensorFlow's ClusterCoordinator, read in its source of 2.21):

- One queue. A call goes to the worker that has been idle for longest; its thread of the chief waits
  until the answer is there. A round ends with its last answer. A worker that dies idle is counted
  as away at once.
- A worker computes τ^θ when it first works on an iteration, and keeps what it rolled out. The chief
  works on τ^θ itself meanwhile, and a round lasts as long as that at least.
- `again` puts one call for each worker into the queue. Whoever takes it answers for all it holds,
  so that one may answer twice while another is gone; the keys that are missing then are rolled out
  anew, by whoever is free.
- The call of a worker that dies goes back to the end of the queue. One that hangs is killed by its
  watchdog first. A worker takes part again when it has started and no other worker is away: the
  coordinator gathers all of them again, not one. What it does first then takes longer: it compiles.
"""

import heapq
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from benchmarks.scaling.faults import Call, Faults, Outcome, Worker
from benchmarks.scaling.model import Load, Wires, call_seconds


class Simulation:
    """A cluster; the same seed gives the same numbers.

    Args:
      spread: block times are the load's times one of these, drawn for each block [m].
    """

    def __init__(
        self,
        load: Load,
        wires: Wires,
        workers: int,
        faults: Faults = Faults(),  # noqa: B008
        spread: Sequence[float] = (1.0,),
        seed: int = 0,
    ):
        self._load, self._wires, self._faults = load, wires, faults
        self._random = np.random.default_rng(seed)
        self._spread = np.asarray(spread, float)
        slow = self._random.permutation(workers) < round(faults.slow * workers)
        self._workers = [Worker(i, faults.factor if s else 1.0) for i, s in enumerate(slow)]
        self._idle, self._queue = deque(self._workers), deque()
        self._events: list = []
        self._number = count()
        self._now = self._chief = 0.0
        self._away: dict[int, bool] = {}  # {worker: whether it has started again}
        self._lost = self._again = self._pending = 0
        self._seconds_away, self._left = 0.0, {}
        self._answers: list[set[int]] = []
        for worker in self._workers:
            self._doom(worker)

    def run(self, iterations: int, patience: float = np.inf) -> Outcome:
        """Go through so many iterations.

        patience: simulated seconds after which no other iteration is begun, and the present one is
        given up: it then takes for ever.
        """
        load, seconds = self._load, []
        counted: dict[tuple[int, int], int] = {}
        self._end = patience
        for self._iteration in range(iterations):
            begun = self._now
            if begun > patience:
                break
            self._factors = self._random.choice(self._spread, load.blocks)
            calls = [Call("gradient", (block,)) for block in range(load.blocks)]
            own = load.shared.roll_out + load.shared.gradient
            for answer in self._round(calls, own):
                for block in answer:
                    name = (self._iteration, block)
                    counted[name] = counted.get(name, 0) + 1
            for method, rounds in (("product", load.products), ("value", load.values)):
                for _ in range(self._whole(rounds)):
                    self._ask_again(method)
            self._wait(self._now + load.chief + load.add * load.blocks)
            seconds.append(self._now - begun if self._now <= patience else np.inf)
        away = self._seconds_away + sum(self._now - since for since in self._left.values())
        return Outcome(seconds, self._lost, away, self._again, counted)

    def _whole(self, number: float) -> int:
        """One of the two whole numbers beside it, which is right on average."""
        below = int(number // 1)
        return below + (number > below and self._random.random() < number - below)

    def _ask_again(self, method: str) -> None:
        own = getattr(self._load.shared, method)
        if not getattr(self._load.block, method):
            self._wait(self._now + own)
            return
        found = set()
        for answer in self._round([Call(method, None)] * len(self._workers), own):
            found |= answer
        missing = [block for block in range(self._load.blocks) if block not in found]
        if missing and self._now <= self._end:
            answers = self._round([Call(method, (block,)) for block in missing])
            self._again += sum(map(len, answers))

    def _round(self, calls: Sequence[Call], own: float = 0.0) -> list[set[int]]:
        """The blocks of each answer, when the last one is there and the chief has done its own."""
        until = self._now + own
        self._answers, self._pending = [], len(calls)
        self._queue.extend(calls)
        self._hand_out()
        while self._pending and self._now <= self._end:
            self._step()
        self._wait(max(self._now, until))
        return self._answers

    def _wait(self, until: float) -> None:
        """What happens meanwhile."""
        while self._events and self._events[0][0] <= until:
            self._step()
        self._now = until

    def _step(self) -> None:
        self._now, _, act, worker, life, *more = heapq.heappop(self._events)
        if life == worker.life:
            act(worker, *more)
            self._hand_out()

    def _at(self, when: float, act: Any, worker: Worker, *more: Any) -> None:
        heapq.heappush(self._events, (when, next(self._number), act, worker, worker.life, *more))

    def _hand_out(self) -> None:
        while self._queue and self._idle:
            worker, call = self._idle.popleft(), self._queue.popleft()
            worker.call = call
            if worker.hung:
                continue  # it will be killed
            sent = self._busy(call_seconds(self._load, self._wires, call.method))
            seconds, keys = self._work(worker, call)
            back = sent + seconds + 2 * self._wires.latency
            self._at(back, self._answered, worker, keys)

    def _busy(self, seconds: float) -> float:
        """When the chief, or its connection, has done this, after what it was to do before."""
        self._chief = max(self._chief, self._now) + seconds
        return self._chief

    def _work(self, worker: Worker, call: Call) -> tuple[float, set[int]]:
        """(seconds, blocks of the answer)."""
        if worker.iteration != self._iteration:
            worker.begin(self._iteration)
        blocks = set(worker.held) if call.blocks is None else set(call.blocks)
        seconds = sum(self._seconds(worker, call.method, block) for block in sorted(blocks))
        seconds *= worker.factor
        if worker.cold and blocks:
            seconds += self._faults.compile
            worker.cold = False
        return seconds, blocks

    def _seconds(self, worker: Worker, method: str, block: int) -> float:
        work, before = getattr(self._load.block, method), 0.0
        if block not in worker.held:
            worker.held.add(block)
            work += self._load.block.roll_out
            if not worker.shared:
                worker.shared, before = True, self._load.shared.roll_out
        return before + work * self._factors[block]

    def _answered(self, worker: Worker, keys: set[int]) -> None:
        size = 0.0
        if worker.call.method == "product" and self._load.block.product:
            size = len(keys) * self._load.returned[1]
        self._at(self._busy(size * self._wires.second_per_byte), self._done, worker, keys)

    def _done(self, worker: Worker, keys: set[int]) -> None:
        self._answers.append(keys)
        self._pending -= 1
        worker.call = None
        self._idle.append(worker)

    def _doom(self, worker: Worker) -> None:
        if np.isfinite(self._faults.between):
            life = self._random.exponential(self._faults.between)
            self._at(self._now + life, self._fail, worker)

    def _fail(self, worker: Worker) -> None:
        self._lost += 1
        self._left[worker.index] = self._now
        worker.life += 1
        worker.hung = self._random.random() < self._faults.hangs
        self._at(self._now + (self._faults.watchdog if worker.hung else 0.0), self._gone, worker)

    def _gone(self, worker: Worker) -> None:
        worker.hung = False
        worker.begin(-1)
        if worker.call is not None:
            self._queue.append(worker.call)
            worker.call = None
        else:
            self._idle.remove(worker)
        self._away[worker.index] = False
        self._at(self._now + self._faults.restart, self._started, worker)

    def _started(self, worker: Worker) -> None:
        self._away[worker.index] = True
        if not all(self._away.values()):
            return
        for index in sorted(self._away):
            back = self._workers[index]
            back.cold = True
            self._seconds_away += self._now - self._left.pop(index)
            self._idle.append(back)
            self._doom(back)
        self._away.clear()
