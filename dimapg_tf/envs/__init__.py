"""Environments by name."""

import dataclasses
import importlib
from typing import Any

from dimapg_tf.envs.base import Env
from dimapg_tf.types import ConfigurationError

# Imported when asked for; a module imports its engine where it makes a world.
ENVIRONMENTS = {
    "cooperative_navigation": "dimapg_tf.envs.particles.cooperative_navigation",
    "survival": "dimapg_tf.envs.survival",
    "pettingzoo": "dimapg_tf.envs.pettingzoo",
    "predator_prey": "dimapg_tf.envs.particles.predator_prey",
}


def settings_class(name: str) -> type:
    """The dataclass of an environment's settings."""
    return _module(name).Settings


def make_env(name: str, **settings: Any) -> Env:
    """The environment of this name; settings not given keep their defaults.

    Raises:
      ConfigurationError: for an unknown name or setting, or a value that cannot work.
    """
    module = _module(name)
    known = [field.name for field in dataclasses.fields(module.Settings)]
    for setting, value in settings.items():
        if setting not in known:
            raise ConfigurationError(
                f"{setting} = {value}: {name} has no such setting; it has {', '.join(known)}"
            )
    return module.make(**settings)


def _module(name: str):
    if name not in ENVIRONMENTS:
        raise ConfigurationError(
            f"env = {name!r}: no such environment; there are {', '.join(ENVIRONMENTS)}"
        )
    return importlib.import_module(ENVIRONMENTS[name])
