"""A run that is killed at any of its writes, and resumed, is the unbroken run bit for bit.

Every write is taken, one after another: of a run that begins, and of one that goes on through
iterations with a checkpoint, where the oldest is dropped.
"""

import shutil

import pytest
from faults import CRASHES, FULL, FaultyDisk, Killed

from dimapg_tf.experiment import checkpoint, policy_file
from dimapg_tf.experiment.errors import StorageError
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.experiment.run import Run

BEGUN, MORE = 6, 9  # iterations; a checkpoint every second one
AT_LEAST = 40  # writes of each walk: fewer would mean that some are not seen


def outcome(logdir):
    """All that training leaves but times: rows, policy, learner."""
    rows = [
        {k: v for k, v in row.items() if k != "seconds"}
        for row in read_rows(logdir / "metrics.csv")
    ]
    _, age, arrays = policy_file.read(logdir)
    held = checkpoint.values(checkpoint.latest(logdir / "checkpoints"), ("learner/", "progress/"))
    held.pop("progress/seconds")
    values = {name: value.tobytes() for name, value in held.items()}
    policy = {name: [value.tobytes() for value in layers] for name, layers in arrays.items()}
    return {"rows": rows, "age": age, "policy": policy, "values": values}


def leftovers(logdir):
    """Names of files that a whole run does not have."""
    names = {str(p.relative_to(logdir)) for p in logdir.rglob("*") if "events." not in p.name}
    return {name for name in names if "draft" in name or name.endswith("lock")}


@pytest.fixture(params=["from its start", "from a checkpoint on"])
def walk(request, stub, tmp_path):
    """(prepare a directory, configuration, outcome of the unbroken run)."""
    begun = tmp_path / "begun"
    iterations = 4 if request.param == "from its start" else MORE
    if iterations == MORE:
        Run(begun, stub(BEGUN)).train()

    def prepare(logdir):
        shutil.rmtree(logdir, ignore_errors=True)
        if begun.exists():
            shutil.copytree(begun, logdir)
        return logdir

    whole = prepare(tmp_path / "whole")
    Run(whole, stub(iterations)).train(resume=True)
    return prepare, stub(iterations), outcome(whole)


def crashed(monkeypatch, prepare, config, logdir, at, kind):
    """Train with this fault; returns how many writes there were, and the error."""
    prepare(logdir)
    with monkeypatch.context() as patch:
        disk = FaultyDisk(at, kind).install(patch)
        try:
            Run(logdir, config).train(resume=True)
        except (Killed, StorageError) as error:
            return disk.done, error
    return disk.done, None


@pytest.mark.parametrize("kind", [*CRASHES, FULL])
def test_every_write(walk, monkeypatch, tmp_path, kind, record_property):
    prepare, config, expected = walk
    logdir = tmp_path / "run"
    count, error = crashed(monkeypatch, prepare, config, logdir, -1, None)
    assert error is None
    assert count >= AT_LEAST
    record_property("kill_points", count)
    for at in range(count):
        _, error = crashed(monkeypatch, prepare, config, logdir, at, kind)
        assert isinstance(error, StorageError if kind == FULL else Killed), at
        if kind == FULL:
            assert "No space left on device" in str(error)
            assert not leftovers(logdir), at
        assert Run(logdir, config).train(resume=True) == 0
        assert outcome(logdir) == expected, at
        assert not leftovers(logdir), at
