"""Checkpoints: the learner and how far the run has come. They serve resuming alone."""

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from dimapg_tf.experiment import files
from dimapg_tf.experiment.errors import CheckpointError, StorageError

KEEP = 3
DRAFT = "draft"
NAME = re.compile(r"ckpt-(\d+)\.(index|data-\d+-of-\d+)")
GLOB_CHARACTERS = re.compile(r"[*?\[\]\\]")

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
      directory: as given.
      progress: how far the run has come; saved with the learner.
    """

    def __init__(
        self,
        directory: Path,
        learner: tf.Module,
        deploy: Callable[[Progress], None] | None = None,
    ):
        self.progress = Progress()
        self.directory = directory
        self._deploy = deploy
        self._checkpoint = tf.train.Checkpoint(learner=learner, progress=self.progress)

    def save(self) -> None:
        """Write a checkpoint of the present state, named by the iteration; drop the oldest.

        It is written under another name first, and the index, by which it is found, is renamed
        last: a kill at any moment leaves complete checkpoints only, and a power loss, too. No file
        names a path, so a run directory may be moved.

        Raises:
          StorageError: it cannot be written; those from before are as they were.
        """
        files.make_directory(self.directory)
        iteration = int(self.progress.iteration)
        try:
            for draft in self._write_drafts():
                name = f"ckpt-{iteration}{draft.name.removeprefix(DRAFT)}"
                files.replace(draft, self.directory / name)
        except Exception:
            with contextlib.suppress(StorageError):
                self._remove_drafts()
                self._remove(iteration)
            raise
        files.sync([self.directory])
        for older in self.iterations()[:-KEEP]:
            self._remove(older)
        self._keep_policy()

    def _write_drafts(self) -> list[Path]:
        """The files of a checkpoint, on the disk, the index last."""
        with (
            files.storage_errors(self.directory, tf.errors.OpError),
            without_glob_characters(self.directory) as plain,
        ):
            self._checkpoint.write(str(plain / DRAFT))
        drafts = sorted(self.directory.glob(f"{DRAFT}.*"), key=lambda p: p.suffix == ".index")
        files.sync(drafts)
        return drafts

    def restore(self, iteration: int | None = None) -> bool:
        """Go back to the latest checkpoint, or to that of an iteration; changes no checkpoint.

        Returns:
          False if there is none and none was asked for.

        Raises:
          CheckpointError: it is not there, cannot be read, or is not of this learner.
        """
        known = self.iterations()
        if iteration is None and not known:
            return False
        chosen = known[-1] if iteration is None else iteration
        if chosen not in known:
            there = f"there are {', '.join(map(str, known))}" if known else "there is none"
            raise CheckpointError(
                f"{self.directory}: there is no checkpoint of iteration {chosen}; {there}"
            )
        try:
            restore(self._checkpoint, self._path(chosen))
        except CheckpointError as error:
            whole = [i for i in reversed(known) if i != chosen and self._is_whole(i)]
            raise CheckpointError(f"{error}; {_advice(whole)}") from error
        return True

    def begin(self) -> None:
        """Before training goes on: drop what is later than the present state or half written, and
        keep the policies of the present state, if it is one that has a checkpoint."""
        self._remove_drafts()
        known = self.iterations()
        for iteration in known:
            if iteration > int(self.progress.iteration):
                self._remove(iteration)
        for path in self.directory.glob("ckpt-*"):
            found = NAME.fullmatch(path.name)
            if found and int(found[1]) not in known:  # without its index
                files.remove(path)
        if known:
            self._keep_policy()

    def iterations(self) -> list[int]:
        """Those that there are complete checkpoints of, in order."""
        return iterations(self.directory)

    def _is_whole(self, iteration: int) -> bool:
        try:
            restore(self._checkpoint, self._path(iteration))
        except CheckpointError:
            return False
        return True

    def _path(self, iteration: int) -> Path:
        return self.directory / f"ckpt-{iteration}"

    def _remove(self, iteration: int) -> None:
        """The index first: without it the other files are no checkpoint."""
        index = self.directory / f"ckpt-{iteration}.index"
        files.remove(index)
        for part in index.parent.glob(f"{index.stem}.data-*"):
            files.remove(part)

    def _remove_drafts(self) -> None:
        """What TensorFlow has half written, a directory among it."""
        for draft in self.directory.glob(f"{DRAFT}*"):
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                files.remove(draft)

    def _keep_policy(self) -> None:
        if self._deploy is not None:
            self._deploy(self.progress)


def latest(directory: Path) -> Path | None:
    """The path of the latest complete checkpoint, without suffix; None where there is none."""
    known = iterations(directory)
    return directory / f"ckpt-{known[-1]}" if known else None


def iterations(directory: Path) -> list[int]:
    """Those that there are complete checkpoints of, in order; files of other names are not ours."""
    found = [NAME.fullmatch(path.name) for path in directory.glob("ckpt-*.index")]
    return sorted(int(name[1]) for name in found if name)


def values(path: Path, prefixes: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The variables in a checkpoint whose keys start so, by key; raises CheckpointError."""
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    try:
        with without_glob_characters(path.parent) as plain:
            reader = tf.train.load_checkpoint(str(plain / path.name))
            return {
                key.removesuffix(suffix): reader.get_tensor(key)
                for key in reader.get_variable_to_shape_map()
                if key.startswith(prefixes) and key.endswith(suffix)
            }
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


def restore(checkpoint: tf.train.Checkpoint, path: Path) -> None:
    """Read a checkpoint into every variable of `checkpoint`; it may hold others as well.

    Raises:
      CheckpointError: it is damaged, or lacks a variable or has it in another shape.
    """
    try:
        with without_glob_characters(path.parent) as plain:
            status = checkpoint.read(str(plain / path.name))
            status.assert_existing_objects_matched().expect_partial()
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


@contextlib.contextmanager
def without_glob_characters(directory: Path) -> Iterator[Path]:
    """The directory by a path that TensorFlow does not take for a pattern of paths."""
    if not GLOB_CHARACTERS.search(str(directory)):
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="dimapg_tf_") as held:
        link = Path(held) / "link"
        link.symlink_to(directory.absolute(), target_is_directory=True)
        yield link


def _advice(whole: list[int]) -> str:
    if not whole:
        return "no other checkpoint is whole"
    others = ", ".join(map(str, whole))
    return (
        f"whole are those of iterations {others}: --resume_from={whole[0]} (from Python, "
        f"train(resume_from={whole[0]})) goes on from there"
    )


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    detail = re.sub(r"\s+", " ", str(error).splitlines()[0]) if str(error) else repr(error)
    return CheckpointError(
        f"{path}: the checkpoint is damaged or of another configuration ({detail}); nothing was "
        "changed"
    )
