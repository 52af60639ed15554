"""Calls run_experiments.sh with commands that do no work, and tells what it has called."""

from pathlib import Path

from reproduction import experiments

ROOT = Path(__file__).parents[3]
CHASE = "predator_prey_3v1"
LEARNERS = (
    *("dimapg_predator_prey", "dimapg_predator_prey_short", "dimapg_predator_prey_shorter"),
    *("dimapg_reinforce_predator_prey", "maddpg_tuned_predator_prey"),
    *("a3c_kitchensink_tuned_predator_prey", "trpo_kitchensink_predator_prey"),
)


def run(fake, *argv):
    return experiments.main(argv, fake / "runs", str(fake / "python"), ["true"])


def calls(fake):
    """What has been called since the last look: ["dimapg_tf.evaluate RUN_DIR ...", ...]."""
    path = fake / "calls.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("")
    return [line.removeprefix("-m ") for line in lines]


def commands(capsys, *argv):
    """What would be run: [[python, "-m", "dimapg_tf.train", ...], ...]."""
    assert experiments.main([*argv, "--dry_run"]) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]
