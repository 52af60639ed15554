"""`our_quality` as it goes from the second start on, when compiled programs are kept.

A first training, which is not measured, ends after its first iteration. Case, sample: see there.
"""

import tempfile

from benchmarks.peers.contests import Contender
from benchmarks.peers.process import Process
from benchmarks.peers.sides.serving import serve

ENOUGH = 600.0  # seconds that a training may take for what is not in its time


def prepare(case: dict):
    """The first start."""
    directory = tempfile.TemporaryDirectory()

    def train(minutes: float) -> dict:
        environment = {"DIMAPG_XLA_CACHE": directory.name}
        told = case | {"minutes": minutes}
        contender = Contender("one start", "our_quality", told, environment=environment)
        process = Process(contender, 60.0 * minutes + ENOUGH)
        try:
            process.ready()
            return process.measure()
        finally:
            process.close()

    train(0.0)
    return lambda: train(case["minutes"])


if __name__ == "__main__":
    serve(prepare)
