"""Whole training by one of our learners: all that a run does, its checkpoints included.

Case: env, algorithm (names of flagfiles), settings; warm_up: episodes first, which compile and fill
a replay; episodes: of a sample, at least an iteration. Sample: agent-steps a second.
"""

import tempfile
import time
from pathlib import Path

from benchmarks.peers.sides.serving import serve

CHECKPOINT_EVERY = 100  # iterations, and at the end of each sample


class Training:
    """A run that is trained a piece at a time."""

    def __init__(self, case: dict, directory: Path):
        from dimapg_tf.experiment.checkpoint import Checkpoints
        from dimapg_tf.experiment.config import load_config
        from dimapg_tf.experiment.run_directory import RunDirectory

        config = load_config(case["env"], case["algorithm"], **case["settings"])
        self.env = config.make_env()
        self.learner = config.make_learner(self.env)
        self.directory = RunDirectory(directory)
        self.directory.describe(config)
        self.checkpoints = Checkpoints(self.directory.checkpoints, self.learner)

    def train(self, episodes: int) -> tuple[int, float]:
        """So many more episodes: (agent-steps, seconds)."""
        from dimapg_tf.experiment import loop

        progress = self.checkpoints.progress
        before = int(progress.agent_steps)
        budget = int(progress.episodes) + episodes
        started = time.perf_counter()
        loop.train(
            *(self.learner, self.env, self.directory, self.checkpoints, budget, CHECKPOINT_EVERY)
        )
        return int(progress.agent_steps) - before, time.perf_counter() - started


def prepare(case: dict):
    """Train the first episodes."""
    from dimapg_tf.experiment import console

    console.prepare_tensorflow()
    directory = tempfile.TemporaryDirectory()
    training = Training(case, Path(directory.name))
    training.train(case["warm_up"])

    def measure() -> dict:
        steps, seconds = training.train(case["episodes"])
        # The directory lives as long as what is trained in it.
        assert Path(directory.name).is_dir()
        return {"agent_steps_per_second": steps / seconds}

    return measure


if __name__ == "__main__":
    serve(prepare)
