"""Any PettingZoo ParallelEnv with discrete actions as an environment of ours: the user's own.

Each world is one instance of the environment, stepped from Python. Agents whose names differ only
in the number at the end (`adversary_0`, `adversary_1`) form a population and share a policy.
"""

import importlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dimapg_tf import checks, seeds
from dimapg_tf.checks import setting
from dimapg_tf.envs.base import Step
from dimapg_tf.envs.random_play import with_random
from dimapg_tf.types import ConfigurationError, EnvSpec, Population


@dataclass(frozen=True)
class Settings:
    """Settings of an environment of the user's own, all of them flags as well."""

    module: str = setting("", "module with a function parallel_env, such as mpe2.simple_spread_v3")
    arguments: str = setting("{}", 'arguments of parallel_env in JSON, such as {"N": 3}')
    horizon: int = setting(200, "time steps after which an episode is cut off")

    def __post_init__(self):
        checks.at_least("horizon", self.horizon, 1)


def make(**settings) -> "PettingZooEnv":
    """The environment of `module`; the keywords are those of `Settings`."""
    s = Settings(**settings)
    if not s.module:
        raise ConfigurationError("module = '': name the module that has parallel_env")
    try:
        module = importlib.import_module(s.module)
    except ImportError as error:
        raise ConfigurationError(f"module = {s.module!r}: cannot be imported ({error})") from error
    if not hasattr(module, "parallel_env"):
        raise ConfigurationError(f"module = {s.module!r}: has no function parallel_env")
    try:
        arguments = json.loads(s.arguments)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"arguments = {s.arguments!r}: not JSON ({error})") from error
    if not isinstance(arguments, dict):
        raise ConfigurationError(f"arguments = {s.arguments!r}: must be a JSON object")
    try:
        env = PettingZooEnv(lambda: module.parallel_env(**arguments), s.horizon, name=s.module)
    except ConfigurationError:
        raise
    except Exception as error:  # whatever the user's environment raises
        raise ConfigurationError(
            f"arguments = {s.arguments!r}: {s.module} refuses them ({error})"
        ) from error
    env.settings = asdict(s)
    return env


def _population_of(agent: str) -> str:
    """The agent's name without its number, in characters that a checkpoint's keys can have."""
    return re.sub(r"\W", "_", re.sub(r"_?\d+$", "", agent) or agent)


class PettingZooEnv:
    """Worlds of a PettingZoo ParallelEnv.

    Args:
      factory: makes one world; called once for each world that is rolled out side by side.
      horizon: time steps after which an episode is cut off.
      name: for messages and records.

    Raises:
      ConfigurationError: if agents of a population differ in their spaces, or actions are not
        discrete.
    """

    def __init__(self, factory: Callable[[], Any], horizon: int, name: str = "pettingzoo"):
        self._factory = factory
        self._worlds = [factory()]
        self.settings: dict[str, Any] = {"horizon": horizon}
        self.members: dict[str, list[str]] = {}
        for agent in self._worlds[0].possible_agents:
            self.members.setdefault(_population_of(agent), []).append(agent)
        populations = {
            population: Population(len(agents), *self._sizes(population, agents))
            for population, agents in self.members.items()
        }
        self.spec = EnvSpec(name, populations, horizon, rollout="host")
        self.players, self.players_of = with_random(self.spec, {}, {})
        self._alive: dict[str, np.ndarray] = {}

    def _sizes(self, population: str, agents: list[str]) -> tuple[int, int]:
        """(observation_size, num_actions), the same for all agents of the population."""
        from gymnasium.spaces import Discrete

        sizes = set()
        for agent in agents:
            actions = self._worlds[0].action_space(agent)
            if not isinstance(actions, Discrete):
                raise ConfigurationError(f"{agent}: action space {actions} is not discrete")
            shape = self._worlds[0].observation_space(agent).shape
            if shape is None:
                raise ConfigurationError(f"{agent}: observations are not arrays")
            sizes.add((int(np.prod(shape)), int(actions.n)))
        if len(sizes) > 1:
            raise ConfigurationError(
                f"population {population!r}: its agents differ in (observation size, actions): "
                f"{sorted(sizes)}; give agents with spaces of their own another name"
            )
        return sizes.pop()

    def reset(self, seed: int, num_worlds: int) -> tuple[tuple, dict[str, np.ndarray]]:
        """Start `num_worlds` episodes, each with a seed of its own that follows from `seed`."""
        while len(self._worlds) < num_worlds:
            self._worlds.append(self._factory())
        self._running = self._worlds[:num_worlds]
        seen = [
            world.reset(seed=seeds.derive(seed, index))[0]
            for index, world in enumerate(self._running)
        ]
        for world in self._running:
            missing = set(world.possible_agents) - set(world.agents)
            if missing:
                raise ConfigurationError(
                    f"{self.spec.name}: {', '.join(sorted(missing))} not there at the start of an "
                    "episode; agents that join later are not supported"
                )
        self._alive = {
            name: np.ones((num_worlds, p.num_agents), np.float32)
            for name, p in self.spec.populations.items()
        }
        return (), self._gather_observations(seen)

    def step(self, state: tuple, actions: dict[str, Any]) -> Step:
        """One step of every world that has agents left; actions {population: [B, n]}."""
        rewards = {name: np.zeros_like(alive) for name, alive in self._alive.items()}
        seen = []
        for b, world in enumerate(self._running):
            if not world.agents:
                seen.append({})
                continue
            chosen = {
                agent: int(actions[name][b][i]) + int(world.action_space(agent).start)
                for name, agents in self.members.items()
                for i, agent in enumerate(agents)
                if agent in world.agents
            }
            observations, reward, *_ = world.step(chosen)
            seen.append(observations)
            for name, agents in self.members.items():
                for i, agent in enumerate(agents):
                    rewards[name][b, i] = reward.get(agent, 0.0)
                    self._alive[name][b, i] = agent in world.agents
        alive = {name: values.copy() for name, values in self._alive.items()}
        return Step((), self._gather_observations(seen), rewards, alive)

    def _gather_observations(self, seen: list[dict[str, Any]]) -> dict[str, np.ndarray]:
        """{population: float32 [B, n, O]}; zeros for agents that are gone."""
        gathered = {}
        for name, population in self.spec.populations.items():
            rows = np.zeros(
                (len(seen), population.num_agents, population.observation_size), np.float32
            )
            for b, observations in enumerate(seen):
                for i, agent in enumerate(self.members[name]):
                    if agent in observations:
                        rows[b, i] = np.ravel(observations[agent])
            gathered[name] = rows
        return gathered
