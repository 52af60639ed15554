"""What training scripts answer before any training: at once, and without TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dimapg_tf import train
from dimapg_tf.experiment import console
from dimapg_tf.experiment.config import load_config

ROOT = Path(__file__).parents[2]
SCRIPTS = {
    "dimapg_tf.train": "dimapg",
    "dimapg_tf.fine_tune": "fine_tune",
    "baselines.maddpg.train": "maddpg",
    "baselines.a3c_kitchensink.train": "a3c_kitchensink",
    "baselines.trpo_kitchensink.train": "trpo_kitchensink",
}


def answer(module, *arguments):
    """What a script prints, run by a new interpreter that says what it imported."""
    code = (
        "import importlib, sys\n"
        "from dimapg_tf.experiment import console\n"
        f"script = importlib.import_module({module!r})\n"
        f"code = console.run(script.main, ['script', *{arguments!r}])\n"
        "heavy = {'tensorflow', 'gymnasium', 'magent2', 'scipy', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(code or ', '.join(heavy) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", SCRIPTS)
def test_help_needs_no_tensorflow_and_is_in_groups(module):
    printed = answer(module, "--help")
    groups = ["\nThe run\n", "--env=cooperative_navigation\n", "--env=survival\n"]
    groups.append(f"\nThe learner, {SCRIPTS[module]}\n")
    places = [printed.index(group) for group in groups]
    assert places == sorted(places)
    assert f"python -m {module}" in printed
    for name in load_config(algorithm=SCRIPTS[module]).values():
        assert name == "algorithm" or f"  --{name}: " in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_help_answers_within_a_second():
    """Of processor time, since the machine may be busy with other things."""
    before = os.times()
    command = [sys.executable, "-m", "dimapg_tf.train", "--help"]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    after = os.times()
    user, system = (after[i] - before[i] for i in (2, 3))  # of children
    assert user + system < 1.0


@pytest.mark.parametrize("script", ["evaluate", "crossplay", "render", "keep"])
def test_help_of_other_scripts(script):
    assert f"python -m dimapg_tf.{script}" in answer(f"dimapg_tf.{script}", "--help")


def test_print_config_shows_every_value_with_its_source():
    printed = answer(
        "dimapg_tf.train",
        *("--print_config", "--env_config=survival_630", "--k=2"),
        "--algorithm_config=dimapg_survival_630",
    )
    rows = [line.split(maxsplit=1) for line in printed.splitlines() if not line.startswith("#")]
    sources = dict(rows)
    config = load_config("survival_630", "dimapg_survival_630", k=2)
    assert len(rows) == len(config.values())
    assert sources["--k=2"] == "command line"
    assert sources["--gamma=0.98"].startswith("configs/algorithm/dimapg_survival.flags:")
    assert sources["--start_square=97"].startswith("configs/env/survival_630.flags:")
    assert sources["--seed=1"] == "default"
    assert [line for line in printed.splitlines() if line.startswith("#")] == [
        *("# run", "# environment", "# learner"),
    ]


def test_print_config_trains_nothing(tmp_path, capsys):
    logdir = tmp_path / "run"
    assert console.run(train.main, ["train", "--print_config", f"--logdir={logdir}"]) == 0
    assert not logdir.exists()
    assert console.run(train.main, ["train", "--print_config", "--kk=2"]) == console.BAD_INPUT
    assert "kk" in capsys.readouterr().err
