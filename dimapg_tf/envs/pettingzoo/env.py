"""Worlds of any PettingZoo environment: the user's own.

Each world is one instance of the environment, stepped from Python. Agents whose names differ only
in the number at the end (`adversary_0`, `adversary_1`) form a population and share a policy, or
those that the user names. Agents may die, leave, join late or come back: they count while they are
there. What an agent does is credited with what it earns until it leaves.
"""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from dimapg_tf import seeds
from dimapg_tf.envs.base import Step
from dimapg_tf.envs.pettingzoo.populations import members_of, population_of
from dimapg_tf.envs.pettingzoo.settings import Settings
from dimapg_tf.envs.pettingzoo.spaces import remark
from dimapg_tf.envs.pettingzoo.user_code import calling
from dimapg_tf.envs.pettingzoo.worlds import World, agents_of, make_world, row_of, rows_of
from dimapg_tf.envs.random_play import with_random
from dimapg_tf.types import ConfigurationError, EnvSpec, WorldError
from dimapg_tf.workers import available_cores

if TYPE_CHECKING:
    from dimapg_tf.envs.pettingzoo.processes import Elsewhere

PETTINGZOO = "pettingzoo"  # whose families of environments need packages of their own


def make(**settings) -> "PettingZooEnv":
    """The environment of `module`; the keywords are those of `Settings`.

    Raises:
      ConfigurationError: there is no such environment, or it cannot be used.
    """
    s = Settings(**settings)
    if not s.module:
        raise ConfigurationError(
            "module = '': name the module that has parallel_env; an environment that was given "
            "from Python is given again: Run(logdir, env=...), load_policy(logdir, env=...)"
        )
    function = _function(s.module)
    arguments = s.keywords()
    try:
        env = PettingZooEnv(
            lambda: function(**arguments), s.horizon, s.module, s.patterns(), s.world_processes
        )
    except WorldError as error:
        raise ConfigurationError(f"{error} (arguments = {s.arguments})") from error
    env.settings = asdict(s)
    return env


def _function(module: str) -> Callable[..., Any]:
    """What makes the environment: parallel_env or env of the module, or its function by name."""
    name, _, function = module.partition(":")
    try:
        with calling(f"module = {module!r}", "importing it"):
            imported = importlib.import_module(name)
    except WorldError as error:
        if error.details and not isinstance(error.__cause__, ModuleNotFoundError):
            print(error.details, file=sys.stderr)
        raise ConfigurationError(
            f"module = {module!r}: cannot be imported ({error}){_install(name, error.__cause__)}"
        ) from error
    for candidate in [function] if function else ["parallel_env", "env"]:
        if callable(getattr(imported, candidate, None)):
            return getattr(imported, candidate)
    raise ConfigurationError(
        f"module = {module!r}: has no function {function or 'parallel_env, nor env'}"
    )


def _install(module: str, error: BaseException | None) -> str:
    """What to do where a package is missing that an environment of PettingZoo's needs."""
    if not module.startswith(f"{PETTINGZOO}.") or not isinstance(error, ModuleNotFoundError):
        return ""
    missing = (error.name or PETTINGZOO).partition(".")[0]
    return "; pip install 'dimapg_tf[worlds]'" if missing != PETTINGZOO else ""


