"""A configuration as data: three ways to write it, what it holds, and what is refused."""

import dataclasses

import pytest

import dimapg_tf
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.training_script import read_command_line
from dimapg_tf.types import ConfigurationError


def test_three_ways_to_write_the_same(tmp_path):
    """Keyword arguments, flags and a flagfile; the files may be named from anywhere."""
    by_keywords = load_config(
        env="predator_prey_3v1",
        algorithm="dimapg_reinforce_predator_prey",
        **{"seed": 3, "episodes": 20, "num_prey": 2, "hidden": (8, 4), "team_reward": True},
        sampled_agents=None,
    )
    names = ["--env_config=predator_prey_3v1"]
    names += ["--algorithm_config=dimapg_reinforce_predator_prey"]
    rest = ["--seed=3", "--episodes=20", "--num_prey=2", "--hidden=8,4", "--team_reward"]
    (tmp_path / "mine.flags").write_text("\n".join([*names, *rest]) + "\n")
    by_flags, _ = read_command_line(["train", *rest, *names], "dimapg")
    by_file, _ = read_command_line(["train", f"--flagfile={tmp_path}/mine.flags"], "dimapg")
    assert by_keywords == by_flags == by_file
    assert by_keywords.settings.epsilon == 0.0015
    assert by_keywords.env_settings.num_prey == 2


def test_the_source_of_every_value():
    config = load_config("cooperative_navigation_10", "dimapg_reinforce", gamma=0.9)
    assert config.sources.keys() == config.values().keys()
    assert config.sources["agent_radius"].startswith("configs/env/cooperative_navigation_10.flags:")
    assert config.sources["observation_order"].startswith(
        "configs/env/cooperative_navigation_3.flags:"
    )
    assert config.sources["epsilon"].startswith("configs/algorithm/dimapg_reinforce.flags:")
    assert (config.sources["gamma"], config.sources["alpha_1"]) == ("override", "default")


def test_what_has_no_flagfile_has_its_defaults():
    config = load_config("predator_prey", "dimapg", horizon=7)
    assert (config.env, config.algorithm, config.env_settings.horizon) == (
        "predator_prey",
        "dimapg",
        7,
    )
    assert config.sources["env"] == "--env_config=predator_prey"


def test_a_forgotten_learner_is_what_dimapg_recommends():
    flags = ["--env=cooperative_navigation", "--num_agents=3"]
    config, _ = read_command_line(["train", *flags], "dimapg")
    assert config.settings == load_config(algorithm="dimapg").settings
    assert config.settings.meta_gradient == "exact"


def test_it_cannot_be_changed():
    config = load_config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"num_agent": 3}, ["num_agent", "cooperative_navigation", "did you mean 'num_agents'"]),
        ({"num_prey": 3}, ["num_prey", "cooperative_navigation", "dimapg"]),
        ({"logdir": "runs/x"}, ["logdir", "no such setting"]),
        ({"flagfile": "/dev/null"}, ["flagfile", "no such setting"]),
        ({"undefok": "gama", "gama": 0.5}, ["undefok", "no such setting"]),
        ({"k": "three"}, ["k", "three"]),
        ({"k": 2.5}, ["k", "2.5"]),
        ({"k": None}, ["k", "none"]),
        ({"others_term": "perhaps"}, ["others_term", "perhaps"]),
        ({"hidden": ("a",)}, ["hidden = a", "whole numbers"]),
        ({"gamma": 1.5}, ["gamma = 1.5"]),
        ({"num_agents": 0}, ["num_agents = 0"]),
        ({"episodes": 0}, ["episodes = 0"]),
        ({"seed": -1}, ["seed = -1"]),
        (
            {"env": "cooperative_navigation_4"},
            ["env = ", "did you mean 'cooperative_navigation_3'"],
        ),
        ({"algorithm": "madpg"}, ["algorithm = 'madpg'", "did you mean 'maddpg'"]),
    ],
    ids=str,
)
def test_what_cannot_work_is_told_in_one_line(arguments, named):
    with pytest.raises(ConfigurationError) as error:
        load_config(**arguments)
    for text in named:
        assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_a_flagfile_of_another_learner(capsys):
    with pytest.raises(ConfigurationError, match=r"'maddpg' \(configs/.*: this script trains dim"):
        read_command_line(["train", "--algorithm_config=maddpg"], "dimapg")


def test_the_public_face():
    for name in dimapg_tf.__all__:
        assert getattr(dimapg_tf, name)
    with pytest.raises(AttributeError, match="evaluate_everything"):
        _ = dimapg_tf.evaluate_everything
