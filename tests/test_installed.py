"""The package as others have it: a wheel, used from a directory where there is nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import quick_compilation

ROOT = Path(__file__).parents[1]
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
PACKAGES = ("dimapg_tf", "baselines", "configs")


def python(*arguments, **options):
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Runs Python in an empty directory, with the wheel's contents before all else."""
    source = tmp_path_factory.mktemp("source")
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    for name in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    here = tmp_path_factory.mktemp("empty")
    wheels, target = source / "wheels", source / "target"
    flags = ("--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    python("-m", "pip", "wheel", *flags, "-w", wheels, ".", cwd=source)
    (wheel,) = wheels.glob("*.whl")
    python("-m", "pip", "install", "--no-deps", "--target", target, wheel, cwd=here)
    environment = {**os.environ, **quick_compilation.environment(), "PYTHONPATH": str(target)}

    def run(*arguments):
        return python(*arguments, cwd=here, env=environment)

    where = run("-c", "import dimapg_tf; print(dimapg_tf.__file__)")
    assert where.startswith(str(target))
    return run, here


def test_every_configuration_is_installed(elsewhere):
    run, _ = elsewhere
    code = (
        "import dimapg_tf, json; from dimapg_tf.experiment.flagfiles import configs;"
        "print(json.dumps([p.relative_to(configs()).as_posix() for p in configs().rglob('*.*')]))"
    )
    there = json.loads(run("-c", code))
    here = (ROOT / "configs").rglob("*.flags")
    assert sorted(there) == sorted(p.relative_to(ROOT / "configs").as_posix() for p in here)


def test_training_and_evaluation_by_configuration_names(elsewhere):
    run, here = elsewhere
    tiny = ("--num_agents=2", "--horizon=4", "--trajectories=2", "--k=1", "--hidden=8")
    names = ("--env_config=cooperative_navigation_10", "--algorithm_config=dimapg")
    run("-m", "dimapg_tf.train", *names, *tiny, "--episodes=6", "--logdir=run")
    assert "theta_greedy" in run("-m", "dimapg_tf.evaluate", "run", "--episodes=2")
    assert json.loads((here / "run/evaluation.json").read_text())["episodes"] == 2


@pytest.mark.parametrize("learner", ["maddpg", "a3c_kitchensink", "trpo_kitchensink"])
def test_baselines_find_their_configurations(learner, elsewhere):
    run, _ = elsewhere
    names = ("--env_config=predator_prey_3v1", f"--algorithm_config={learner}")
    printed = run("-m", f"baselines.{learner}.train", *names, "--print_config")
    assert "configs/env/predator_prey_3v1.flags" in printed
    assert f"--algorithm={learner} " in printed
