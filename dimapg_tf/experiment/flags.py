"""Flags: defined from the Settings dataclasses, read by scripts and from files, told by --help.

The library never sees flags. Each reading has FlagValues of its own, so that several scripts can
live in one process.
"""

import dataclasses
import itertools
import json
import textwrap
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from absl import flags

from dimapg_tf.checks import setting
from dimapg_tf.envs import ENVIRONMENTS, settings_class
from dimapg_tf.experiment import compilation_cache
from dimapg_tf.experiment.flagfiles import COMMAND_LINE, Token, suggestion
from dimapg_tf.types import ConfigurationError

NONE = "none"  # how a flag says that it has no value
WIDTH = 100


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """What a configuration says beside the settings of the environment and of the learner."""

    env: str = setting("cooperative_navigation", f"one of {', '.join(ENVIRONMENTS)}")
    algorithm: str = setting("dimapg", "the learner")
    seed: int = setting(1, "of all randomness of the run")
    episodes: int = setting(50_000, "training budget, in episodes")
    checkpoint_every: int = setting(10, "iterations between checkpoints")
    init_from: str | None = setting(None, "a run whose policy this one starts from")


@dataclasses.dataclass(frozen=True)
class ScriptOptions:
    """What a training script takes beside its configuration."""

    logdir: str | None = setting(None, "run directory; made if it is not there")
    resume: bool = setting(False, "go on with the run in logdir")
    resume_from: int | None = setting(
        None, "go on from the checkpoint of this iteration; later ones are dropped"
    )
    accept_lost_metrics: bool = setting(False, "go on though rows of metrics.csv are lost")
    trust_module: bool = setting(False, "import a module of an environment that a file names")
    log_to: str = setting("", "wandb, mlflow or both: metrics.csv goes there as well")
    print_config: bool = setting(False, "print every value and where it is from, and end")
    xla_cache: str | None = setting(None, compilation_cache.HELP)


class _OrNone(flags.ArgumentParser):
    """What `parser` takes, or none."""

    def __init__(self, parser: flags.ArgumentParser):
        self._parser = parser
        self.syntactic_help = parser.syntactic_help

    def parse(self, argument: str) -> Any:
        return None if argument == NONE else self._parser.parse(argument)

    def flag_type(self) -> str:
        return self._parser.flag_type()


def define_settings(settings: type, fv: flags.FlagValues) -> None:
    """One flag for each field of a Settings dataclass."""
    for field in dataclasses.fields(settings):
        kind, text, may_be_none = field.type, field.metadata["help"], False
        if isinstance(kind, types.UnionType):  # int | None
            kind = next(option for option in typing.get_args(kind) if option is not type(None))
            may_be_none = True
        if kind is bool:
            flags.DEFINE_bool(field.name, field.default, text, flag_values=fv)
        elif typing.get_origin(kind) is tuple:
            default = [str(value) for value in field.default]
            flags.DEFINE_list(field.name, default, text, flag_values=fv)
        else:
            parser = {
                int: flags.IntegerParser,
                float: flags.FloatParser,
                str: flags.ArgumentParser,
            }[kind]()
            if may_be_none:
                parser = _OrNone(parser)
            flags.DEFINE(parser, field.name, field.default, text, flag_values=fv)


def read_tokens(fv: flags.FlagValues, tokens: Sequence[Token], known: str) -> dict[str, str]:
    """Parse arguments into `fv`, later ones winning.

    Args:
      known: whose flags these are, for the message about one that is unknown.

    Returns:
      {flag: source of its value} for each flag that was given.

    Raises:
      ConfigurationError: a flag is unknown, or a value is not of its type; the message names both
        and, if they stand in a file, the line.
    """
    fv.set_gnu_getopt(True)  # flags may follow other arguments
    sources = {}
    for source, group in itertools.groupby(tokens, key=lambda token: token.source):
        texts = [token.text for token in group]
        before = {name: fv[name].present for name in fv}
        where = "" if source == COMMAND_LINE else f"{source}: "
        try:
            _refuse_special(texts)
            left = fv(["", *texts])[1:]
        except flags.UnrecognizedFlagError as error:
            name = error.flagname
            raise ConfigurationError(
                f"{where}{name}: no such setting of {known}{suggestion(name, list(fv))}"
            ) from error
        except flags.Error as error:
            raise ConfigurationError(f"{where}{' '.join(str(error).split())}") from error
        if left:
            raise ConfigurationError(
                f"{where}{left[0]!r}: flags only; values are given as --name=value"
            )
        sources |= {name: source for name in fv if fv[name].present > before.get(name, 0)}
    return sources


