"""Which agents share a policy: by their names, or as the user says."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from dimapg_tf.envs.pettingzoo.spaces import Agent
from dimapg_tf.types import ConfigurationError, Population


def members_of(agents: Sequence[str], patterns: Mapping[str, Sequence[str]]) -> dict:
    """{population: its agents, in their order}.

    Args:
      patterns: {population: names of agents, in which * stands for anything}; where there is none,
        agents whose names differ only in the number at the end belong together.

    Raises:
      ConfigurationError: an agent belongs to no population or to two, or a population is empty.
    """
    members: dict[str, list[str]] = {population: [] for population in patterns}
    for agent in agents:
        if not patterns:
            members.setdefault(_without_number(agent), []).append(agent)
            continue
        fitting = [
            population
            for population, names in patterns.items()
            if any(fnmatchcase(agent, name) for name in names)
        ]
        if len(fitting) != 1:
            which = "no population" if not fitting else f"{' and '.join(fitting)}"
            raise ConfigurationError(
                f"populations: the agent {agent!r} belongs to {which}: must belong to one"
            )
        members[fitting[0]].append(agent)
    for population, names in members.items():
        if not names:
            raise ConfigurationError(
                f"populations: {population!r} = {list(patterns[population])}: no agent has such a "
                f"name; there are {', '.join(agents)}"
            )
    return members


def _without_number(agent: str) -> str:
    """The agent's name without its number, in characters that a checkpoint's keys can have."""
    return re.sub(r"\W", "_", re.sub(r"_?\d+$", "", agent) or agent)


def population_of(name: str, agents: Mapping[str, Agent]) -> Population:
    """What all these agents see and give; raises ConfigurationError where they differ."""
    (first, wanted), *others = agents.items()
    for agent, how in others:
        if how.population != wanted.population:
            raise ConfigurationError(
                f"population {name!r}: {first} has {_spaces(wanted)}, but {agent} has "
                f"{_spaces(how)}: agents of one population must have the same; give others a "
                "population of their own (--populations)"
            )
    return wanted.population._replace(num_agents=len(agents))


def _spaces(how: Agent) -> str:
    return f"observations {how.observation_space} and actions {how.action_space}"
