"""The training loop: stop, resume, signals, what is not a number."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import quick_compilation
import tensorflow as tf
from real_loop import train_with

from dimapg_tf import evaluate, train, trpo
from dimapg_tf.experiment import console
from dimapg_tf.experiment.policies import load_policy
from dimapg_tf.types import NonFiniteError, UpdateResult

TINY = [
    "--horizon=6",
    "--num_agents=2",
    "--trajectories=2",
    "--k=1",
    "--hidden=8",
    "--fisher_stride=2",
    "--cg_iterations=3",
    "--checkpoint_every=5",
]
EPISODES = 6  # of one iteration with these flags


def arguments(logdir, iterations, *more):
    return ["train", *TINY, f"--logdir={logdir}", f"--episodes={EPISODES * iterations}", *more]


def run(*args):
    return console.run(train.main, arguments(*args))


def theta(logdir):
    return trpo.flatten(load_policy(logdir).thetas["agents"]).numpy()


def column(logdir, name):
    with open(logdir / "metrics.csv", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


@pytest.mark.parametrize("central_update", ["trpo", "reinforce"])
def test_killed_and_resumed_is_the_unbroken_run(tmp_path, central_update):
    """SIGKILL after iteration 7, the last checkpoint being that of iteration 5."""
    how = f"--central_update={central_update}"
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    killed = subprocess.Popen(
        [sys.executable, "-m", "dimapg_tf.train", *arguments(broken, 20_000, how)[1:]],
        env={**os.environ, **quick_compilation.environment()},
        stderr=subprocess.DEVNULL,
    )
    deadline = time.time() + 120
    while not (broken / "metrics.csv").exists() or len(column(broken, "iteration")) < 7:
        assert time.time() < deadline
        assert killed.poll() is None
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    iterations = max(20, int(column(broken, "iteration")[-1]) + 5)

    assert run(broken, iterations, how, "--resume") == 0
    assert run(whole, iterations, how) == 0
    np.testing.assert_array_equal(theta(broken), theta(whole))
    for name in ("iteration", "episodes", "return_mean", "gradient_norm"):
        assert column(broken, name) == column(whole, name)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_iteration_with_a_checkpoint(tmp_path, capfd, number):
    class Interrupted(Counting):
        def update(self, iteration):
            if iteration == 2:
                os.kill(os.getpid(), number)
            return super().update(iteration)

    code = train_with(Interrupted(), Env, tmp_path, 1_000, checkpoint_every=100)
    assert code == 128 + number
    assert "--resume" in capfd.readouterr().err
    learner = Counting()
    assert train_with(learner, Env, tmp_path, 50, checkpoint_every=100) == 0
    assert learner.seen == [3, 4]
    assert int(learner.total) == 5


class Env:
    class spec:
        populations: dict = {}  # noqa: RUF012


class Counting(tf.Module):
    """A learner that counts: 10 episodes an iteration, return -1."""

    def __init__(self, bad_at=None, bad_return=None):
        super().__init__()
        self.total = tf.Variable(0)
        self.seen, self.bad_at, self.bad_return = [], bad_at, bad_return

    def update(self, iteration):
        if iteration == self.bad_at:
            raise NonFiniteError(f"iteration {iteration}: nan")
        self.seen.append(iteration)
        self.total.assign_add(1)
        value = np.nan if iteration == self.bad_return else -1.0
        return UpdateResult(10, 60, 95, {"agents": np.full((2, 3), value)}, {"agents": {"x": 1.0}})


@pytest.mark.parametrize(("kind", "kept"), [("bad_at", 7), ("bad_return", 4)])
def test_not_a_number_stops_with_the_last_good_state_kept(tmp_path, kind, kept):
    """A learner that refuses is saved as it is; one that went wrong unnoticed is not."""
    with pytest.raises(NonFiniteError, match="iteration 7"):
        train_with(Counting(**{kind: 7}), Env, tmp_path, 1_000, checkpoint_every=4)
    learner = Counting()
    train_with(learner, Env, tmp_path, 90, checkpoint_every=4)
    assert learner.seen[0] == kept


def test_a_finished_run_does_nothing_when_resumed(tmp_path):
    train_with(Counting(), Env, tmp_path, 30, checkpoint_every=4)
    learner = Counting()
    assert train_with(learner, Env, tmp_path, 30, checkpoint_every=4) == 0
    assert learner.seen == []
    assert train_with(learner, Env, tmp_path, 50, checkpoint_every=4) == 0
    assert learner.seen == [3, 4]


def test_metrics_columns(tmp_path):
    train_with(Counting(), Env, tmp_path, 30, checkpoint_every=4)
    with open(tmp_path / "metrics.csv", newline="") as file:
        header = next(csv.reader(file))
    assert header == [
        *("iteration", "episodes", "env_steps", "agent_steps", "seconds"),
        *("return_mean", "min_return_per_episode", "min_mean_return", "x"),
    ]
    assert column(tmp_path, "env_steps") == ["60", "120", "180"]
    assert column(tmp_path, "agent_steps") == ["95", "190", "285"]


class MeasuringOtherwise(Counting):
    """The same learner of a later version, which measures y and not x."""

    def update(self, iteration):
        return super().update(iteration)._replace(values={"agents": {"y": 2.5}})


def test_a_newer_measure_does_not_stop_a_resume(tmp_path):
    """The rows before it leave it empty; so do later rows what is not measured any more."""
    train_with(Counting(), Env, tmp_path, 20)
    train_with(MeasuringOtherwise(), Env, tmp_path, 40)
    assert column(tmp_path, "iteration") == ["1", "2", "3", "4"]
    assert column(tmp_path, "x") == ["1", "1", "", ""]
    assert column(tmp_path, "y") == ["", "", "2.5", "2.5"]
    assert column(tmp_path, "return_mean") == ["-1"] * 4
    train_with(Counting(), Env, tmp_path, 50)
    assert column(tmp_path, "x") == ["1", "1", "", "", "1"]


def test_resume_does_not_forget(tmp_path, capfd):
    """No checkpoint beside a metrics.csv that tells of some: refused, nothing is lost."""
    assert run(tmp_path / "run", 6) == 0
    before = column(tmp_path / "run", "iteration")
    for path in (tmp_path / "run" / "checkpoints").iterdir():
        path.unlink()
    capfd.readouterr()
    assert run(tmp_path / "run", 8, "--resume") == console.BAD_INPUT
    assert "6 iterations" in capfd.readouterr().err
    assert column(tmp_path / "run", "iteration") == before


def test_a_complete_run_is_left_alone(tmp_path, capfd):
    assert run(tmp_path / "run", 6) == 0
    flags = (tmp_path / "run" / "flags.txt").read_text()
    assert run(tmp_path / "run", 2, "--resume") == 0
    assert "complete" in capfd.readouterr().out
    assert (tmp_path / "run" / "flags.txt").read_text() == flags


def test_two_populations_of_the_users_own(tmp_path, capfd):
    """A PettingZoo environment, from training through resume to evaluation."""
    flags = [
        *("--env=pettingzoo", "--module=mpe2.simple_adversary_v3"),
        *('--arguments={"max_cycles": 4}', "--horizon=6", "--trajectories=2", "--k=1"),
        *("--hidden=8", "--fisher_stride=2", "--sampled_agents=1", f"--logdir={tmp_path}"),
    ]
    assert console.run(train.main, ["train", *flags, "--episodes=6"]) == 0
    assert console.run(train.main, ["train", *flags, "--episodes=12", "--resume"]) == 0
    assert column(tmp_path, "iteration") == ["1", "2"]
    # 4 steps in each of the 6 episodes of an iteration, not the horizon's 6.
    assert column(tmp_path, "env_steps") == ["24", "48"]
    assert column(tmp_path, "agent_steps") == ["72", "144"]  # of three agents
    assert "adversary/return_mean" in (tmp_path / "metrics.csv").read_text()
    assert console.run(evaluate.main, ["evaluate", str(tmp_path), "--episodes=2"]) == 0
    assert "theta_n" in capfd.readouterr().out
