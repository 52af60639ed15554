"""flags.txt is read strictly, and what is older than a flag by named migrations."""

import dataclasses
import re
from pathlib import Path

import pytest

from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.learners import learner_names
from dimapg_tf.types import ConfigurationError

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "results").rglob("flags.txt"))


def rewritten(path, change):
    """The flags.txt of a run with `change` made to its lines."""
    text = run_configuration.write(load_config(seed=3, sampled_agents=2, hidden=(8, 4)))
    path.write_text("".join(f"{line}\n" for line in change(text.splitlines())))
    return path


@pytest.mark.parametrize("algorithm", sorted(learner_names()))
@pytest.mark.parametrize("env", ["cooperative_navigation_3", "predator_prey_3v1", "survival_230"])
def test_what_is_written_is_read_back(env, algorithm, tmp_path):
    config = load_config(env, algorithm, seed=7, episodes=12)
    path = tmp_path / "flags.txt"
    path.write_text(run_configuration.write(config))
    assert run_configuration.read(path) == config


def test_it_begins_with_the_schema_and_leaves_nothing_to_defaults():
    config = load_config()
    first, *lines = run_configuration.write(config).splitlines()
    assert first == f"# dimapg_tf run configuration, schema {run_configuration.SCHEMA}"
    assert len(lines) == len(config.values())
    assert "--observed_neighbours=none" in lines


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: "/".join(path.parts[-4:-1]))
def test_every_committed_record_can_be_read(path):
    config = run_configuration.read(path)
    assert config.seed == int(path.parent.name.removeprefix("seed_"))


def without(name):
    return lambda lines: [line for line in lines if not line.startswith(f"--{name}=")]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda lines: [], ["is empty"]),
        (lambda lines: lines[:1], ["--algorithm", "missing"]),
        (lambda lines: lines[:10], ["--env", "missing"]),
        (lambda lines: lines[:-1], ["--trajectories is missing", "not whole"]),
        (without("gamma"), ["--gamma is missing"]),
        (without("others_term"), ["--others_term is missing"]),
        (
            lambda lines: [*lines, "--gama=0.9"],
            ["--gama", "did you mean 'gamma'"],
        ),
        (lambda lines: [*lines, "--gamma=0.9"], ["flags.txt:", "--gamma is there twice"]),
        (lambda lines: [*lines, "gamma"], ["flags.txt:", "'gamma'", "--name=value"]),
        (lambda lines: ["# dimapg_tf run configuration, schema 99", *lines[1:]], ["schema 99"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_not_whole_is_refused(change, named, tmp_path):
    path = rewritten(tmp_path / "flags.txt", change)
    with pytest.raises(RunDirectoryError) as error:
        run_configuration.read(path)
    for text in [str(path), *named]:
        assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_a_line_that_is_cut_short(tmp_path):
    """Not only whole lines are missed: --seed=12 must not become --seed=1."""
    path = rewritten(tmp_path / "flags.txt", lambda lines: lines)
    path.write_text(path.read_text()[:-2])
    with pytest.raises(RunDirectoryError, match="cut short"):
        run_configuration.read(path)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "flags.txt"
    path.write_bytes(b"--seed=\xff\n")
    with pytest.raises(RunDirectoryError, match=r"flags.txt: cannot be read"):
        run_configuration.read(path)


@pytest.mark.parametrize(
    ("name", "value"), [("gamma", "much"), ("gamma", "2"), ("env", "chess"), ("algorithm", "x")]
)
def test_a_value_that_cannot_work(name, value, tmp_path):
    def change(lines):
        return [f"--{name}={value}" if li.startswith(f"--{name}=") else li for li in lines]

    with pytest.raises(ConfigurationError, match=value):
        run_configuration.read(rewritten(tmp_path / "flags.txt", change))


@pytest.mark.parametrize(
    ("algorithm", "newer"),
    [
        (
            "dimapg_trpo",
            {
                **{"sampled_agents": None, "others_term": False, "consolidation": "copy"},
                **{"deviation": "isolated", "baseline": "agent", "entropy_half_life": 0},
                **{"step_half_life": 0},
                **{"observation_order": "index", "actions": "discrete"},
                **{"baseline_features": 0, "baseline_samples": None},
                **{"observed_neighbours": None, "observed_goals": "open", "arena_agents": None},
                **{"observation_squash": None, "init_from": None},
                **{"heterogeneity": 0.0, "team": 0, "block_agents": None},
                **{"followers": None, "goal_distance": 0.0, "policy": "mlp", "entity_units": 16},
            },
        ),
        ("a3c_kitchensink", {"joint_reward": "minimum"}),
        ("trpo_kitchensink", {"joint_reward": "minimum"}),
    ],
)
def test_an_older_run_did_what_was_done_before_the_flag(algorithm, newer, tmp_path):
    """Whatever the default is today; and what the run itself says stands."""
    path = tmp_path / "flags.txt"
    config = load_config(algorithm=algorithm)
    lines = run_configuration.write(config).splitlines()[1:]
    older = [line for line in lines if line[2:].partition("=")[0] not in newer]
    path.write_text("\n".join(older) + "\n")
    values = run_configuration.read(path).values()
    assert {name: values[name] for name in newer} == newer
    path.write_text("\n".join(lines) + "\n")
    assert run_configuration.read(path) == config


def test_a_newer_run_is_not_migrated(tmp_path):
    """In schema 4 a missing flag is an error, not what was done before there was the flag."""
    path = rewritten(tmp_path / "flags.txt", without("observation_order"))
    with pytest.raises(RunDirectoryError, match="--observation_order is missing"):
        run_configuration.read(path)


def test_a_migration_may_rename(tmp_path, monkeypatch):
    from dimapg_tf.algorithm import migrations

    def gamma(flags):
        """A flag that had another name."""
        flags = dict(flags)
        return {"gamma": flags.pop("discount"), **flags}

    monkeypatch.setattr(migrations, "DIMAPG", {1: (gamma,)})
    path = rewritten(tmp_path / "flags.txt", lambda lines: lines[1:])
    path.write_text(re.sub("--gamma=.*", "--discount=0.5", path.read_text()))
    config = run_configuration.read(path)
    assert config.settings.gamma == 0.5
    assert dataclasses.replace(config.settings, gamma=0.95).hidden == (8, 4)
