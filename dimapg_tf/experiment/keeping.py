"""A record of a run that is small enough to be kept: all of it but what only training needs."""

import shutil
from pathlib import Path

import tensorflow as tf

from dimapg_tf.experiment import checkpoint
from dimapg_tf.experiment.errors import CheckpointError, RunDirectoryError
from dimapg_tf.experiment.run_directory import RunDirectory

SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
KEPT = ("learner/variables_of/", "progress/")  # the policies, and how far the run had come


def keep(run_dir: str | Path, destination: str | Path) -> RunDirectory:
    """Copy a run's flags, versions, metrics, evaluation and its latest policies.

    Optimizers, critics and a replay are left out, so the record can be evaluated but not resumed.

    Raises:
      RunDirectoryError: the run is none, or there is something else at the destination.
      CheckpointError: there is no checkpoint, or it cannot be read.
    """
    run, record = RunDirectory(run_dir), RunDirectory(destination)
    run.check()
    path = checkpoint.latest(run.checkpoints)
    if path is None:
        raise CheckpointError(f"{run.checkpoints}: there is no checkpoint yet")
    if record.path.exists():
        raise RunDirectoryError(f"{record.path} is there already; choose another destination")
    policies = tf.train.Checkpoint(**_tree(path))
    record.checkpoints.mkdir(parents=True)
    policies.write(str(record.checkpoints / Path(path).name))
    for name in ("flags", "versions", "metrics", "evaluation"):
        if getattr(run, name).exists():
            shutil.copy(getattr(run, name), getattr(record, name))
    return record


def _tree(path: str) -> dict:
    """The kept variables of a checkpoint, nested as their keys are."""
    tree: dict = {}
    reader = tf.train.load_checkpoint(path)
    for key in checkpoint.shapes(path):
        if key.startswith(KEPT) and key.endswith(SUFFIX):
            *parents, leaf = key.removesuffix(SUFFIX).split("/")
            node = tree
            for name in parents:
                node = node.setdefault(name, {})
            node[leaf] = tf.Variable(reader.get_tensor(key))
    return {name: _trackable(node) for name, node in tree.items()}


def _trackable(node):
    if isinstance(node, tf.Variable):
        return node
    return tf.train.Checkpoint(**{name: _trackable(child) for name, child in node.items()})
