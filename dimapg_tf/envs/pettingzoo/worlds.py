"""One world: an instance of the user's environment, as rows of numbers."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dimapg_tf.envs.pettingzoo.spaces import MASK, Agent, agent_of
from dimapg_tf.envs.pettingzoo.user_code import calling
from dimapg_tf.types import Choices, ConfigurationError, Population, WorldError


class Rows(NamedTuple):
    """Where a world writes what came of a step, each {population: array}: observations [n, O];
    rewards and alive [n]. What belongs to agents who are not there is 0."""

    observations: Mapping[str, np.ndarray]
    rewards: Mapping[str, np.ndarray]
    alive: Mapping[str, np.ndarray]


def rows_of(populations: Mapping[str, Population], *leading: int) -> Rows:
    """Rows of zeros; with leading axes, of several worlds."""
    shapes = {name: (*leading, p.num_agents) for name, p in populations.items()}
    return Rows(
        {
            name: np.zeros((*shapes[name], p.observation_size), np.float32)
            for name, p in populations.items()
        },
        {name: np.zeros(shape, np.float32) for name, shape in shapes.items()},
        {name: np.zeros(shape, np.float32) for name, shape in shapes.items()},
    )


def row_of(rows: Rows, world: int) -> Rows:
    """Those of one world of several, sharing their memory."""
    return Rows(*({name: values[world] for name, values in part.items()} for part in rows))


def make_world(factory: Callable[[], Any], name: str) -> Any:
    """An instance of the user's environment; AEC ones through PettingZoo's own conversion."""
    from pettingzoo import AECEnv
    from pettingzoo.utils.conversions import aec_to_parallel

    with calling(name, "making it"):
        env = factory()
    if isinstance(env, AECEnv):
        if not getattr(env, "metadata", {}).get("is_parallelizable", False):
            raise ConfigurationError(
                f"{name}: its agents act in turns (AEC, not marked is_parallelizable): must be a "
                "ParallelEnv, or convertible to one by PettingZoo's aec_to_parallel"
            )
        with calling(name, "converting it by aec_to_parallel"):
            env = aec_to_parallel(env)
    for needed in ("reset", "step", "action_space", "observation_space"):
        if not callable(getattr(env, needed, None)):
            raise ConfigurationError(
                f"{name}: {type(env).__name__} has no {needed}(): must be a PettingZoo ParallelEnv"
            )
    return env


def agents_of(env: Any, name: str) -> dict[str, Agent]:
    """How each possible agent is seen and moved; raises ConfigurationError."""
    possible = getattr(env, "possible_agents", None)
    if not possible:
        raise ConfigurationError(
            f"{name}: possible_agents = {possible!r}: must be a list of the names of all agents"
        )
    agents = {}
    for agent in possible:
        if not isinstance(agent, str):
            raise ConfigurationError(f"{name}: agent {agent!r}: names of agents must be strings")
        with calling(name, f"the spaces of {agent}"):
            spaces = env.observation_space(agent), env.action_space(agent)
        agents[agent] = agent_of(f"{name}: {agent}", *spaces)
    return agents


class World:
    """An instance of a user's environment.

    Args:
      env: it, a ParallelEnv; agents: how each is seen and moved; members: {population: agents}.
      name: for messages.

    Attributes:
      steps: of this episode; present: the agents who are there; observations: the last ones, as
        the environment gave them.
    """

    def __init__(
        self, env: Any, agents: Mapping[str, Agent], members: Mapping[str, list[str]], name: str
    ):
        self._env, self._agents, self._members, self._name = env, agents, members, name
        self._place = {
            agent: (population, index)
            for population, names in members.items()
            for index, agent in enumerate(names)
        }
        self.steps = 0
        self.present: tuple[str, ...] = ()
        self.observations: Mapping[str, Any] = {}

    def reset(self, seed: int, rows: Rows) -> None:
        """Start an episode."""
        self.steps = 0
        with calling(self._name, f"reset(seed={seed})"):
            result = self._env.reset(seed=seed)
        if not isinstance(result, tuple) or len(result) != 2:
            raise WorldError(
                f"{self._name}: reset returned {_short(result)}: must be (observations, infos), "
                "two dicts by agent (PettingZoo 1.24 or later)"
            )
        self._read(result[0], {}, {}, {}, rows)
        if not self.present:
            raise WorldError(f"{self._name}: after reset there is no agent: agents = []")

    def step(self, actions: Mapping[str, np.ndarray], rows: Rows) -> None:
        """One step of those who are there; actions {population: [n, ...]}."""
        if not self.present:
            for part in rows:
                for values in part.values():
                    values[...] = 0.0
            return
        chosen = {}
        for agent in self.present:
            population, index = self._place[agent]
            chosen[agent] = self._agents[agent].act(actions[population][index])
        self.steps += 1
        with calling(self._name, f"step {self.steps}"):
            result = self._env.step(chosen)
        if not isinstance(result, tuple) or len(result) != 5:
            raise WorldError(
                f"{self._where()}: step returned {_short(result)}: must be (observations, rewards, "
                "terminations, truncations, infos), dicts by agent"
            )
        self._read(*result[:4], rows)

    def _read(self, observations, rewards, terminations, truncations, rows: Rows) -> None:
        """Write what the environment returned into the rows."""
        for what, values in (("observations", observations), ("rewards", rewards)):
            if not isinstance(values, dict):
                raise WorldError(
                    f"{self._where()}: {what} = {_short(values)}: must be a dict by agent"
                )
        acted, self.present = (
            self.present if self.steps else (),
            self._living(terminations, truncations),
        )
        self.observations = observations
        for part in rows:
            for values in part.values():
                values[...] = 0.0
        for agent in acted:
            population, index = self._place[agent]
            rows.rewards[population][index] = self._reward(agent, rewards.get(agent, 0.0))
        for agent in self.present:
            population, index = self._place[agent]
            if agent not in observations:
                raise WorldError(f"{self._where()}: {agent} has no observation")
            rows.observations[population][index] = self._observation(agent, observations[agent])
            rows.alive[population][index] = 1.0

    def _living(self, terminations: Any, truncations: Any) -> tuple[str, ...]:
        unknown = [agent for agent in self._env.agents if agent not in self._place]
        if unknown:
            raise WorldError(
                f"{self._where()}: the agent {unknown[0]!r} is not among possible_agents, so its "
                "spaces are not known"
            )
        return tuple(
            agent
            for agent in self._env.agents
            if not (terminations.get(agent, False) or truncations.get(agent, False))
        )

    def _reward(self, agent: str, reward: Any) -> float:
        try:
            value = float(reward)
        except (TypeError, ValueError):
            value = np.nan
        if not np.isfinite(value):
            raise WorldError(
                f"{self._where()}: the reward of {agent} is {_short(reward)}: must be a finite "
                "number"
            )
        return value

    def _observation(self, agent: str, observation: Any) -> np.ndarray:
        """float32 [O]; raises WorldError unless it is finite numbers of the right shape."""
        how = self._agents[agent]
        wanted = how.observation_space.shape
        got = None if isinstance(observation, (dict, tuple)) else np.shape(observation)
        if wanted is not None and got != wanted:
            raise WorldError(
                f"{self._where()}: the observation of {agent} has the shape {got}: must be {wanted}"
            )
        try:
            row = how.observe(observation)
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise WorldError(
                f"{self._where()}: the observation of {agent} is {_short(observation)}, not of "
                f"{how.observation_space} ({error})"
            ) from None
        if row.shape != (how.population.observation_size,):
            raise WorldError(
                f"{self._where()}: the observation of {agent} has {row.size} numbers: must be "
                f"{how.population.observation_size}, of {how.observation_space}"
            )
        if not np.isfinite(row).all():
            index = int(np.flatnonzero(~np.isfinite(row))[0])
            raise WorldError(
                f"{self._where()}: number {index} of the observation of {agent} is {row[index]}: "
                "must be finite"
            )
        self._check_mask(agent, how, row)
        return row

    def _check_mask(self, agent: str, how: Agent, row: np.ndarray) -> None:
        space = how.population.space
        if not isinstance(space, Choices) or not space.masked:
            return
        mask = row[-sum(space.sizes) :]
        for part in np.split(mask, np.cumsum(space.sizes)[:-1]):
            if not (part > 0.5).any():
                raise WorldError(f"{self._where()}: the {MASK} of {agent} has no legal action")

    def _where(self) -> str:
        return f"{self._name}: {f'step {self.steps}' if self.steps else 'reset'}"


def _short(value: Any) -> str:
    """What it is in a few words, for a message of one line."""
    text = " ".join(repr(value).split())
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
