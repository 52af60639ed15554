"""A run's policy in teams of other sizes."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

import dimapg_tf
from dimapg_tf import evaluate, policy, seeds
from dimapg_tf.experiment import console, deployment, loop, policy_file
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.run import Run
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import ConfigurationError


def run_of(path, stacked=False, **settings):
    """The directory of a run whose policy is as it was at the start."""
    config = load_config(horizon=5, hidden=(8,), **settings)
    env = config.make_env()
    ((name, population),) = env.spec.populations.items()
    theta = policy.init(seeds.generator(0), population.observation_size, 5, (8,))
    if stacked:
        theta = policy.stack(theta, population.num_agents)
    RunDirectory(path).describe(config)
    arrays = {name: [value.numpy() for value in tf.nest.flatten(theta)]}
    policy_file.write(path, deployment.origin_of(config, env), policy_file.Age(1, 5), arrays)
    return path


@pytest.fixture
def trained(tmp_path):
    return run_of(tmp_path / "run", observed_neighbours=2, arena_agents=3)


def test_a_policy_that_sees_the_nearest_plays_in_any_team(trained):
    for num_agents in (1, 3, 50):
        loaded = dimapg_tf.load_policy(trained, num_agents=num_agents)
        state, observations = loaded.env.reset(seed=0, num_worlds=2)
        assert np.abs(state.positions).max() <= np.sqrt(num_agents / 3)
        actions, _ = loaded.act(loaded.start(2, seed=0), observations)
        assert actions["agents"].shape == (2, num_agents)


def test_it_is_evaluated_there(trained, capsys):
    arguments = ["evaluate", str(trained), "--num_agents=2", "--episodes=2", "--arena_agents=8"]
    assert console.run(evaluate.main, arguments) == 0
    assert "normalised return" in capsys.readouterr().out
    (path,) = trained.rglob("evaluation.json")
    assert path.parent.name == "arena_agents_8_num_agents_2"
    record = json.loads(path.read_text())
    assert record["elsewhere"] == {"num_agents": 2, "arena_agents": 8}
    assert set(record) >= {"theta", "theta_greedy"}
    assert "theta_n" not in record
    for player, value in (("random", 0.0), ("assignment", 1.0)):
        assert record[player]["normalised_return"] == pytest.approx(value)
    row = record["nearest"]
    share = (row["return_mean"] - record["random"]["return_mean"]) / (
        record["assignment"]["return_mean"] - record["random"]["return_mean"]
    )
    assert row["normalised_return"] == pytest.approx(share)
    assert row["goals_covered"] / 2 == pytest.approx(row["share_of_goals_covered"])


def test_what_does_not_fit_is_named(trained, tmp_path):
    with pytest.raises(ConfigurationError, match="num_agent = 4"):
        dimapg_tf.load_policy(trained, num_agent=4)
    with pytest.raises(ConfigurationError, match=r"observe 32 numbers each.*for 18"):
        dimapg_tf.load_policy(trained, observed_neighbours=4)
    everybody = run_of(tmp_path / "everybody")
    with pytest.raises(ConfigurationError, match=r"observe 18 numbers each.*--observed_neighbours"):
        dimapg_tf.load_policy(everybody, num_agents=4)
    each = run_of(tmp_path / "each", stacked=True, observed_neighbours=2)
    with pytest.raises(ConfigurationError, match="a team of 3"):
        dimapg_tf.load_policy(each, num_agents=4)
    assert dimapg_tf.load_policy(each, arena=2.0).env.settings["arena"] == 2.0


def test_flags_that_are_no_settings_are_named(trained, capsys):
    assert console.run(evaluate.main, ["evaluate", str(trained), "--num_agent=4"]) == 2
    assert "num_agent: no such setting" in capsys.readouterr().err


def test_a_run_starts_from_the_policy_of_another_team(trained, tmp_path, monkeypatch):
    """Until it has a checkpoint of its own, also where it was stopped and goes on."""
    config = load_config(
        horizon=5, hidden=(8,), num_agents=4, observed_neighbours=2, seed=7, init_from=str(trained)
    )
    begun = []
    monkeypatch.setattr(loop, "train", lambda learner, *_: begun.append(learner) or 0)
    run = Run(tmp_path / "more", config)
    assert run.train() == 0
    assert run.train(resume=True) == 0
    wanted = tf.nest.flatten(dimapg_tf.load_policy(trained).thetas["agents"])
    for learner in begun:
        for mine, expected in zip(learner.variables_of["agents"], wanted):
            np.testing.assert_array_equal(mine, expected)
    assert Run(tmp_path / "more").config == config
    with pytest.raises(RunDirectoryError, match="--init_from"):
        Run(tmp_path / "more", dataclasses.replace(config, init_from=None))


def test_a_policy_to_start_from_must_fit(trained, tmp_path):
    settings = {"horizon": 5, "hidden": (8,), "observed_neighbours": 2}
    for change, message in (
        ({"hidden": (9,)}, r"init_from = .*\[18, 8\].*\[18, 9\]"),
        ({"algorithm": "maddpg", "hidden": (8, 8)}, "maddpg starts from a new policy"),
    ):
        config = load_config(**{**settings, **change, "init_from": str(trained)})
        with pytest.raises(ConfigurationError, match=message):
            Run(tmp_path / "run_2", config).train()
        assert not (tmp_path / "run_2" / "flags.txt").exists()
    config = load_config(**settings, init_from=str(tmp_path / "nothing"))
    with pytest.raises(RunDirectoryError, match="nothing"):
        Run(tmp_path / "run_3", config).train()
