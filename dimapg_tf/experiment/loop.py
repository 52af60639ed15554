"""The training loop; it knows no algorithm."""

import contextlib
import sys
import time
from typing import Protocol

import numpy as np

from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import compilation_cache
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.metrics import MetricsLog, three_returns, with_prefixes
from dimapg_tf.experiment.metrics_file import Row, rows_until
from dimapg_tf.experiment.reporter import Reporter
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.experiment.signals import StopSignals
from dimapg_tf.experiment.sinks import Sinks
from dimapg_tf.types import NonFiniteError, UpdateResult, WorldError


class Learner(Protocol):
    """What the loop needs: a tf.Module, for checkpoints, with one method.

    Where there is a method `status() -> str`, progress shows what it says.
    """

    def update(self, iteration: int) -> UpdateResult:
        """One iteration; deterministic in the learner's state and the iteration's number."""


def train(
    learner: Learner,
    env: Env,
    directory: RunDirectory,
    checkpoints: Checkpoints,
    episodes: int,
    checkpoint_every: int,
    kept: list[Row] | None = None,
    own_process: bool = False,
    sinks: Sinks | None = None,
) -> int:
    """Update the learner until the budget of episodes is spent.

    Goes on from where `checkpoints.progress` is. A checkpoint is written every `checkpoint_every`
    iterations, at the end, and on Ctrl-C or SIGTERM.

    Args:
      kept: the rows of metrics.csv up to there; read from the directory where they are not given.
      own_process: a signal before the first iteration is done may end the process.
      sinks: what gets the rows of metrics.csv as well; closed at the end.

    Returns:
      The exit code: 0, or 128 + the number of the signal that stopped the run.

    Raises:
      WorldError: a user's environment failed.
      NonFiniteError: a return or gradient is not finite. A learner that refused it has been saved
        as it was; otherwise the last checkpoint is kept.
      RunDirectoryError: rows of metrics.csv are missing or damaged.
      StorageError: something cannot be written; the last checkpoint is kept.
    """
    progress = checkpoints.progress
    saved = first = int(progress.iteration)
    if kept is None:
        kept = rows_until(directory.metrics, first)
    log = MetricsLog(directory.metrics, directory.tensorboard, kept)
    also = sinks or Sinks([], directory.path, {})
    report = Reporter(int(progress.episodes), episodes, kept)

    def idle() -> str:
        done = int(progress.iteration)
        return f"nothing is lost, --resume goes on after iteration {done}" if done == first else ""

    stopping = StopSignals(idle if own_process else None)
    closing = contextlib.closing
    with stopping as stop, closing(log), closing(also), closing(report):
        started = time.perf_counter() - float(progress.seconds)
        while int(progress.episodes) < episodes and stop.received is None:
            try:
                result = learner.update(int(progress.iteration))
            except (NonFiniteError, WorldError):
                # The learner promises that it is as it was before the update.
                _save_unless(saved, checkpoints, log)
                raise
            returns = three_returns(result.returns)
            _check_finite(returns, int(progress.iteration))
            progress.iteration.assign_add(1)
            progress.episodes.assign_add(result.episodes)
            progress.env_steps.assign_add(result.env_steps)
            progress.agent_steps.assign_add(result.agent_steps)
            progress.seconds.assign(time.perf_counter() - started)
            counters = ("iteration", "episodes", "env_steps", "agent_steps")
            row = {
                **{name: int(getattr(progress, name)) for name in counters},
                "seconds": float(progress.seconds),
                **returns,
                **with_prefixes(result.values),
            }
            log.write(row)
            also.write(row)
            if int(progress.iteration) % checkpoint_every == 0:
                saved = _save_unless(saved, checkpoints, log)
            status = learner.status() if hasattr(learner, "status") else ""
            report.iteration(int(progress.episodes), returns, status)
            if int(progress.iteration) == first + 1:  # Everything is compiled.
                compilation_cache.publish()
        _save_unless(saved, checkpoints, log)
    if stop.received is None:
        return 0
    print(
        f"stopped after iteration {int(progress.iteration)}; --resume goes on from there",
        file=sys.stderr,
    )
    return 128 + stop.received


def _save_unless(saved: int, checkpoints: Checkpoints, log: MetricsLog) -> int:
    """Save, unless the last checkpoint is of this iteration; returns the iteration."""
    iteration = int(checkpoints.progress.iteration)
    if iteration != saved:
        log.sync()  # a checkpoint never knows of more iterations than metrics.csv
        checkpoints.save()
    return iteration


def _check_finite(returns: dict[str, float], iteration: int) -> None:
    for name, value in returns.items():
        if not np.isfinite(value):
            raise NonFiniteError(f"iteration {iteration}: {name} is {value}")
