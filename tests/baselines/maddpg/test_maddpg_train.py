"""The script: train, stop, resume, evaluate, load."""

import csv
import json

import numpy as np

from baselines.maddpg import train
from dimapg_tf import evaluate, policy, trpo
from dimapg_tf.experiment import console
from dimapg_tf.experiment.policies import load_policy

TINY = [
    "--num_agents=2",
    "--horizon=6",
    "--worlds=3",
    "--rollouts=2",
    "--steps_per_update=6",
    "--learning_starts=18",
    "--replay_size=60",
    "--batch_size=8",
    "--hidden=8",
    "--checkpoint_every=2",
]


def run(logdir, episodes, *more):
    flags = [*TINY, f"--logdir={logdir}", f"--episodes={episodes}", *more]
    return console.run(train.main, ["train", *flags])


def rows(logdir):
    with open(logdir / "metrics.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def check_evaluation(logdir):
    assert console.run(evaluate.main, ["evaluate", str(logdir), "--episodes=5"]) == 0
    record = json.loads((logdir / "evaluation.json").read_text())
    assert {"theta", "theta_greedy", "random", "assignment"} <= set(record)
    assert "theta_n" not in record


def test_train_resume_evaluate(tmp_path):
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    assert run(broken, 18) == 0
    assert run(broken, 30, "--resume") == 0
    assert run(whole, 30) == 0
    assert rows(broken) == rows(whole)
    assert len(rows(whole)) == 5
    thetas = [load_policy(path).thetas["agents"] for path in (broken, whole)]
    assert policy.is_stacked(thetas[0])
    np.testing.assert_array_equal(*(trpo.flatten(theta) for theta in thetas))
    check_evaluation(whole)


def test_shared_parameters(tmp_path):
    assert run(tmp_path / "run", 12, "--share_parameters") == 0
    assert not policy.is_stacked(load_policy(tmp_path / "run").thetas["agents"])
    check_evaluation(tmp_path / "run")


def test_help(capfd):
    assert console.run(train.main, ["train", "--help"]) == 0
    assert "python -m baselines.maddpg.train" in capfd.readouterr().out
