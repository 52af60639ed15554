"""A run's policy in another world: a team of another size, another arena, any setting of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dimapg_tf.experiment import flags
from dimapg_tf.types import ConfigurationError


def one_run(left: Sequence[str]) -> tuple[str, list[str]]:
    """What is left of a command line as (run directory, settings of its environment as flags).

    Raises:
      ConfigurationError: there is no run directory, or more than one.
    """
    paths = [text for text in left if not text.startswith("-")]
    if len(paths) != 1:
        raise ConfigurationError(f"one run directory is needed, {len(paths)} were given")
    return paths[0], [text for text in left if text.startswith("-")]


def folder(settings: Mapping[str, Any]) -> str:
    """The name of what is kept of a policy there, beside what is kept of its own world."""
    return "_".join(f"{name}_{flags.as_text(value)}" for name, value in sorted(settings.items()))
