"""The plan: which commands there are, that they are right, and how long they take."""

import importlib
import json
import re
from pathlib import Path

import pytest
from absl import flags as absl_flags

from baselines.a3c_kitchensink.settings import Settings as A3CSettings
from baselines.maddpg.settings import Settings as MADDPGSettings
from baselines.trpo_kitchensink.settings import Settings as TRPOSettings
from dimapg_tf.algorithm.settings import Settings as DiMAPGSettings
from dimapg_tf.algorithm.single_agent import Settings as FineTuneSettings
from dimapg_tf.experiment import flags
from reproduction import experiments, plan
from reproduction.plan import EXPERIMENTS, MODES, SEEDS, SIZES
from reproduction.progress import duration, expected, result
from reproduction.steps import Step, runs_of, steps_of

ROOT = Path(__file__).parents[3]
SETTINGS = {
    "dimapg_tf.train": DiMAPGSettings,
    "dimapg_tf.fine_tune": FineTuneSettings,
    "baselines.maddpg.train": MADDPGSettings,
    "baselines.a3c_kitchensink.train": A3CSettings,
    "baselines.trpo_kitchensink.train": TRPOSettings,
}


def all_steps(mode, names=tuple(EXPERIMENTS)):
    return steps_of(mode, names, SEEDS[mode], Path("runs") / mode, experiments.PYTHON)


def commands(capsys, *argv):
    assert experiments.main([*argv, "--dry_run"]) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("mode", MODES)
def test_every_command_parses(mode, capsys):
    """Training commands with the flags of their script; of others, the script defines each flag."""
    for python, m, module, *arguments in commands(capsys, mode):
        assert (python, m) == (".venv/bin/python", "-m")
        if module not in SETTINGS:
            spec = importlib.util.find_spec(module)
            if spec.submodule_search_locations:  # a package runs its __main__
                spec = importlib.util.find_spec(f"{module}.__main__")
            text = Path(spec.origin).read_text(encoding="utf-8")
            for name in re.findall(r"--(\w+)=", " ".join(arguments)):
                assert f'"{name}"' in text, f"{module} --{name}"
            continue
        for path in re.findall(r"--flagfile=(\S+)", " ".join(arguments)):
            assert (ROOT / path).exists()
        fv = absl_flags.FlagValues()
        flags.define_training(fv)
        flags.define_environment(fv)
        flags.define_settings(SETTINGS[module], fv)
        given = [a.replace("--flagfile=", f"--flagfile={ROOT}/") for a in arguments]
        assert flags.parse(fv, ["script", *given], "usage") == []
        flags.make_settings(SETTINGS[module], fv)
        assert flags.environment_settings(fv)
        assert fv.resume
        assert fv.logdir.startswith(f"runs/{mode}/")


def test_every_learner_is_on_every_environment_that_it_is_for():
    runs = set(runs_of(EXPERIMENTS))
    assert runs == set(SIZES)
    assert len(runs) == 5 + 5 + 4 + 4 + 1 + 1


def test_what_follows_the_runs(capsys):
    """Each is evaluated; of each environment, one run of DiMA-PG is drawn; the report is last."""
    names = [" ".join(c[2:4]) for c in commands(capsys, "standard")]
    trainings = sum(name.split()[0] in SETTINGS for name in names)
    assert trainings == 20 * 3
    assert sum(name.startswith("dimapg_tf.evaluate ") for name in names) == trainings
    drawn = [name for name in names if name.startswith("dimapg_tf.render ")]
    assert len(drawn) == 6
    assert all("seed_1" in name and "/dimapg" in name for name in drawn)
    assert sum(name.startswith("dimapg_tf.crossplay ") for name in names) == 2
    assert names[-1] == "reproduction.report runs/standard"
    assert sum(name.startswith("reproduction.report ") for name in names) == 1


def test_experiments_share_their_runs(capsys):
    alone = commands(capsys, "quick", "fig3_n3", "--seeds=1")
    both = commands(capsys, "quick", "table1", "fig3_n3", "--seeds=1")
    assert len({tuple(c) for c in both}) == len(both)
    assert {tuple(c) for c in alone} < {tuple(c) for c in both}
    # Figures 5 and 6 are games of Table 2's policies.
    table, figure = (commands(capsys, "quick", name) for name in ("table2_230", "fig5"))
    assert [c for c in figure if c not in table] == [
        [
            experiments.PYTHON,
            "-m",
            "dimapg_tf.render",
            "runs/quick/survival_230/dimapg_survival/seed_1",
        ]
    ]


def test_needs_stand_before():
    for mode in MODES:
        seen = set()
        for step in all_steps(mode):
            assert step.name not in seen
            assert seen.issuperset(step.needs)
            seen.add(step.name)


def test_it_fits_into_the_time():
    """By the plan's own speeds, two jobs on two cores."""

    def hours(mode, names=tuple(EXPERIMENTS)):
        return sum(expected(step, 2) for step in all_steps(mode, names)) / 3600

    assert hours("standard") < 10
    assert hours("quick") < 18 / 60
    assert hours("quick", ["fig3_n3"]) < 5 / 60
    assert hours("paper") > hours("standard")


def test_paper_has_the_papers_numbers():
    """5 runs (Fig. 3); 400,000 episodes, by which the slowest learners converge (5.2.1)."""
    assert len(SEEDS["paper"]) == 5
    assert plan.EVALUATION_EPISODES["paper"] == 100
    for (env, _), size in SIZES.items():
        assert size.paper == (size.standard if env.startswith("survival") else 400_000)


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
        (["--jobs=0"], ["--jobs = '0'"]),
        (["--jobs=two"], ["--jobs = 'two'"]),
        (["--job=2"], ["--job=2"]),
    ],
    ids=lambda value: value[0],
)
def test_bad_input(argv, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        experiments.main(argv, root=Path("/nowhere"))
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
