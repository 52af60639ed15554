"""Flagfiles: found by name from anywhere, built upon one another, each line with its source."""

import difflib
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dimapg_tf import checks
from dimapg_tf.envs import ENVIRONMENTS
from dimapg_tf.experiment.learners import learner_names
from dimapg_tf.types import ConfigurationError

COMMAND_LINE, OVERRIDE, DEFAULT = "command line", "override", "default"
# Flags that name a file in configs/, and the folder and the flag of what has no file of its own.
NAMED = {"env_config": ("env", "env"), "algorithm_config": ("algorithm", "algorithm")}


class Token(NamedTuple):
    """One argument of a command line or one line of a flagfile, and where it stands."""

    text: str
    source: str


@cache
def configs() -> Path:
    """The directory of the flagfiles: beside the package's modules, or at the repository's top."""
    package = Path(__file__).parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def expand(arguments: Sequence[str]) -> list[Token]:
    """The arguments of a command line with what they name in their place; later wins.

    Named configurations are what the other flags change, so they come first wherever they stand:
    that of the environment, then that of the learner. `--flagfile=PATH` is read where it stands.

    Raises:
      ConfigurationError: a file is not there, cannot be read, or builds upon itself.
    """
    names: dict[str, str] = {}
    others: list[Token] = []
    arguments = list(arguments)
    while arguments:
        argument = arguments.pop(0)
        flag, separator, value = argument.partition("=")
        flag = flag.lstrip("-") if argument.startswith("-") else ""
        if flag not in ("flagfile", *NAMED):
            others.append(Token(argument, COMMAND_LINE))
            continue
        if not separator:
            if not arguments:
                raise ConfigurationError(f"--{flag}: its value is missing")
            value = arguments.pop(0)
        if flag in NAMED:
            names[flag] = value
        else:
            others += read(checks.path("flagfile", value), value)
    return [
        *(token for flag in NAMED if flag in names for token in named(flag, names[flag])),
        *others,
    ]


def named(flag: str, name: str, opened: tuple[str, ...] = ()) -> list[Token]:
    """The lines of the flagfile of this name; else, the environment or learner of this name.

    Args:
      flag: "env_config" or "algorithm_config".
      opened: files that are being read, which this one may not be one of.
    """
    folder, itself = NAMED[flag]
    path = configs() / folder / f"{name}.flags"
    if path.is_file() and Path(name).name == name:
        return read(path, f"configs/{folder}/{path.name}", opened)
    plain = ENVIRONMENTS if itself == "env" else learner_names()
    if name in plain:
        return [Token(f"--{itself}={name}", opened[-1] if opened else f"--{flag}={name}")]
    known = sorted({*plain, *(file.stem for file in path.parent.glob("*.flags"))})
    raise ConfigurationError(
        f"{folder} = {name!r}: no such configuration{suggestion(name, known)}; there are "
        f"{', '.join(known)}"
    )


def read(path: Path, shown: str, opened: tuple[str, ...] = ()) -> list[Token]:
    """The lines of a flagfile, with those of the files that it builds upon in their place.

    A file begins with what it builds upon, so that its own lines win.

    Args:
      shown: the path, as sources and errors name it.
    """
    if shown in opened:
        raise ConfigurationError(f"{shown}: builds upon itself: {' -> '.join([*opened, shown])}")
    try:
        # Editors of Windows put a mark before UTF-8.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{shown}: must be text in UTF-8 ({error})") from error
    except OSError as error:
        raise ConfigurationError(f"{shown}: cannot be read ({error.strerror})") from error
    tokens: list[Token] = []
    for number, raw in enumerate(text.splitlines(), 1):
        source, line = f"{shown}:{number}", raw.strip()
        if not line or line.startswith(("#", "//")):
            continue
        flag, _, value = line.lstrip("-").partition("=")
        if not line.startswith("-"):
            raise ConfigurationError(f"{source}: {line!r}: must be --name=value, or a # comment")
        if flag in NAMED:
            if any(token.source.startswith(f"{shown}:") for token in tokens):
                raise ConfigurationError(f"{source}: --{flag} must stand before all other flags")
            tokens += named(flag, value, (*opened, shown))
        elif flag == "flagfile":
            tokens += read(checks.path("flagfile", value), value, (*opened, shown))
        else:
            tokens.append(Token(line, source))
    return tokens


def suggestion(name: str, known: Collection[str]) -> str:
    """A name that may have been meant, as the middle of a sentence, or nothing."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
