"""Ctrl-C, SIGTERM and SIGKILL of the experiments, and going on after them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_commands import CHASE, LEARNERS, calls, run


def started(fake, *argv):
    """run_experiments.sh's process, once the second training has 7 episodes behind it."""
    (fake / "slow").write_text("")
    code = (
        "import sys; from pathlib import Path; from reproduction import experiments;"
        f"sys.exit(experiments.main({list(argv)!r}, Path({str(fake / 'runs')!r}),"
        f" {str(fake / 'python')!r}, ['true']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-SE", "-c", code], stdout=subprocess.PIPE, text=True
    )
    metrics = fake / "runs/quick" / CHASE / "maddpg_tuned_predator_prey/seed_1/metrics.csv"
    deadline = time.time() + 60
    while not metrics.exists() or metrics.read_text().count("\n") < 8:
        assert time.time() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return process


def pids(fake):
    """Of the fake commands that are at work."""
    running = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(fake / "python").encode() in arguments[1:4] and b"-m" in arguments:
            running.append(int(path.parent.name))
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_commands_with_their_checkpoints(fake, capsys, number):
    process = started(fake, "quick", "fig4_3v1")
    assert pids(fake)
    process.send_signal(number)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "To go on: ./run_experiments.sh quick fig4_3v1" in printed
    assert not pids(fake)
    logdir = fake / "runs/quick" / CHASE / "maddpg_tuned_predator_prey/seed_1"
    kept = int((logdir / "checkpoint").read_text())
    assert 7 <= kept < 100
    (fake / "slow").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    assert (logdir / "checkpoint").read_text() == "100"


def test_killed_and_started_again_ends_the_same(fake, capsys):
    """SIGKILL takes the commands along; what was finished is not run again."""
    process = started(fake, "quick", "fig4_3v1", "--jobs=2")
    with pytest.raises(SystemExit):  # beside another one, nothing is started
        run(fake, "quick", "fig4_3v1")
    assert "another run_experiments.sh is at work" in capsys.readouterr().err
    process.kill()
    process.communicate()
    deadline = time.time() + 20
    while pids(fake):
        assert time.time() < deadline
        time.sleep(0.01)
    before = calls(fake)
    (fake / "slow").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    after = calls(fake)
    finished = {path.stem for path in (fake / "runs/quick/logs").glob("*.done")}
    assert len(finished) == 17
    assert any("maddpg.train" in call for call in after)
    again = set(before) & set(after)
    assert 1 <= len(again) <= 2  # those that were at work
    for learner in LEARNERS:
        rows = (fake / "runs/quick" / CHASE / learner / "seed_1/metrics.csv").read_text()
        assert rows.count("\n") - 1 == int(rows.splitlines()[-1].split(",")[1])
