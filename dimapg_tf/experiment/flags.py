"""Flags: defined from the Settings dataclasses, read in scripts, written to the run directory.

The library never sees flags. A script makes its own FlagValues, so that several scripts can live
in one process.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from absl import flags

from dimapg_tf.envs import ENVIRONMENTS, settings_class
from dimapg_tf.types import ConfigurationError

# Flags that say where or how far to run, not what is learned: a resumed run may change them.
NOT_CONFIGURATION = ("episodes", "checkpoint_every")


def define_training(fv: flags.FlagValues) -> None:
    """The flags of every learner's training script, but for its own hyper-parameters."""
    flags.DEFINE_string("logdir", None, "run directory; made if it is not there", flag_values=fv)
    flags.DEFINE_integer("seed", 1, "of all randomness of the run", flag_values=fv)
    flags.DEFINE_integer("episodes", 50_000, "training budget, in episodes", flag_values=fv)
    flags.DEFINE_integer("checkpoint_every", 10, "iterations between checkpoints", flag_values=fv)
    flags.DEFINE_bool("resume", False, "go on with the run in logdir", flag_values=fv)


def define_environment(fv: flags.FlagValues) -> None:
    """--env and the settings of all environments; None stands for the environment's default."""
    flags.DEFINE_string(
        "env", "cooperative_navigation", f"one of {', '.join(ENVIRONMENTS)}", flag_values=fv
    )
    explanations: dict[str, list[str]] = {}
    fields = {}
    for name in ENVIRONMENTS:
        for field in dataclasses.fields(settings_class(name)):
            fields[field.name] = field
            text = f"{name}: {field.metadata['help']} (default: {field.default!r})"
            explanations.setdefault(field.name, []).append(text)
    for name, field in fields.items():
        _define(field, None, "; ".join(explanations[name]), fv)


def define_settings(settings: type, fv: flags.FlagValues) -> None:
    """One flag for each field of a Settings dataclass."""
    for field in dataclasses.fields(settings):
        _define(field, field.default, field.metadata["help"], fv)


def _define(field: dataclasses.Field, default: Any, text: str, fv: flags.FlagValues) -> None:
    kind = field.type
    if isinstance(kind, types.UnionType):  # int | None
        kind = next(option for option in typing.get_args(kind) if option is not type(None))
    if typing.get_origin(kind) is tuple:
        default = None if default is None else [str(value) for value in default]
        flags.DEFINE_list(field.name, default, text, flag_values=fv)
        return
    define = {
        bool: flags.DEFINE_bool,
        int: flags.DEFINE_integer,
        float: flags.DEFINE_float,
        str: flags.DEFINE_string,
    }[kind]
    define(field.name, default, text, flag_values=fv)


def parse(fv: flags.FlagValues, argv: list[str], usage: str) -> list[str] | None:
    """Parse the command line; returns what is left of it, or None if help was asked for.

    Flags may stand before and after other arguments.
    """
    flags.DEFINE_bool("help", False, "show this help", flag_values=fv)
    fv.set_gnu_getopt(True)
    left = fv(argv)
    if fv.help:
        print(f"{usage}\n")
        print("\n".join(_help_lines(fv)))
        return None
    return left[1:]


def _help_lines(fv: flags.FlagValues) -> list[str]:
    lines = []
    for name in sorted(fv):
        if name not in ("flagfile", "undefok"):
            default = "" if fv[name].default is None else f" (default: {fv[name].default})"
            lines.append(f"  --{name}: {fv[name].help}{default}")
    return [*lines, "  --flagfile: read flags from this file; what stands later wins"]


def environment_settings(fv: flags.FlagValues) -> dict[str, Any]:
    """The environment settings that were given, by name, for `make_env`."""
    given = {}
    for name in ENVIRONMENTS:
        for field in dataclasses.fields(settings_class(name)):
            if fv[field.name].value is not None:
                given[field.name] = fv[field.name].value
    return given


def make_settings(settings: type, fv: flags.FlagValues) -> Any:
    """An instance of a learner's Settings from its flags; raises ConfigurationError."""
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


def environment_of(flags_file: Path) -> tuple[str, dict[str, Any]]:
    """The environment that a run's flags.txt names and its settings, for `make_env`."""
    fv = flags.FlagValues()
    define_environment(fv)
    fv(["", f"--flagfile={flags_file}"], known_only=True)
    return fv.env, environment_settings(fv)


def algorithm_of(flags_file: Path) -> str:
    """The learner that a run's flags.txt names."""
    fv = flags.FlagValues()
    flags.DEFINE_string("algorithm", None, "the learner", flag_values=fv)
    fv(["", f"--flagfile={flags_file}"], known_only=True)
    return fv.algorithm


def seed_of(flags_file: Path) -> int:
    """The seed that a run's flags.txt names."""
    fv = flags.FlagValues()
    flags.DEFINE_integer("seed", None, "of the run", flag_values=fv)
    fv(["", f"--flagfile={flags_file}"], known_only=True)
    return fv.seed


def settings_of_run(settings: type, flags_file: Path) -> Any:
    """The learner's Settings that a run's flags.txt holds."""
    fv = flags.FlagValues()
    define_settings(settings, fv)
    fv(["", f"--flagfile={flags_file}"], known_only=True)
    return make_settings(settings, fv)


def as_lines(values: Mapping[str, Any]) -> list[str]:
    """`--name=value` for each value that is not None, in alphabetical order."""
    lines = []
    for name, value in sorted(values.items()):
        text = str(value)
        if isinstance(value, (tuple, list)):
            text = ",".join(map(str, value))
        elif isinstance(value, bool):
            text = text.lower()
        if value is not None:
            lines.append(f"--{name}={text}")
    return lines
