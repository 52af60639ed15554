"""flags.txt of a run directory: written whole, read strictly, older ones migrated by name."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name

from dimapg_tf.envs import environment_kind
from dimapg_tf.experiment import flags
from dimapg_tf.experiment.config import Config, config_from
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.flagfiles import Token, suggestion
from dimapg_tf.experiment.learners import learner_kind

# Raised when a flag gets another meaning or a new one is needed to say what a run was.
SCHEMA = 13
TITLE = "# dimapg_tf run configuration, schema"

Migration = Callable[[Mapping[str, str]], Mapping[str, str]]
"""{flag: text} of a run of the schema before, as this schema says it."""


def _from_nothing(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Up to schema 5 every run started from a new policy."""
    return {"init_from": "none", **texts}


OF_RUNS: Mapping[int, tuple[Migration, ...]] = {5: (_from_nothing,)}
"""As `migrations` of environments and learners, for the settings of the run itself."""


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
    texts = _migrated({name: token.text.partition("=")[2] for name, token in given.items()}, schema)
    env, algorithm = texts["env"], texts["algorithm"]
    known = config_from([Token(f"--env={env}", ""), Token(f"--algorithm={algorithm}", "")]).values()
    for name in texts:
        if name not in known:
            raise RunDirectoryError(
                f"{path}: --{name}: no such setting of {env} or of {algorithm}"
                f"{suggestion(name, known)}"
            )
    missing = sorted(known.keys() - texts.keys())
    if missing:
        raise RunDirectoryError(f"{path}: --{missing[0]} is missing; the file is not whole")
    sources = {name: token.source for name, token in given.items()}
    return config_from(
        [Token(f"--{name}={text}", sources.get(name, str(path))) for name, text in texts.items()]
    )


def _migrated(texts: Mapping[str, str], schema: int) -> Mapping[str, str]:
    """{flag: text} of a run of this schema, as the present one says it."""
    kinds = (environment_kind(texts["env"]), learner_kind(texts["algorithm"]))
    named = [resolve_name(kind.migrations) for kind in kinds if kind.migrations]
    for older in range(schema, SCHEMA):
        for migrations in (OF_RUNS, *named):
            for migrate in migrations.get(older, ()):
                texts = migrate(texts)
    return texts


def _lines(path: Path) -> tuple[int, dict[str, Token]]:
    """The schema, and the line of each flag."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunDirectoryError(f"{path}: cannot be read ({error})") from error
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
