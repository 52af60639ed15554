"""flags.txt of a run directory: written whole, read strictly, older ones migrated by name."""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from dimapg_tf.envs import environment_kind
from dimapg_tf.experiment import flags
from dimapg_tf.experiment.config import Config, config_from
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.flagfiles import Token, suggestion
from dimapg_tf.experiment.learners import learner_kind

# Raised when a flag gets another meaning or a new one is needed to say what a run was.
SCHEMA = 2
TITLE = "# dimapg_tf run configuration, schema"

Migration = Callable[[Mapping[str, str]], Mapping[str, str]]
"""{flag: text} of a run of the schema before, as this schema says it."""


def write(config: Config) -> str:
    """The text of a run's flags.txt: every value, none left to a default that may change."""
    return "\n".join([f"{TITLE} {SCHEMA}", *flags.as_lines(config.values())]) + "\n"


def read(path: Path) -> Config:
    """The configuration of the run whose flags.txt this is.

    Raises:
      RunDirectoryError: the file is empty, cut short or of a newer schema, or a flag is unknown,
        missing or there twice; the message names the file and the flag.
      ConfigurationError: no installed package has its environment or learner, or a value cannot
        work.
    """
    schema, given = _lines(path)
    for name in ("algorithm", "env"):
        if name not in given:
            raise RunDirectoryError(f"{path}: --{name} is missing")
    names = given["env"].text.partition("=")[2], given["algorithm"].text.partition("=")[2]
    migrations = (environment_kind(names[0]).migrations, learner_kind(names[1]).migrations)
    texts = {name: token.text.partition("=")[2] for name, token in given.items()}
    for older in range(schema, SCHEMA):
        for where in filter(None, migrations):
            for migrate in _imported(where).get(older, ()):
                texts = dict(migrate(texts))
    tokens = [
        Token(f"--{name}={text}", given[name].source if name in given else f"{path}")
        for name, text in texts.items()
    ]
    defaults = config_from([t for t in tokens if _name(t) in ("env", "algorithm")])
    known = defaults.values().keys()
    for name in texts:
        if name not in known:
            raise RunDirectoryError(
                f"{path}: --{name}: no such setting of {names[0]} or of {names[1]}"
                f"{suggestion(name, known)}"
            )
    missing = sorted(known - texts.keys())
    if missing:
        raise RunDirectoryError(f"{path}: --{missing[0]} is missing; the file is not whole")
    return config_from(tokens)


def _name(token: Token) -> str:
    return token.text[2:].partition("=")[0]


def _lines(path: Path) -> tuple[int, dict[str, Token]]:
    """The schema, and the line of each flag."""
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        what = "is cut short: its last line has no end" if text else "is empty"
        raise RunDirectoryError(f"{path}: {what}")
    schema, given = 1, {}
    for number, line in enumerate(text.splitlines(), 1):
        source = f"{path}:{number}"
        title = re.fullmatch(f"{TITLE} (\\d+)", line)
        if number == 1 and title:
            schema = int(title[1])
            if schema > SCHEMA:
                raise RunDirectoryError(
                    f"{path}: schema {schema} is of a newer dimapg_tf; this one knows {SCHEMA}"
                )
            continue
        flag = re.fullmatch(r"--(\w+)=(.*)", line)
        if not flag:
            raise RunDirectoryError(f"{source}: {line!r}: must be --name=value")
        if flag[1] in given:
            raise RunDirectoryError(f"{source}: --{flag[1]} is there twice")
        given[flag[1]] = Token(line, source)
    return schema, given


def _imported(where: str) -> Mapping[int, tuple[Migration, ...]]:
    module, name = where.split(":")
    return getattr(import_module(module), name)