def _refuse_special(texts: Sequence[str]) -> None:
    """Flags that absl would obey in silence: --flagfile is read before, --undefok nowhere."""
    for text in texts:
        name = text.lstrip("-").partition("=")[0]
        if text.startswith("-") and name in ("flagfile", "undefok"):
            raise flags.UnrecognizedFlagError(name)


def make_settings(settings: type, fv: flags.FlagValues) -> Any:
    """An instance of a Settings dataclass from its flags; raises ConfigurationError."""
    values = {}
    for field in dataclasses.fields(settings):
        value = fv[field.name].value
        if isinstance(value, list):
            try:
                value = tuple(int(part) for part in value)
            except ValueError as error:
                raise ConfigurationError(
                    f"{field.name} = {','.join(value)}: must be whole numbers"
                ) from error
        values[field.name] = value
    return settings(**values)


def given(env: str, texts: Sequence[str]) -> dict[str, Any]:
    """Settings of an environment, as flags of a command line say them, by name.

    Raises:
      ConfigurationError: there is no such setting, or its value is not of its type.
    """
    fv = flags.FlagValues()
    define_settings(settings_class(env), fv)
    tokens = [Token(text, COMMAND_LINE) for text in texts]
    return {name: fv[name].value for name in read_tokens(fv, tokens, env)}


def parse(
    fv: flags.FlagValues, argv: list[str], usage: str, others: bool = False
) -> list[str] | None:
    """Parse the command line; returns what is left of it, or None if help was asked for.

    others: whether flags may be left that `fv` does not know, of the form --name=value.
    Flags may stand before and after other arguments. Beside those of `fv`, all scripts take --help
    and --xla_cache, which is obeyed here.
    """
    flags.DEFINE_string("xla_cache", None, compilation_cache.HELP, flag_values=fv)
    flags.DEFINE_bool("help", False, "show this help", flag_values=fv)
    fv.set_gnu_getopt(True)
    left = fv(argv, known_only=others)
    if fv.help:
        lines = [_help_line(name, fv[name].help, fv[name].default) for name in sorted(fv)]
        print("\n".join([usage, "", *lines]))
        return None
    compilation_cache.choose(fv.xla_cache)
    return left[1:]


def training_help(usage: str, algorithm: str, settings: type) -> str:
    """The help of a training script: flags of the run, of each environment, of the learner."""
    lines = [usage, "", "The run"]
    lines += _help_lines(ScriptOptions)
    lines += [
        _help_line("env_config", "an environment by the name of its flagfile in configs/env"),
        _help_line("algorithm_config", "the same for the learner, in configs/algorithm"),
        _help_line("flagfile", "read flags from this file; what stands later wins"),
    ]
    lines += _help_lines(RunSettings, without=("algorithm",))
    for name in ENVIRONMENTS:
        lines += ["", f"The environment, with --env={name}", *_help_lines(settings_class(name))]
    lines += ["", f"The learner, {algorithm}", *_help_lines(settings)]
    return "\n".join(lines)


def _help_lines(settings: type, without: Iterable[str] = ()) -> list[str]:
    return [
        _help_line(field.name, field.metadata["help"], field.default)
        for field in dataclasses.fields(settings)
        if field.name not in without
    ]


def _help_line(name: str, text: str, default: Any = None) -> str:
    if default is not None:
        text += f" (default: {as_text(default)})"
    return textwrap.fill(f"  --{name}: {text}", WIDTH, subsequent_indent="      ")


def as_text(value: Any) -> str:
    """How a flag says this value."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return json.dumps(value)
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return str(value)


def as_lines(values: Mapping[str, Any]) -> list[str]:
    """`--name=value` for each value, in alphabetical order."""
    return [f"--{name}={as_text(value)}" for name, value in sorted(values.items())]