class PettingZooEnv:
    """Worlds of a PettingZoo ParallelEnv, or of an AEC environment that can be converted to one.

    Args:
      factory: makes one world; called once for each world that is rolled out side by side.
      horizon: time steps after which an episode is cut off.
      name: for messages and records.
      populations: {population: names of its agents, in which * stands for anything}.
      world_processes: they step the worlds, bit for bit as one would; 0: one for each core.

    Attributes:
      members: {population: its agents}; present {population: [B, n]}: 1.0 for those who are there,
        after `reset` or the last step.
      remarks: how observations were made into vectors, a line each.

    Raises:
      ConfigurationError: the environment cannot be used; the message names agent and space.
      WorldError: its code failed.
    """

    def __init__(
        self,
        factory: Callable[[], Any],
        horizon: int,
        name: str = "pettingzoo",
        populations: Mapping[str, Sequence[str]] | None = None,
        world_processes: int = 1,
    ):
        self._factory = factory
        first = make_world(factory, name)
        agents = agents_of(first, name)
        self.members: dict[str, list[str]] = members_of(list(agents), populations or {})
        self.agents = agents
        self.settings: dict[str, Any] = {"horizon": horizon}
        of_population = {
            population: population_of(population, {agent: agents[agent] for agent in names})
            for population, names in self.members.items()
        }
        self.spec = EnvSpec(name, of_population, horizon, rollout="host")
        self.remarks = [
            line
            for population, names in self.members.items()
            if (line := remark(names[0], population, agents[names[0]]))
        ]
        self.players, self.players_of = with_random(self.spec, {}, {})
        self.present: dict[str, np.ndarray] = {}
        self.worlds = [World(first, agents, self.members, name)]
        self._count = world_processes or available_cores()
        self._elsewhere: Elsewhere | None = None
        self._running: list[World] | Elsewhere = self.worlds

    def reset(self, seed: int, num_worlds: int) -> tuple[tuple, dict[str, np.ndarray]]:
        """Start `num_worlds` episodes, each with a seed of its own that follows from `seed`."""
        if self._count > 1 and num_worlds > 1:
            rows = self._in_processes().reset(seed, num_worlds)
            self.present = dict(rows.alive)
            return (), dict(rows.observations)
        while len(self.worlds) < num_worlds:
            another = make_world(self._factory, self.spec.name)
            self.worlds.append(World(another, self.agents, self.members, self.spec.name))
        rows = rows_of(self.spec.populations, num_worlds)
        self._running = self.worlds[:num_worlds]
        for index, world in enumerate(self._running):
            world.reset(seeds.derive(seed, index), row_of(rows, index))
        self.present = dict(rows.alive)
        return (), dict(rows.observations)

    def step(self, state: tuple, actions: dict[str, Any]) -> Step:
        """One step of every world that has agents left; actions {population: [B, n, ...]}."""
        chosen = {name: np.asarray(values) for name, values in actions.items()}
        if isinstance(self._running, list):
            rows = rows_of(self.spec.populations, len(self._running))
            for index, world in enumerate(self._running):
                world.step({n: v[index] for n, v in chosen.items()}, row_of(rows, index))
        else:
            rows = self._running.step(chosen)
        self.present = dict(rows.alive)
        return Step((), dict(rows.observations), dict(rows.rewards), dict(rows.alive))

    def vectors(self, observations: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """What agents of one world see, as `Policy.act` takes it: {population: [1, n, O]}.

        observations: by agent, as the environment gives them; zeros for those who are not there.
        """
        seen = rows_of(self.spec.populations, 1).observations
        for population, names in self.members.items():
            for index, agent in enumerate(names):
                if agent in observations:
                    seen[population][0, index] = self.agents[agent].observe(observations[agent])
        return dict(seen)

    def by_agent(self, actions: Mapping[str, Any], agents: Sequence[str]) -> dict[str, Any]:
        """The inverse for actions {population: [1, n, ...]}: {agent: an action of its space}."""
        return {
            agent: self.agents[agent].act(np.asarray(actions[population])[0, index])
            for population, names in self.members.items()
            for index, agent in enumerate(names)
            if agent in agents
        }

    def _in_processes(self) -> "Elsewhere":
        """The worlds of all processes, which are started when first needed."""
        from dimapg_tf.envs.pettingzoo.processes import Elsewhere

        if self._elsewhere is None:
            self._elsewhere = Elsewhere(
                self._factory, self.members, self.spec.populations, self.spec.name, self._count
            )
        self._running = self._elsewhere
        return self._elsewhere

    def rehearse(self) -> list[str]:
        """Try it out before training; see `rehearsal.rehearse`."""
        from dimapg_tf.envs.pettingzoo.rehearsal import rehearse

        return [*self.remarks, *rehearse(self, self._factory)]
