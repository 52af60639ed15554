"""What run_experiments.sh is asked for and what it says, in a few words."""

import json

import pytest

from dimapg_tf.experiment.commands import duration
from reproduction import experiments
from reproduction.progress import learning_curve, result
from reproduction.steps import Step


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("4", [4]), ("1-3", [1, 2, 3]), ("1 2 5", [1, 2, 5]), ("3,1-2,3", [3, 1, 2])],
)
def test_seeds(text, seeds):
    assert experiments.parse(["quick", "--seeds", text]).seeds == seeds


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["qick"], ["'qick'", "quick, standard, paper, fig3_n3"]),
        (["quick", "fig7"], ["'fig7'", "fig3_n3", "fig6"]),
        (["quick", "paper"], ["quick paper", "one mode"]),
        (["--seeds=none"], ["--seeds = 'none'", "1-3"]),
        (["--seeds=3-1"], ["--seeds = '3-1'"]),
        (["--seeds="], ["--seeds = ''"]),
        (["--learners=dimapg_x", "paper"], ["'dimapg_x'", "dimapg, dimapg_trpo, maddpg_tuned"]),
        (["--learners=maddpg", "standard", "table1"], ["'maddpg'", "fine_tune"]),
        (["--learners="], ["--learners: ''"]),
        (["--jobs=0"], ["--jobs = '0'"]),
        (["--jobs=two"], ["--jobs = 'two'"]),
        (["--job=2"], ["--job=2"]),
    ],
    ids=lambda value: value[0],
)
def test_bad_input(argv, named, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:  # what is let through stops at the installation
        experiments.main(argv, root=tmp_path, install=("false",))
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("run_experiments.sh: ")
    for text in named:
        assert text in line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(45, "45 s"), (720, "12 min"), (12_240, "3.4 h"), (216_000, "2.5 days")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            {"return_mean": -1.0, "min_return_per_episode": -2.04, "collisions": 3.0},
            "; return mean -1.0, min return per episode -2.0",
        ),
        (
            {"predators/return_mean": 4.0, "prey/return_mean": -5.0, "return_mean": 0.0},
            "; predators/return mean 4.0, prey/return mean -5.0",
        ),
        ({"team_return": 900.0, "food_left": 1.0}, "; team return 900.0, food left 1.0"),
    ],
)
def test_result_in_a_few_words(row, text, tmp_path):
    path = tmp_path / "evaluation.json"
    path.write_text(json.dumps({"episodes": 20, "theta": row}))
    assert result(Step("", (), path, 1.0)) == text


def test_the_learning_curve_of_a_training(tmp_path):
    step = Step("", (), tmp_path / "metrics.csv", 1.0, episodes=100)
    assert learning_curve(step, 80) == ""
    step.output.write_text("iteration,episodes\n1,1\n")
    assert learning_curve(step, 80) == ""
    header = "iteration,min_return_per_episode,kl"
    step.output.write_text(f"{header}\n1,-9.0,0.1\n2,,0.1\n3,-2.0,0.1\n4,-1")
    assert learning_curve(step, 80) == "worst agent ▁█ -9.0 to -2.0"
