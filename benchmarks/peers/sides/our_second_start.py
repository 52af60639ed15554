"""`our_quality` as it goes from the second start on, when compiled programs are kept.

A first training, which is not measured, ends after its first iteration; where it keeps programs,
the process's environment says. Then this process becomes `our_quality`. Case, sample: see there.
"""

import json
import os
import sys
import time

from benchmarks.peers.contests import Contender
from benchmarks.peers.process import Process
from benchmarks.peers.quality import LAST_ITERATION
from benchmarks.peers.sides.serving import STARTED_AT


def main(case: dict) -> None:
    """Does not return."""
    first = Contender("the first start", "our_quality", case | {"minutes": 0.0})
    process = Process(first, LAST_ITERATION)
    try:
        process.ready()
        process.measure()
    finally:
        process.close()
    again = Contender("the second start", "our_quality", case)
    os.environ[STARTED_AT] = repr(time.time())
    os.execv(again.python, [*again.command(), json.dumps(case)])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
