"""Threads that work side by side until all are done, or one of them fails."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

LOOK_UP_SECONDS = 0.5


def run_all(works: Sequence[Callable[[threading.Event], None]]) -> None:
    """Run each function in a thread of its own and wait for all.

    Args:
      works: each takes an event, and returns soon after it is set.

    Raises:
      Exception: the first of any of them, with its traceback, when all have returned.
      KeyboardInterrupt: the waiting thread was interrupted; that ends them, too.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(len(works), thread_name_prefix="worker") as pool:
        futures = [pool.submit(work, stop) for work in works]
        try:
            pending = set(futures)
            while pending and not any(_failed(future) for future in futures):
                # Looks up now and then, so that a signal finds this thread awake.
                _, pending = wait(pending, LOOK_UP_SECONDS, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for future in sorted(futures, key=_failed, reverse=True):
        future.result()


def _failed(future: Future) -> bool:
    return future.done() and future.exception() is not None
