"""Who is sampled in an iteration (line 2 of Algorithm 1), and how they are split into blocks.

The split follows from the settings alone, never from the machines, since what a block computes
depends on its size: XLA chooses the order of a sum by the shapes.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dimapg_tf import seeds
from dimapg_tf.types import EnvSpec

AGENTS = 1  # the stream of random numbers, within an iteration
FOLLOWERS = 2  # and within a rollout


class Block(NamedTuple):
    """Agents of a population that are worked on together; number: of the block, or JOINT's."""

    population: str
    number: int
    agents: tuple[int, ...]


# τ^θ, in which nobody leaves θ: a part of the gradient and of the trust region like a block.
JOINT = Block("", -1, ())


def sample_agents(
    spec: EnvSpec, sampled: Mapping[str, int], seed: int, iteration: int
) -> dict[str, np.ndarray]:
    """Line 2: so many different agents of each population, in ascending order."""
    chosen = {}
    for index, (name, population) in enumerate(spec.populations.items()):
        generator = seeds.generator(seed, iteration, AGENTS, index)
        agents = generator.choice(population.num_agents, sampled[name], replace=False)
        chosen[name] = np.sort(agents)
    return chosen


def with_followers(
    spec: EnvSpec, sampled: Mapping[str, Sequence[int]], followers: int, seed: int
) -> dict[str, np.ndarray]:
    """The sampled agents and so many others of each population, in ascending order.

    seed: of a rollout, whose first two streams are in `seeds`.
    """
    chosen = {}
    for index, (name, population) in enumerate(spec.populations.items()):
        others = np.setdiff1d(np.arange(population.num_agents), sampled[name])
        generator = seeds.generator(seed, FOLLOWERS, index)
        drawn = generator.choice(others, min(followers, len(others)), replace=False)
        chosen[name] = np.sort(np.concatenate([np.asarray(sampled[name]), drawn])).astype(np.int32)
    return chosen


def block_sizes(count: int, block_agents: int | None) -> list[int]:
    """How many of `count` sampled agents are in each block: as equal as can be, at least
    block_agents where there are so many."""
    blocks = max(count // (block_agents or count), 1)
    return [count // blocks + (block < count % blocks) for block in range(blocks)]


def split(sampled: Mapping[str, Sequence[int]], block_agents: int) -> list[Block]:
    """The blocks of all populations, in the order of their agents [N] in ascending order."""
    blocks = []
    for name, agents in sampled.items():
        left = [int(agent) for agent in agents]
        for number, size in enumerate(block_sizes(len(left), block_agents)):
            blocks.append(Block(name, number, tuple(left[:size])))
            left = left[size:]
    return blocks
