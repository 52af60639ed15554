"""Settings: how they are described; checks of them and of measures, with one wording for all."""

import dataclasses
import math
import os
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from dimapg_tf.types import ConfigurationError, NonFiniteError


def setting(default: Any, text: str, runs_code: bool = False) -> Any:
    """A field of a Settings dataclass; `text` explains it, also as the help of its flag.

    runs_code: whether its value names code that is run; from a file it has to be trusted.
    """
    return dataclasses.field(default=default, metadata={"help": text, "runs_code": runs_code})


def at_least(name: str, value: int, minimum: int) -> None:
    """Raise ConfigurationError unless `value` is a whole number of at least `minimum`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
        raise ConfigurationError(f"{name} = {value}: must be a whole number of at least {minimum}")


def at_most(name: str, value: int, maximum: int) -> None:
    """Raise ConfigurationError if `value` is above `maximum`."""
    if value > maximum:
        raise ConfigurationError(f"{name} = {value}: must be at most {maximum}")


def positive(name: str, value: float, infinite: bool = False) -> None:
    """Raise ConfigurationError unless `value` is above zero (and finite, unless allowed)."""
    if not value > 0 or (math.isinf(value) and not infinite):
        also = "" if infinite else " and finite"
        raise ConfigurationError(f"{name} = {value}: must be above 0{also}")


def not_negative(name: str, value: float) -> None:
    """Raise ConfigurationError unless `value` is zero or more, and finite."""
    if not 0 <= value < math.inf:
        raise ConfigurationError(f"{name} = {value}: must be 0 or more")


def between(name: str, value: float, low: float, high: float) -> None:
    """Raise ConfigurationError unless low <= value <= high."""
    if not low <= value <= high:
        raise ConfigurationError(f"{name} = {value}: must lie between {low} and {high}")


def one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise ConfigurationError unless `value` is one of the choices."""
    if value not in choices:
        raise ConfigurationError(f"{name} = {value!r}: must be one of {', '.join(choices)}")


def path(name: str, value: str | os.PathLike) -> Path:
    """A path that the user gave, with ~ as the home directory; raises ConfigurationError."""
    text = os.fspath(value)
    if not text or "\0" in text:
        raise ConfigurationError(f"{name} = {text!r}: must be a path")
    return Path(os.path.expanduser(text))


def all_finite(iteration: int, measures: Mapping[str, Mapping[str, float]]) -> None:
    """Raise NonFiniteError unless all of {population: {measure: value}} are finite numbers."""
    for population, values in measures.items():
        for name, value in values.items():
            if not math.isfinite(value):
                raise NonFiniteError(
                    f"iteration {iteration}: {name} of the population {population!r} is {value}"
                )
