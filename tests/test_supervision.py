"""A process that is started again when it dies or hangs, unless it says that it is done."""

import time

import pytest

from dimapg_tf.distributed.lifeline import LOST
from dimapg_tf.distributed.supervision import Supervised

SECONDS = 60
HEAD = """
import os, signal, time
from dimapg_tf.distributed import lifeline
lifeline.beat(lambda: True)
time.sleep(0.2)
"""


@pytest.fixture
def supervised(tmp_path, monkeypatch):
    """Supervises a program of these last lines, which is ended at the end."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    started = []

    def start(*lines, **settings):
        (tmp_path / "stub.py").write_text(HEAD + "\n".join(lines))
        started.append(Supervised("stub", "stub", {}, tmp_path / "log", **settings))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def look_until(process, text, capfd):
    """What it has said, once that is in it."""
    seen, end = "", time.monotonic() + SECONDS
    while text not in seen:
        assert process.look()
        assert time.monotonic() < end, seen
        seen += capfd.readouterr().err
        time.sleep(0.05)
    return seen


def over(process):
    """Look until it is not started any more."""
    end = time.monotonic() + SECONDS
    while process.look():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_process_that_hangs_is_killed_and_started_again(supervised, capfd):
    process = supervised("os.kill(os.getpid(), signal.SIGSTOP)", silent=2.0)
    seen = look_until(process, "ended, SIGKILL", capfd)
    assert "stub: no sign of life for 2 s, killed" in seen
    assert seen.count("stub: process ") == 3  # started, ended, started again


def test_a_process_that_ends_is_started_again(supervised, capfd):
    look_until(supervised("os._exit(7)"), "ended, exit code 7", capfd)


def test_a_process_that_is_done_is_not(supervised):
    process = supervised(f"os._exit({LOST})", final=[LOST])
    over(process)
    assert process.code == LOST


def test_a_process_that_never_starts_is_given_up(tmp_path, capfd):
    process = Supervised("stub", "no_such_module", {}, tmp_path / "log")
    over(process)
    assert f"stub: it does not start; see {tmp_path / 'log'}" in capfd.readouterr().err
    assert (tmp_path / "log").read_text().count("no_such_module") >= 5
