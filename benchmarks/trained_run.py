"""A run that benchmarks train a piece at a time, with all that training does besides."""

import math
import time
from pathlib import Path
from typing import Any

NO_CHECKPOINT = 10**9  # iterations; there is still one at the end of each piece


class TrainedRun:
    """Rollouts, updates, metrics and checkpoints of one configuration, in this process.

    Args:
      config: a `dimapg_tf.experiment.config.Config`.
      directory: of the run.
      checkpoint_every: iterations.
    """

    def __init__(self, config: Any, directory: Path, checkpoint_every: int = NO_CHECKPOINT):
        from dimapg_tf.experiment.checkpoint import Checkpoints
        from dimapg_tf.experiment.run_directory import RunDirectory

        self.env = config.make_env()
        self.learner = config.make_learner(self.env)
        # Episodes before a replay buffer is large enough for a first update.
        self.starts = getattr(config.settings, "learning_starts", 0) / self.env.spec.horizon
        self._directory, self._every = RunDirectory(directory), checkpoint_every
        self._directory.describe(config)
        self._checkpoints = Checkpoints(self._directory.checkpoints, self.learner)

    def train(self, episodes: int) -> float:
        """Train for so many more episodes, or a few more to end an iteration; episodes a second."""
        from dimapg_tf.experiment import loop

        progress = self._checkpoints.progress
        before, started = int(progress.episodes), time.perf_counter()
        budget = before + episodes
        loop.train(self.learner, self.env, self._directory, self._checkpoints, budget, self._every)
        return (int(progress.episodes) - before) / (time.perf_counter() - started)

    def compile(self) -> float:
        """Train until all that a piece needs is compiled; episodes a second of one iteration."""
        self.train(math.ceil(self.starts) + 1)
        return self.train(1)
