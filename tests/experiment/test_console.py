"""What surrounds every script: readers that leave, and errors in one line."""

import os
import sys

import pytest

from dimapg_tf.experiment import console
from dimapg_tf.experiment.errors import CheckpointError, StorageError
from dimapg_tf.types import NonFiniteError
from dimapg_tf.workers import WorkerDeath


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_reader_that_leaves(name, monkeypatch, tmp_path):
    """As in `dimapg-evaluate RUN | head -1`: the work is done, and it was well."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as stream:
        monkeypatch.setattr(sys, name, stream)

        def main(argv):
            for number in range(3):
                print("x" * 100_000, number, file=getattr(sys, name))
            (tmp_path / "done").touch()
            return 0

        assert console.run(main, ["script"]) == 0
        assert (tmp_path / "done").exists()
        assert getattr(sys, name) is stream


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageError("runs/a cannot be written: No space left on device"), console.FAILED),
        (WorkerDeath("worker process 3 was killed by signal 9 (SIGKILL)"), console.FAILED),
        (NonFiniteError("iteration 3: nan"), console.FAILED),
        (CheckpointError("of\n two lines"), console.BAD_INPUT),
        (KeyboardInterrupt(), 130),
    ],
    ids=repr,
)
def test_errors_are_one_line(error, code, capsys):
    def main(argv):
        raise error

    assert console.run(main, ["a/script.py"]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("script: ")
