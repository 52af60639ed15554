"""Checkpoints: the learner and how far the run has come. They serve resuming alone."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from dimapg_tf.experiment.errors import CheckpointError

KEEP = 3
DRAFT = "draft"

# What TensorFlow raises on damaged files, depending on which and where; AssertionError is what
# it raises where a checkpoint lacks a variable.
UNREADABLE = (tf.errors.OpError, ValueError, IndexError, RuntimeError, AssertionError)


class Progress(tf.Module):
    """How far a run has come; saved with the learner."""

    def __init__(self):
        super().__init__()
        self.iteration = tf.Variable(0, dtype=tf.int64)
        self.episodes = tf.Variable(0, dtype=tf.int64)
        self.env_steps = tf.Variable(0, dtype=tf.int64)
        self.agent_steps = tf.Variable(0, dtype=tf.int64)
        self.seconds = tf.Variable(0.0, dtype=tf.float64)


class Checkpoints:
    """The last few checkpoints of a run, each written whole before the older ones go.

    Args:
      directory: where they are; made when the first one is written.
      learner: a tf.Module that holds all that it needs to go on.
      deploy: called with the progress once a checkpoint is written or restored, to keep the
        policies of the learner as it then is.

    Attributes:
      progress: how far the run has come; saved with the learner.
    """

    def __init__(
        self,
        directory: Path,
        learner: tf.Module,
        deploy: Callable[[Progress], None] | None = None,
    ):
        self.progress = Progress()
        self._directory = directory
        self._deploy = deploy
        self._checkpoint = tf.train.Checkpoint(learner=learner, progress=self.progress)

    def save(self) -> None:
        """Write a checkpoint of the present state, named by the iteration; drop the oldest.

        It is written under another name first, and the index, by which it is found, is renamed
        last: a kill at any moment leaves complete checkpoints only. No file names a path, so a
        run directory may be moved.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        self._checkpoint.write(str(self._directory / DRAFT))
        name = f"ckpt-{int(self.progress.iteration)}"
        parts = sorted(self._directory.glob(f"{DRAFT}.*"), key=lambda p: p.suffix == ".index")
        for part in parts:
            part.replace(self._directory / (name + part.name.removeprefix(DRAFT)))
        for index in _by_iteration(self._directory)[:-KEEP]:
            for part in self._directory.glob(f"{index.stem}.*"):
                part.unlink()
        self._keep_policy()

    def restore(self) -> bool:
        """Go back to the latest checkpoint; False if there is none.

        Raises:
          CheckpointError: it cannot be read, or is not of this learner.
        """
        path = latest(self._directory)
        if path is None:
            return False
        restore(self._checkpoint, path)
        self._keep_policy()
        return True

    def _keep_policy(self) -> None:
        if self._deploy is not None:
            self._deploy(self.progress)


def latest(directory: Path) -> str | None:
    """The path of the latest complete checkpoint, without suffix; None where there is none."""
    indices = _by_iteration(directory)
    return str(indices[-1].with_suffix("")) if indices else None


def _by_iteration(directory: Path) -> list[Path]:
    """The index files of all complete checkpoints, the latest last."""
    return sorted(directory.glob("ckpt-*.index"), key=lambda p: int(p.stem.split("-")[1]))


def values(path: str, prefixes: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The variables in a checkpoint whose keys start so, by key; raises CheckpointError."""
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    try:
        reader = tf.train.load_checkpoint(path)
        return {
            key.removesuffix(suffix): reader.get_tensor(key)
            for key in reader.get_variable_to_shape_map()
            if key.startswith(prefixes) and key.endswith(suffix)
        }
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


def restore(checkpoint: tf.train.Checkpoint, path: str) -> None:
    """Read a checkpoint into every variable of `checkpoint`; it may hold others as well.

    Raises:
      CheckpointError: it is damaged, or lacks a variable or has it in another shape.
    """
    try:
        checkpoint.read(path).assert_existing_objects_matched().expect_partial()
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> CheckpointError:
    detail = re.sub(r"\s+", " ", str(error).splitlines()[0]) if str(error) else repr(error)
    return CheckpointError(
        f"{path}: the checkpoint is damaged or of another configuration ({detail}); nothing was "
        "changed"
    )
