"""Contests carried out: every contender once a round, so that a machine's moods hit all alike."""

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.peers.contests import Contender, Contest
from benchmarks.peers.process import ContenderError, Process
from benchmarks.peers.store import Store

PATIENCE = 1200.0  # seconds for an answer, compilation included


class Measuring:
    """Fills a record.

    Args:
      store: where samples go, and whose samples are not measured again.
      tell: takes lines for the user.
      patience: seconds that an answer may take.
    """

    def __init__(self, store: Store, tell: Callable[[str], None], patience: float = PATIENCE):
        self._store, self._tell, self._patience = store, tell, patience

    def carry_out(self, contest: Contest) -> None:
        """The rounds that are missing; a contender that fails is left out, with a line."""
        wanting = [c for c in contest.contenders if c.python and self._missing(contest, c)]
        if wanting:
            self._tell(f"{contest.part}, {contest.case}: {', '.join(c.name for c in wanting)}")
        if contest.fresh:
            for done in range(contest.rounds):
                for contender in wanting:
                    if self._count(contest, contender) == done:
                        self._afresh(contest, contender)
            return
        with contextlib.ExitStack() as stack:
            processes = {}
            # Preparing is not measured: one on each core.
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                for contender in wanting:
                    processes[contender.name] = pool.submit(
                        self._prepared, contest, contender, stack
                    )
            for done in range(contest.rounds):
                for contender in wanting:
                    process = processes[contender.name].result()
                    if process and self._count(contest, contender) == done:
                        self._sample(contest, contender, process)

    def _count(self, contest: Contest, contender: Contender) -> int:
        return len(self._store.samples(contest.part, contest.case, contender.name))

    def _missing(self, contest: Contest, contender: Contender) -> bool:
        return self._count(contest, contender) < contest.rounds

    def _prepared(
        self, contest: Contest, contender: Contender, stack: contextlib.ExitStack
    ) -> Process | None:
        process = Process(contender, self._patience)
        stack.callback(process.close)
        try:
            process.ready()
        except ContenderError as error:
            self._leave_out(contest, contender, error)
            return None
        return process

    def _sample(self, contest: Contest, contender: Contender, process: Process) -> None:
        try:
            sample = process.measure()
        except ContenderError as error:
            self._leave_out(contest, contender, error)
        else:
            self._store.add(contest.part, contest.case, contender.name, sample)

    def _afresh(self, contest: Contest, contender: Contender) -> None:
        with contextlib.ExitStack() as stack:
            process = self._prepared(contest, contender, stack)
            if process:
                self._sample(contest, contender, process)

    def _leave_out(self, contest: Contest, contender: Contender, error: ContenderError) -> None:
        self._store.leave_out(contest.part, contest.case, contender.name, str(error))
        self._tell(f"{contest.part}, {contest.case}: {contender.name} is left out: {error}")
