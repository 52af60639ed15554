"""The settings of an environment of the user's own, checked when they are made."""

import json
from dataclasses import dataclass
from typing import Any

from dimapg_tf import checks
from dimapg_tf.checks import setting
from dimapg_tf.types import ConfigurationError


@dataclass(frozen=True)
class Settings:
    """Settings of an environment of the user's own, all of them flags as well."""

    module: str = setting(
        "",
        "module with a function parallel_env or, of an AEC environment, env, such as "
        "mpe2.simple_spread_v3; or module:function",
        runs_code=True,
    )
    arguments: str = setting("{}", 'arguments of that function in JSON, such as {"N": 3}')
    populations: str = setting(
        "{}",
        'which agents share a policy, in JSON, such as {"team": ["red_*", "blue_0"]}; by default '
        "those whose names differ in the number at the end alone",
    )
    world_processes: int = setting(
        1, "processes that step the worlds, bit for bit as one does; 0: one for each core"
    )
    horizon: int = setting(200, "time steps after which an episode is cut off")

    def __post_init__(self):
        checks.at_least("horizon", self.horizon, 1)
        checks.at_least("world_processes", self.world_processes, 0)
        self.keywords()
        self.patterns()

    def keywords(self) -> dict[str, Any]:
        """The arguments of the environment; raises ConfigurationError."""
        return _object("arguments", self.arguments)

    def patterns(self) -> dict[str, list[str]]:
        """{population: patterns of the names of its agents}; raises ConfigurationError."""
        patterns = _object("populations", self.populations)
        for population, names in patterns.items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ConfigurationError(
                    f"populations = {self.populations!r}: {population} must be a list of names of "
                    "agents, in which * stands for anything"
                )
            if not population.isidentifier():
                raise ConfigurationError(
                    f"populations = {self.populations!r}: {population!r} must be letters, digits "
                    "and underscores"
                )
        return patterns


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{name} = {text!r}: not JSON ({error})") from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"{name} = {text!r}: must be a JSON object")
    return value
