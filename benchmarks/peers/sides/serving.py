"""What a contender does in a process of its own: prepare, then measure whenever it is asked.

Its case is JSON, the first argument. It answers with a line of JSON each: `ready` once all is
compiled, a `sample` for every line that it reads, an `error` where it fails. Answers have a pipe of
their own, for packages print what they like. Without packages: peers have a Python of their own.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

STARTED_AT = "CONTENDER_STARTED_AT"  # the variable that holds `time.time()` of the start

# When this process was started, on the clock of `time.perf_counter`.
STARTED = time.perf_counter() - max(0.0, time.time() - float(os.environ.get(STARTED_AT, "inf")))

ANSWERS_TO = "CONTENDER_ANSWERS_TO"  # the variable that holds the file descriptor of answers


def serve(prepare: Callable[[dict[str, Any]], Callable[[], dict[str, Any]]]) -> None:
    """Run this process; prepare: case -> what takes a sample."""
    try:
        measure = prepare(json.loads(sys.argv[1]))
        _answer({"ready": time.perf_counter() - STARTED})
        for _ in sys.stdin:
            _answer({"sample": measure()})
    except Exception as error:
        traceback.print_exc()
        _answer({"error": f"{type(error).__name__}: {error}"})
        sys.exit(1)


def leave(sample: dict[str, Any]) -> NoReturn:
    """Answer and end the process, from wherever it is."""
    _answer({"sample": sample})
    sys.stderr.flush()
    os._exit(0)


def rate(work: Callable[[], int], seconds: float) -> float:
    """Steps a second of `work`, which returns how many it did, repeated for about so long."""
    steps, started = 0, time.perf_counter()
    while True:
        steps += work()
        took = time.perf_counter() - started
        if took >= seconds:
            return steps / took


def several(work: Callable[[], int], threads: int) -> Callable[[], int]:
    """The same work by so many threads at once, each its own; what compiled programs allow."""
    from concurrent.futures import ThreadPoolExecutor

    if threads == 1:
        return work
    pool = ThreadPoolExecutor(threads)
    return lambda: sum(done.result() for done in [pool.submit(work) for _ in range(threads)])


def _answer(message: dict[str, Any]) -> None:
    line = json.dumps(message) + "\n"
    os.write(int(os.environ.get(ANSWERS_TO, "1")), line.encode())
