"""Checkpoints: complete ones only, movable, the oldest dropped."""

import pytest
import tensorflow as tf

from dimapg_tf.experiment import checkpoint
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.errors import CheckpointError


class Learner(tf.Module):
    def __init__(self, size=2):
        super().__init__()
        self.values = tf.Variable(tf.zeros([size]))


def save_at(checkpoints, learner, *iterations):
    for iteration in iterations:
        checkpoints.progress.iteration.assign(iteration)
        learner.values.assign(tf.fill([2], float(iteration)))
        checkpoints.save()


def test_the_last_three_are_kept_and_the_latest_is_read(tmp_path):
    learner = Learner()
    save_at(Checkpoints(tmp_path / "c", learner), learner, 2, 9, 10, 100)
    names = {path.stem for path in (tmp_path / "c").glob("*.index")}
    assert names == {"ckpt-9", "ckpt-10", "ckpt-100"}
    (tmp_path / "c").rename(tmp_path / "moved")
    fresh = Learner()
    checkpoints = Checkpoints(tmp_path / "moved", fresh)
    assert checkpoints.restore()
    assert fresh.values.numpy().tolist() == [100.0, 100.0]
    assert int(checkpoints.progress.iteration) == 100


def test_nothing_to_restore(tmp_path):
    assert not Checkpoints(tmp_path / "none", Learner()).restore()


def test_a_kill_while_writing_leaves_the_one_before(tmp_path):
    learner = Learner()
    save_at(Checkpoints(tmp_path, learner), learner, 1, 2)
    for path in tmp_path.glob("ckpt-2.index"):
        path.rename(tmp_path / "draft.index")  # as if killed before the last rename
    assert checkpoint.latest(tmp_path).name == "ckpt-1"
    fresh = Learner()
    assert Checkpoints(tmp_path, fresh).restore()
    assert fresh.values.numpy().tolist() == [1.0, 1.0]


def test_a_checkpoint_of_another_shape_is_refused(tmp_path):
    learner = Learner()
    save_at(Checkpoints(tmp_path, learner), learner, 1)
    with pytest.raises(CheckpointError, match="ckpt-1"):
        Checkpoints(tmp_path, Learner(size=3)).restore()
