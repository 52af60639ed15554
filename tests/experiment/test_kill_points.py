"""A run that is killed at any of its writes, and resumed, is the unbroken run bit for bit.

Every write is taken, one after another: of a run that begins (50), and of one that goes on through
two iterations with a checkpoint, where the oldest is dropped (51). Where a write fails and the
process goes on, no drafts are left, and nothing that was there before is lost.
"""

import shutil

import pytest
from faults import CRASHES, FULL, TORN, FaultyDisk, Killed
from run_outcome import outcome

from dimapg_tf.experiment.config import Config, load_config
from dimapg_tf.experiment.errors import RunDirectoryError, StorageError
from dimapg_tf.experiment.run import Run

BEGUN, MORE, FIRST = 6, 8, 2  # iterations; a checkpoint every second one
# What a full disk is answered with; the second where not even the run's directory can be made.
REFUSED = (StorageError, RunDirectoryError)
AT_LEAST = 40  # writes of each walk: fewer would mean that some are not seen


def leftovers(logdir):
    """Names of files that a whole run does not have."""
    names = {str(p.relative_to(logdir)) for p in logdir.rglob("*") if "events." not in p.name}
    return {name for name in names if "draft" in name or name.endswith("lock")}


@pytest.fixture
def walk(monkeypatch, tmp_path):
    """walk(configuration of so many iterations, how many there are to begin with, kind): crash at
    each write, resume, compare with the unbroken run."""

    def walk(make_config, begun, iterations, kind):
        config, logdir = make_config(iterations), tmp_path / "run"

        def prepare(path):
            shutil.rmtree(path, ignore_errors=True)
            if begun:
                shutil.copytree(tmp_path / "begun", path)
            return path

        if begun:
            Run(tmp_path / "begun", make_config(begun)).train()
        whole = prepare(tmp_path / "whole")
        Run(whole, config).train(resume=True)
        expected = outcome(whole)

        count, error = crashed(monkeypatch, prepare, config, logdir, -1, None)
        assert error is None
        assert count >= AT_LEAST
        # The last one is of the lock, whose removal may fail.
        for at in range(count - (kind == FULL)):
            _, error = crashed(monkeypatch, prepare, config, logdir, at, kind)
            assert isinstance(error, REFUSED if kind == FULL else Killed), at
            if kind == FULL:
                assert "No space left on device" in str(error)
                # It serves as policy.npz where that could not be renamed.
                assert leftovers(logdir) <= {"policy.npz.draft"}, at
            assert resumed(monkeypatch, logdir, config) == 0
            assert outcome(logdir) == expected, at
            assert not leftovers(logdir), at

    return walk


def crashed(monkeypatch, prepare, config, logdir, at, kind):
    """Train with this fault; returns how many writes there were, and the error."""
    prepare(logdir)
    with monkeypatch.context() as patch:
        disk = FaultyDisk(at, kind).install(patch)
        try:
            Run(logdir, config).train(resume=True)
        except (Killed, *REFUSED) as error:
            return disk.done, error
    return disk.done, None


def resumed(monkeypatch, logdir, config):
    """On a disk that does as it is told, without waiting for the real one."""
    with monkeypatch.context() as patch:
        FaultyDisk().install(patch)
        return Run(logdir, config).train(resume=True)


@pytest.mark.parametrize(("begun", "iterations"), [(0, FIRST), (BEGUN, MORE)])
@pytest.mark.parametrize("kind", [*CRASHES, FULL])
def test_every_write(walk, stub, begun, iterations, kind):
    walk(stub, begun, iterations, kind)


def test_every_write_with_dimapg(walk, monkeypatch):
    """A real learner, with Adam's moments: compiled once, a new one in each process."""
    made = []

    def make_learner(config, env):
        if not made:
            learner = make(config, env)
            made.append((learner, [v.numpy() for v in learner.variables]))
        (learner, initial), *_ = made
        for variable, value in zip(learner.variables, initial):
            variable.assign(value)
        return learner

    make = Config.make_learner
    monkeypatch.setattr(Config, "make_learner", make_learner)
    tiny = {"horizon": 4, "num_agents": 2, "trajectories": 2, "k": 1, "hidden": 4}

    def make_config(iterations):
        overrides = {"central_update": "reinforce", "checkpoint_every": 2, **tiny}
        return load_config("cooperative_navigation", episodes=6 * iterations, **overrides)

    walk(make_config, BEGUN, MORE, TORN)
