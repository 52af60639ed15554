"""Real trainings that are stopped while they compile, and one that loses a worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import quick_compilation

from dimapg_tf.experiment import policy_file
from dimapg_tf.experiment.metrics_file import read_rows

ROOT = Path(__file__).parents[2]
COLD = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
QUICK = {**COLD, **quick_compilation.environment()}
NAVIGATION = (
    *("--env=cooperative_navigation", "--num_agents=3", "--trajectories=2", "--k=3"),
    *("--horizon=25", "--xla_cache=off", "--episodes=100000"),  # compiles for many seconds
)
SURVIVAL = (
    *("--env=survival", "--num_agents=6", "--num_food=3", "--food_hp=5", "--agent_hp=5"),
    *("--map_size=9", "--view_range=2", "--start_spacing=1", "--placement=anywhere"),
    *("--horizon=12", "--trajectories=2", "--k=1", "--hidden=8", "--episodes=100000"),
    "--checkpoint_every=1",
)


def start(logdir, env, flags, *more):
    command = [sys.executable, "-m", "dimapg_tf.train", *flags, f"--logdir={logdir}", *more]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def wait_for(what, process):
    deadline = time.monotonic() + 300
    while not what():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_compiling_ends_it_at_once(number, tmp_path):
    """Python's handlers do not run in those seconds; nothing is half made after them."""
    process = start(tmp_path, COLD, NAVIGATION)
    wait_for((tmp_path / "metrics.csv").exists, process)
    time.sleep(1.0)  # into the tracing and compiling of the first iteration
    sent = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - sent < 2.0
    assert process.returncode == 128 + number
    assert said.strip().splitlines()[-1] == (
        f"{signal.Signals(number).name}: stopped; nothing is lost, "
        "--resume goes on after iteration 0"
    )
    assert not read_rows(tmp_path / "metrics.csv")


IDLE = """
import os, signal, threading, time
from dimapg_tf.experiment.signals import StopSignals

def idle():
    if threading.current_thread() is not threading.main_thread():
        time.sleep(0.5)  # Python's handler comes first
    return "nothing is lost"

with StopSignals(idle):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(30)
"""


def test_who_ends_at_once_does_not_say_that_it_goes_on():
    """Python's handler may run as well, where the signal comes between two compilations."""
    ended = subprocess.run(
        [sys.executable, "-c", IDLE],
        check=False,
        env=COLD,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 128 + signal.SIGINT
    assert ended.stderr.strip() == "SIGINT: stopped; nothing is lost"


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_killed_worker_of_survival_is_one_line(tmp_path):
    """The last checkpoint is kept, and the run goes on from it."""
    process = start(tmp_path, QUICK, SURVIVAL)
    wait_for(lambda: (tmp_path / "policy.json").exists() and children(process.pid), process)
    victim = children(process.pid)[-1]
    os.kill(victim, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert f"worker process {victim} was killed by signal 9 (SIGKILL)" in said.splitlines()[-1]
    kept = policy_file.age_of(tmp_path).iteration
    assert kept >= 1

    process = start(tmp_path, QUICK, SURVIVAL, "--resume")
    wait_for(lambda: policy_file.age_of(tmp_path).iteration > kept, process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM
