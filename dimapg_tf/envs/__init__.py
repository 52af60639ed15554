"""Environments by name."""

import dataclasses
from pkgutil import resolve_name
from typing import Any, NamedTuple

from dimapg_tf.envs.base import Env
from dimapg_tf.types import ConfigurationError


class EnvironmentKind(NamedTuple):
    """Where an environment is, each part as "module:name" and imported when used.

    settings: a dataclass; its module does without TensorFlow and without the engine, so that
      --help answers at once. make: (**settings) -> Env. migrations: {schema: functions that lift
      the flags of a run of it}, where there are runs from before a setting.
    """

    settings: str
    make: str
    migrations: str = ""


ENVIRONMENTS = {
    "cooperative_navigation": EnvironmentKind(
        "dimapg_tf.envs.particles.settings:CooperativeNavigation",
        "dimapg_tf.envs.particles.cooperative_navigation:make",
        "dimapg_tf.envs.particles.migrations:MIGRATIONS",
    ),
    "survival": EnvironmentKind(
        "dimapg_tf.envs.survival.rules:Settings",
        "dimapg_tf.envs.survival.env:make",
        "dimapg_tf.envs.survival.migrations:MIGRATIONS",
    ),
    "pettingzoo": EnvironmentKind(
        "dimapg_tf.envs.pettingzoo.settings:Settings",
        "dimapg_tf.envs.pettingzoo.env:make",
        "dimapg_tf.envs.pettingzoo.migrations:MIGRATIONS",
    ),
    "predator_prey": EnvironmentKind(
        "dimapg_tf.envs.particles.settings:PredatorPrey",
        "dimapg_tf.envs.particles.predator_prey:make",
        "dimapg_tf.envs.particles.migrations:MIGRATIONS",
    ),
}


def settings_class(name: str) -> type:
    """The dataclass of an environment's settings; raises ConfigurationError for an unknown name."""
    return resolve_name(environment_kind(name).settings)


def make_env(name: str, **settings: Any) -> Env:
    """The environment of this name; settings not given keep their defaults.

    Raises:
      ConfigurationError: for an unknown name or setting, or a value that cannot work.
    """
    known = [field.name for field in dataclasses.fields(settings_class(name))]
    for setting, value in settings.items():
        if setting not in known:
            raise ConfigurationError(
                f"{setting} = {value}: {name} has no such setting; it has {', '.join(known)}"
            )
    return resolve_name(environment_kind(name).make)(**settings)


def environment_kind(name: str) -> EnvironmentKind:
    """Where the environment of this name is; raises ConfigurationError for an unknown one."""
    if name not in ENVIRONMENTS:
        raise ConfigurationError(
            f"env = {name!r}: no such environment; there are {', '.join(ENVIRONMENTS)}"
        )
    return ENVIRONMENTS[name]
