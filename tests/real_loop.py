"""The training loop around any learner, for tests of what learners, metrics and counters do."""

from dimapg_tf.experiment import loop
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.run_directory import RunDirectory


def train_with(learner, env, path, episodes, checkpoint_every=100):
    """loop.train with a learner that goes on from the checkpoints in this directory."""
    directory = RunDirectory(path)
    directory.describe(load_config())
    checkpoints = Checkpoints(directory.checkpoints, learner)
    checkpoints.restore()
    checkpoints.begin()
    return loop.train(learner, env, directory, checkpoints, episodes, checkpoint_every)
