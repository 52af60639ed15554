"""A sweep: checked first, resumable after SIGKILL to the same table, ordinary run directories."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import quick_compilation
from trained_here import TrainedHere

import dimapg_tf
from dimapg_tf import sweep
from dimapg_tf.experiment import console, sweep_plan, sweep_runs
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.experiment.sweep_table import SweepTable
from dimapg_tf.types import ConfigurationError

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, **quick_compilation.environment(), "PYTHONPATH": str(ROOT / "tests")}
# Trainings of DiMA-PG, as small as they can be, in a world of users.
FLAGS = (
    *("--algorithm_config=dimapg", "--central_update=reinforce", "--baseline_features=4"),
    *("--trajectories=1", "--hidden=4", "--episodes=120", "--checkpoint_every=1"),
    *("--env=pettingzoo", "--module=worlds_of_users", "--horizon=4", "--trust_module"),
    *("--set", "meta_gradient=exact,none"),
)


def test_sigkill_and_the_same_command_give_the_same_table(tmp_path, monkeypatch, capsys):
    """Both trainings are at work when the sweep is killed, and end with it.

    The unbroken sweep trains in this process.
    """
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with monkeypatch.context() as patch:
        patch.setattr(sweep_runs, "SweepRuns", TrainedHere)
        assert console.run(sweep.main, ["sweep", *FLAGS, f"--logdir={whole}"]) == 0
    command = [sys.executable, "-m", "dimapg_tf.sweep", *FLAGS, "--jobs=2", f"--logdir={killed}"]
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT)
    at_work = [killed / f"meta_gradient_{name}/seed_1/metrics.csv" for name in ("exact", "none")]
    deadline = time.monotonic() + 300
    while not all(path.exists() and path.read_text().count("\n") > 3 for path in at_work):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "sweep.csv").exists()
    done = subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 runs, 0 of them done already" in done.stdout
    logs = [path.read_text() for path in (killed / "logs").iterdir()]
    assert all("going on after iteration" in log for log in logs), logs
    tables = ("sweep.csv", "sweep.md", "sweep.png")
    for name in tables:
        assert (whole / name).read_bytes() == (killed / name).read_bytes()

    # A third time nothing is left to do.
    capsys.readouterr()
    for name in tables:
        (killed / name).unlink()
    assert console.run(sweep.main, ["sweep", *FLAGS, f"--logdir={killed}"]) == 0
    printed = capsys.readouterr().out
    assert "2 runs, 2 of them done already" in printed
    assert "\n+ " not in printed
    for name in tables:
        assert (whole / name).read_bytes() == (killed / name).read_bytes()

    # What the table says, computed anew, and run directories as any other.
    header, *rows = (line.split(",") for line in (whole / "sweep.csv").read_text().splitlines())
    assert header[:3] == ["meta_gradient", "seeds", "return_mean/end"]
    for row, name in zip(rows, ("exact", "none"), strict=True):
        directory = whole / f"meta_gradient_{name}/seed_1"
        values = [float(r["return_mean"]) for r in read_rows(directory / "metrics.csv")]
        assert len(values) >= 30
        last = values[-round(len(values) / 10) :]
        assert float(row[2]) == pytest.approx(np.mean(last), rel=1e-6)
        assert float(row[header.index("return_mean/whole")]) == pytest.approx(np.mean(values))
        assert f"--meta_gradient={name}" in (directory / "flags.txt").read_text()
    assert rows[0][2] != rows[1][2]


BAD = {
    "alpha_1 = -1.0": ("--set", "alpha_1=0.1,-1"),
    "alpha: no such setting": ("--set", "alpha=0.1"),
    "set = 'alpha_1'": ("--set", "alpha_1"),
    "alpha_1 is set twice": ("--set", "alpha_1=1", "--set", "alpha_1=2"),
    "are the same configuration": ("--set", "alpha_1=0.1,1e-1"),
    "by --seeds": ("--set", "seed=1,2"),
    "--seed=3: a sweep says seed itself": ("--seed=3",),
    "seeds = '3-1'": ("--seeds", "3-1"),
    "jobs = 0": ("--jobs", "0"),
    "k = 0": ("--k=0",),
    "algorithm = 'nobody'": ("--set", "algorithm_config=dimapg,nobody"),
}


@pytest.mark.parametrize("message", BAD)
def test_what_cannot_work_is_told_before_anything_starts(message, tmp_path, capsys):
    logdir = tmp_path / "sweep"
    argv = ["sweep", "--env_config=cooperative_navigation", f"--logdir={logdir}", *BAD[message]]
    assert console.run(sweep.main, argv) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert not logdir.exists()


def test_another_sweep_in_the_directory_is_refused(tmp_path, capsys):
    config = dimapg_tf.load_config("cooperative_navigation_3", "dimapg", k=2)
    dimapg_tf.Run(tmp_path / "k_3/seed_1", config).directory.describe(config)
    argv = ["sweep", f"--logdir={tmp_path}", "--set", "k=1,3"]
    assert console.run(sweep.main, argv) == 2
    assert "k_3/seed_1 holds another configuration's run" in capsys.readouterr().err


def test_combinations_in_order_and_values_with_commas():
    settings = sweep_plan.settings_of(["k=1,2", "hidden=8,8;16"])
    assert [tuple(s.values()) for s in settings] == [
        *(("1", "8,8"), ("1", "16"), ("2", "8,8"), ("2", "16")),
    ]
    assert sweep_plan.folder(settings[0]) == "k_1_hidden_8,8"
    assert sweep_plan.settings_of([]) == [{}]
    with pytest.raises(ConfigurationError, match="would be kept in"):
        sweep_plan.plan([], [{"init_from": "a/b"}, {"init_from": "a:b"}], [1], Path("x"))


def trials_with(tmp_path, returns):
    """Trials whose directories hold a metrics.csv of these returns, {(k, seed): [returns]}."""
    settings = [{"k": k} for k in dict.fromkeys(k for k, _ in returns)]
    seeds = list(dict.fromkeys(seed for _, seed in returns))
    trials = sweep_plan.plan([], settings, seeds, tmp_path)
    for trial in trials:
        values = returns[trial.setting["k"], trial.seed]
        if values:
            trial.directory.mkdir(parents=True)
            lines = [f"{i + 1},{10 * (i + 1)},{v}" for i, v in enumerate(values)]
            text = "\n".join(["iteration,episodes,return_mean", *lines, ""])
            (trial.directory / "metrics.csv").write_text(text)
    return trials, settings


def test_statistics_over_seeds_and_runs_that_are_missing(tmp_path):
    ramp = list(range(20))
    returns = {("1", 1): ramp, ("1", 2): [2 * v for v in ramp], ("2", 1): ramp, ("2", 2): []}
    table = SweepTable(*trials_with(tmp_path, returns))
    _, both, one = (line.split(",") for line in table.csv().splitlines())
    assert both[:2] == ["1", "2"]
    # The last two of twenty iterations; seeds 18.5 and 37.
    assert float(both[2]) == pytest.approx(27.75)
    assert float(both[3]) == pytest.approx(18.5 / np.sqrt(2))
    assert float(both[4]) == pytest.approx(np.mean([9.5, 19.0]))
    assert one[:4] == ["2", "1", "18.5", ""]
    assert "| 1 | 2 | 27.75 ± 13.08 |" in table.markdown()
    assert "| 2 | 1 | 18.50 |" in table.markdown()


def test_a_run_that_fails_is_told_and_the_others_go_on(tmp_path, monkeypatch, capsys):
    """Also one that ends well before its episodes are done, as an environment can make it."""
    trials, _ = trials_with(tmp_path, {(k, 1): [] for k in "123"})
    code = (
        "import pathlib, sys; word, done = sys.argv[1:]; print('no room'); word == 'fail' and "
        "sys.exit(1); word == 'train' and pathlib.Path(done).write_text('')"
    )
    done, words = tmp_path / "done", {"1": "fail", "2": "end", "3": "train"}
    monkeypatch.setattr(
        sweep_plan.Trial,
        "command",
        property(lambda t: (sys.executable, "-c", code, words[t.setting["k"]], str(done))),
    )
    monkeypatch.setattr(
        sweep_plan.Trial, "is_done", property(lambda t: t.setting["k"] == "3" and done.exists())
    )
    runs = sweep_runs.SweepRuns(trials, 2, tmp_path / "logs")
    assert runs.run() == 1
    assert list(runs.failed) == ["k_1/seed_1", "k_2/seed_1"]
    printed = capsys.readouterr().out
    assert "FAILED (exit 1): k_1/seed_1" in printed
    assert "FAILED (exit 0, but episodes are missing): k_2/seed_1" in printed
    assert "no room" in printed
    assert ": k_3/seed_1" in printed.partition("done in")[2]
