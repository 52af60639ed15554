"""Resident memory stays flat over a run."""

import psutil

from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.experiment import loop
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.run_directory import RunDirectory


def test_resident_size_is_flat_over_300_iterations(small_env, tmp_path):
    settings = Settings(k=1, trajectories=2, hidden=(8,), fisher_stride=2, cg_iterations=3)
    learner = DiMAPG(small_env, settings, seed=1)
    directory = RunDirectory(tmp_path)
    directory.describe(load_config())
    checkpoints = Checkpoints(directory.checkpoints, learner)
    sizes = []
    for iterations in (20, 320):
        episodes = iterations * learner.episodes_per_iteration
        loop.train(learner, small_env, directory, checkpoints, episodes, checkpoint_every=10)
        sizes.append(psutil.Process().memory_info().rss)
    assert sizes[1] < 1.05 * sizes[0]
