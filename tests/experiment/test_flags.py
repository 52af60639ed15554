"""Flags: from Settings to the command line and back."""

import dataclasses

import pytest
from absl import flags as absl_flags

from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.checks import setting
from dimapg_tf.envs import ENVIRONMENTS, settings_class
from dimapg_tf.experiment import flags
from dimapg_tf.experiment.flagfiles import COMMAND_LINE, Token
from dimapg_tf.experiment.learners import learner_kind, learner_names
from dimapg_tf.types import ConfigurationError


@dataclasses.dataclass(frozen=True)
class Kinds:
    """A setting of each kind."""

    text: str = setting("a", "a text")
    number: int = setting(3, "a whole number")
    real: float = setting(0.5, "a number")
    switch: bool = setting(True, "on or off")
    sizes: tuple[int, ...] = setting((8, 4), "numbers")
    limit: int | None = setting(None, "a number or none")


def read(*lines, settings=Kinds, source=COMMAND_LINE):
    fv = absl_flags.FlagValues()
    flags.define_settings(settings, fv)
    sources = flags.read_tokens(fv, [Token(line, source) for line in lines], "these")
    return flags.make_settings(settings, fv), sources


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"text": "b=c d", "number": -1, "real": 1e-5, "switch": False, "sizes": (1,), "limit": 2},
        {"real": float("inf"), "sizes": (), "text": ""},
    ],
    ids=str,
)
def test_what_is_written_is_read_back(values):
    settings = Kinds(**values)
    assert read(*flags.as_lines(vars(settings)))[0] == settings


def test_later_wins_and_its_source_is_told():
    fv = absl_flags.FlagValues()
    flags.define_settings(Kinds, fv)
    tokens = [Token("--number=4", "a.flags:1"), Token("--real=2", "a.flags:2")]
    tokens += [Token("--number", COMMAND_LINE), Token("5", COMMAND_LINE)]
    assert flags.read_tokens(fv, tokens, "these") == {"number": COMMAND_LINE, "real": "a.flags:2"}
    assert flags.make_settings(Kinds, fv) == Kinds(number=5, real=2.0)
    assert read("--noswitch", "--limit=3", "--limit=none")[0] == Kinds(switch=False)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("--numbr=4", ["a.flags:7", "numbr", "these", "did you mean 'number'"]),
        ("--number=four", ["a.flags:7", "number", "four"]),
        ("--limit=all", ["a.flags:7", "limit", "all"]),
        ("--switch=perhaps", ["a.flags:7", "switch", "perhaps"]),
        ("surplus", ["a.flags:7", "'surplus'", "--name=value"]),
    ],
)
def test_an_error_names_the_line(line, named):
    with pytest.raises(ConfigurationError) as error:
        read(line, source="a.flags:7")
    for text in named:
        assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_flags_may_follow_arguments():
    fv = absl_flags.FlagValues()
    flags.define_settings(Settings, fv)
    assert flags.parse(fv, ["script", "RUN", "--gamma", "0.7"], "usage") == ["RUN"]
    assert fv.gamma == 0.7


def test_no_two_settings_of_a_run_share_a_name():
    """The environment's and the learner's stand side by side on one command line."""
    for environment in ENVIRONMENTS:
        for learner in learner_names():
            names = [
                field.name
                for settings in (
                    flags.RunSettings,
                    flags.ScriptOptions,
                    settings_class(environment),
                    learner_kind(learner).part("settings"),
                )
                for field in dataclasses.fields(settings)
            ]
            assert len(set(names)) == len(names), (environment, learner)
