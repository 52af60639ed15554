"""Workers of one machine: the same θ as without them, though one is killed."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import quick_compilation
from absl import flags as absl_flags
from run_outcome import outcome

import dimapg_tf
from dimapg_tf import launch, tf_config
from dimapg_tf.distributed import loopback, watched, worker
from dimapg_tf.distributed.executor import Recipe
from dimapg_tf.distributed.remote import Answers, Call, packed, unpacked
from dimapg_tf.experiment import training_script
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.run import Run
from dimapg_tf.types import ConfigurationError
from dimapg_tf.workers import WorkerError

ROOT = Path(__file__).parents[1]
FLAGS = (
    *("--env=cooperative_navigation", "--num_agents=4", "--horizon=4", "--hidden=4"),
    *("--trajectories=2", "--baseline_features=0", "--cg_iterations=2"),
    *("--sampled_agents=none", "--block_agents=2", "--episodes=100"),
)
LAUNCH = (sys.executable, "-m", "dimapg_tf.launch", "--workers=2", "--")
TIMEOUT = 600


def test_a_worker_is_killed_and_theta_is_the_same(tmp_path):
    alone, together, log = tmp_path / "alone", tmp_path / "together", tmp_path / "log"
    config, _ = training_script.read_command_line(["train", *FLAGS], "dimapg")
    assert Run(alone, config).train() == 0  # the workers find what it has compiled
    with open(log, "wb") as output, contextlib.ExitStack() as ending:
        launched = subprocess.Popen(
            [*LAUNCH, *FLAGS, f"--logdir={together}"],
            env={**os.environ, **quick_compilation.environment(), "PYTHONPATH": str(ROOT)},
            stderr=output,
        )
        ending.callback(launched.kill)
        killed = kill_in_training(together / "metrics.csv", log, launched)
        code = launched.wait(TIMEOUT)
    text = log.read_text()
    assert code == 0, text
    assert f"process {killed} ended, SIGKILL" in text
    assert "worker 0 is gone" in text
    assert re.search(r"\d of 2 workers, waited \d+\.\d s, \d blocks again", text)
    assert outcome(together) == outcome(alone)


def kill_in_training(metrics: Path, log: Path, launched: subprocess.Popen) -> int:
    """Kill worker 0 once an iteration is done, so that its blocks are held there; its process."""
    end = time.monotonic() + TIMEOUT
    while not (metrics.exists() and metrics.read_text().count("\n") > 1):
        assert launched.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)
    worker = int(re.search(r"worker 0: process (\d+)", log.read_text())[1])
    os.kill(worker, signal.SIGKILL)
    return worker


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers=2", "--", *FLAGS], "logdir is missing"),
        (["--workers=0", "--", *FLAGS, "--logdir=x"], "workers = 0"),
        (["--", *FLAGS, "--logdir=x"], "workers is missing"),
        (["--workers=2", *FLAGS], "-- is missing"),
        (["--workers=2", "x", "--", *FLAGS], "'x': what the training takes"),
        (["--workers=2", "--", "--env_config=survival", "--logdir=x"], "block_agents = none"),
        (["--workers=2", "--", "--algorithm=maddpg", "--logdir=x"], "this script trains dimapg"),
    ],
)
def test_what_cannot_be_launched_is_said_first(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ConfigurationError, absl_flags.Error), match=message):
        launch.main(["launch", *arguments])
    assert not list(tmp_path.iterdir())


def test_a_description_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv(tf_config.VARIABLE, "{")
    with pytest.raises(ConfigurationError, match="TF_CONFIG"):
        tf_config.described()
    monkeypatch.setenv(tf_config.VARIABLE, '{"task": {"type": "worker", "index": 0}}')
    assert tf_config.described() is None


def told(task="chief", index=0, worker="127.0.0.1:1"):
    cluster = {"chief": ["127.0.0.1:2"], "worker": [worker]}
    return json.dumps({"cluster": cluster, "task": {"type": task, "index": index}})


@pytest.mark.parametrize(
    ("text", "algorithm", "changes", "message"),
    [
        (told(), "dimapg", {}, "block_agents = none"),
        (told(), "maddpg", {}, "algorithm = 'maddpg': runs on one machine"),
        (told("worker"), "dimapg", {"block_agents": 2}, "must be 'chief'"),
        (told(index=1), "dimapg", {"block_agents": 2}, "task index 1: must be below 1"),
        (told(worker="127.0.0.1"), "dimapg", {"block_agents": 2}, "TF_CONFIG = "),
    ],
)
def test_workers_without_work_are_refused(text, algorithm, changes, message, tmp_path, monkeypatch):
    monkeypatch.setenv(tf_config.VARIABLE, text)
    config = load_config("cooperative_navigation_3", algorithm, **changes)
    with pytest.raises(ConfigurationError, match=message):
        Run(tmp_path / "run", config).train()
    assert not list(tmp_path.iterdir())


def test_how_long_a_worker_waits_for_a_chief_that_was_there(monkeypatch):
    monkeypatch.delenv(worker.VARIABLE, raising=False)
    assert worker.absent() == worker.ABSENT
    monkeypatch.setenv(worker.VARIABLE, "300")
    assert worker.absent() == 300.0
    monkeypatch.setenv(tf_config.VARIABLE, told("worker"))
    for text in ("0", "-1", "inf", "nan", "long"):
        monkeypatch.setenv(worker.VARIABLE, text)
        with pytest.raises(ConfigurationError, match=f"DIMAPG_ABSENT = '{text}'"):
            watched.main(["watched"])


def test_workers_cannot_make_what_python_gives(tmp_path, monkeypatch):
    monkeypatch.setenv(tf_config.VARIABLE, told())
    config = load_config("pettingzoo", "dimapg", block_agents=2)
    with pytest.raises(ConfigurationError, match="given from Python"):
        Run(tmp_path / "run", config, env=dict).train()


def test_ports_are_kept_to_this_machine():
    with loopback.kept(["127.0.0.1:1", "localhost:2"]), socket.socket() as listening:
        listening.bind(("0.0.0.0", 0))
        listening.listen()
        loopback.keep()
        option = (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
        assert listening.getsockopt(*option).rstrip(b"\0") == loopback.DEVICE
        socket.create_connection(("127.0.0.1", listening.getsockname()[1])).close()
    assert not loopback.is_local(["127.0.0.1:1", "10.0.0.1:2"])


class Squares:
    """A `Work` of which half is held."""

    def holds(self, common, key):
        return key > 1

    def power(self, common, key, exponent):
        if common == "broken":
            raise ZeroDivisionError("of the test")
        if common == "refused":
            raise ConfigurationError("no such power")
        return key**exponent


def asked(common="", held=False, version=dimapg_tf.__version__):
    call = Call(version, Recipe(f"{__name__}:Squares", ()), "power", common, (1, 2), (3,), held)
    answer = unpacked(Answers(7).answer(packed(call)))
    assert answer.worker == 7
    return answer.value


def test_a_call_of_a_worker():
    assert asked() == {0: 1, 1: 8}
    assert asked(held=True) == {1: 8}
    with pytest.raises(ConfigurationError, match="no such power"):
        asked("refused")
    with pytest.raises(WorkerError, match="of the test"):
        asked("broken")
    with pytest.raises(ConfigurationError, match=r"the chief 0\.0"):
        asked(version="0.0")
