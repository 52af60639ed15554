"""How the return of one of our learners grows with time, from the start of the process on.

Case: env, algorithm, settings, seed; levels: {name: mean return} after which it ends; minutes: when
it ends in any case. Sample: see `curve`.
"""

import os
import signal
import tempfile
from pathlib import Path

from benchmarks.peers.sides.curve import Curve
from benchmarks.peers.sides.serving import STARTED, serve

BUDGET = 10**8  # episodes; time ends it


class Watch:
    """A sink of a run's rows that stops the run once enough is known."""

    def __init__(self, curve: Curve):
        self._curve, self._episodes = curve, 0

    def begin(self, run, values) -> None:
        """Nothing to do."""

    def write(self, row) -> None:
        """One iteration."""
        episodes = int(row["episodes"]) - self._episodes
        self._episodes += episodes
        if self._curve.add(episodes, float(row["return_mean"])):
            os.kill(os.getpid(), signal.SIGTERM)

    def close(self) -> None:
        """Nothing to do."""


def prepare(case: dict):
    """Nothing yet: all that a user waits for is part of the sample."""

    def measure() -> dict:
        from dimapg_tf.experiment.config import load_config
        from dimapg_tf.experiment.run import Run

        settings = {"seed": case["seed"], "episodes": BUDGET, **case["settings"]}
        config = load_config(case["env"], case["algorithm"], **settings)
        curve = Curve(case["levels"], case["minutes"], STARTED)
        with tempfile.TemporaryDirectory() as directory:
            Run(Path(directory) / "run", config).train(sinks=[Watch(curve)])
        return curve.sample()

    return measure


if __name__ == "__main__":
    serve(prepare)
