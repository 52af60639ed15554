"""A run from Python: trained, gone on with, evaluated, played and drawn."""

import json

import numpy as np
import pytest

from dimapg_tf import evaluate, fine_tune
from dimapg_tf.experiment import console, run_configuration
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.experiment.run import Run

TINY = {
    **{"env": "cooperative_navigation_3", "algorithm": "fine_tune", "seed": 4, "trajectories": 6},
    **{"horizon": 6, "num_agents": 2, "hidden": (8,), "fisher_stride": 2, "cg_iterations": 3},
}
EPISODES = 6  # of one iteration of these


def config(iterations, **changes):
    return load_config(episodes=EPISODES * iterations, **{**TINY, **changes})


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("runs") / "run", config(4))
    assert run.train() == 0
    return run


def numbers(run):
    """metrics.csv without the time."""
    rows = read_rows(run.directory.metrics)
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def test_it_trains_as_the_command_line_does(finished, tmp_path):
    lines = run_configuration.write(config(4)).splitlines()[1:]
    assert console.run(fine_tune.main, ["fine_tune", *lines, f"--logdir={tmp_path}/run"]) == 0
    assert numbers(Run(tmp_path / "run")) == numbers(finished)
    assert Run(tmp_path / "run").config == finished.config


def test_it_is_found_again_and_goes_on_for_longer(finished, tmp_path):
    run = Run(tmp_path / "run", config(2))
    assert run.train() == 0
    with pytest.raises(RunDirectoryError, match="already holds this run"):
        Run(tmp_path / "run").train()
    assert Run(tmp_path / "run").train(resume=True) == 0  # there is nothing left to do
    assert len(numbers(run)) == 2
    assert Run(tmp_path / "run", config(4)).train(resume=True) == 0
    assert numbers(run) == numbers(finished)
    assert Run(tmp_path / "run").config.episodes == 4 * EPISODES


def test_another_configuration_is_refused_at_once(finished):
    with pytest.raises(RunDirectoryError, match=r"differs in --delta, --seed;"):
        Run(finished.directory.path, config(4, seed=5, delta=0.1))


def test_a_run_that_is_not_there(tmp_path):
    with pytest.raises(RunDirectoryError, match="no such directory"):
        Run(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    new = Run(tmp_path / "new", config(2))
    for call in (new.evaluate, new.load_policy, new.render):
        with pytest.raises(RunDirectoryError, match="no such directory"):
            call()


def test_its_evaluation_is_that_of_the_script(finished, capsys):
    rows = finished.evaluate(episodes=3, seed=5)
    record = json.loads(finished.directory.evaluation.read_text())
    assert record == {"episodes": 3, "seed": 5, **rows}
    assert {"theta", "theta_greedy", "random", "nearest"} <= rows.keys()
    arguments = ["evaluate", str(finished.directory.path), "--episodes=3", "--seed=5"]
    assert console.run(evaluate.main, arguments) == 0
    assert "theta_greedy" in capsys.readouterr().out
    assert json.loads(finished.directory.evaluation.read_text()) == record


def test_its_policy_plays(finished):
    policy = finished.load_policy()
    _, observations = policy.env.reset(seed=0, num_worlds=2)
    state = policy.start(num_worlds=2, seed=0)
    actions, _ = policy.act(state, observations)
    assert np.shape(actions["agents"]) == (2, 2)


def test_its_pictures(finished, tmp_path):
    pictures = finished.render(tmp_path / "drawn", every=3)
    assert pictures.gif.stat().st_size > 0
    assert pictures.strip.stat().st_size > 0
    assert "mean return" in pictures.caption


def older(path, *newer):
    """Make the run in `path` one of schema 1, from before these flags."""
    lines = (path / "flags.txt").read_text().splitlines()[1:]
    kept = [line for line in lines if line[2:].partition("=")[0] not in newer]
    assert len(kept) == len(lines) - len(newer)
    (path / "flags.txt").write_text("\n".join(kept) + "\n")


def test_a_run_from_before_some_settings_goes_on(tmp_path):
    """Of the environment and of the learner; what it did before is what it goes on with."""
    logdir, before = tmp_path / "run", {"observation_order": "index", "deviation": "isolated"}
    dimapg = {"algorithm": "dimapg_trpo", "trajectories": 2, "k": 1, **before}
    Run(logdir, config(1, **dimapg)).train()
    older(logdir, *before, "sampled_agents")
    assert Run(logdir, config(2, **dimapg)).train(resume=True) == 0
    assert [row["iteration"] for row in numbers(Run(logdir))] == ["1", "2"]
    assert Run(logdir).config == config(2, **dimapg)
    assert (logdir / "flags.txt").read_text().startswith(run_configuration.TITLE)


@pytest.fixture
def begun(tmp_path):
    """The directory of a run that has done nothing yet."""
    run = Run(tmp_path / "run", config(1, observation_order="index"))
    run.directory.describe(run.config)
    return run.directory


def test_a_run_from_before_a_setting_is_not_gone_on_with_otherwise(begun):
    older(begun.path, "observation_order")
    with pytest.raises(RunDirectoryError, match="differs in --observation_order;"):
        Run(begun.path, config(2, observation_order="distance"))


def test_a_damaged_flags_txt_stops_a_resume(begun, capsys):
    lines = begun.flags.read_text().splitlines(keepends=True)
    begun.flags.write_text("".join(lines[:-5]))
    with pytest.raises(RunDirectoryError, match=r"flags.txt: --\w+ is missing"):
        Run(begun.path, config(2))
    arguments = ["fine_tune", *run_configuration.write(config(2)).splitlines()[1:], "--resume"]
    assert console.run(fine_tune.main, [*arguments, f"--logdir={begun.path}"]) == console.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "flags.txt" in line
    assert not begun.metrics.exists()
