"""Randomness enters as data: every random number is drawn here or by an environment's reset.

TensorFlow's stateless generators give different numbers in eager mode and under XLA for the same
seed, so all numbers are drawn by NumPy outside the compiled part and passed in. A stream is named
by the run's seed and a path such as (iteration, stage), never by how many numbers were drawn
before: a resumed run draws what the unbroken run would have drawn.
"""

import numpy as np

from dimapg_tf.types import Box, EnvSpec, Population

# The two streams of a rollout: initial states, and noise of the actions.
STATES, NOISE = 0, 1


def generator(seed: int, *path: int) -> np.random.Generator:
    """The random stream of this seed and path of non-negative integers."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=path))


def derive(seed: int, *path: int) -> int:
    """A seed of its own for this path, for interfaces that take one integer."""
    return int(np.random.SeedSequence(seed, spawn_key=path).generate_state(1)[0])


def action_noise(spec: EnvSpec, seed: int, num_worlds: int) -> dict[str, np.ndarray]:
    """The noise of every decision, see `noise_of`: {population: float32 [T, n, B, ...]}.

    Always drawn in float32, so that float32 and float64 rollouts of one seed see equal noise.
    Worlds on the host have streams of their own, so that each can be played by itself.
    """
    if not spec.compiled:
        worlds = [world_noise(spec, seed, world) for world in range(num_worlds)]
        return {name: np.stack([w[name] for w in worlds], axis=2) for name in spec.populations}
    return {
        name: noise_of(
            generator(seed, index), population, (spec.horizon, population.num_agents, num_worlds)
        )
        for index, (name, population) in enumerate(spec.populations.items())
    }


def world_noise(spec: EnvSpec, seed: int, world: int) -> dict[str, np.ndarray]:
    """The same for one world on the host: {population: float32 [T, n, ...]}."""
    return {
        name: noise_of(
            generator(seed, index, world), population, (spec.horizon, population.num_agents)
        )
        for index, (name, population) in enumerate(spec.populations.items())
    }


def noise_of(
    generator: np.random.Generator, population: Population, shape: tuple[int, ...]
) -> np.ndarray:
    """What decisions of a population are drawn with: float32 [*shape], or [*shape, D].

    A number in [0, 1) for each choice, standard normal numbers where actions are real.
    """
    shape = (*shape, *population.decisions)
    if isinstance(population.space, Box):
        return generator.standard_normal(shape, dtype=np.float32)
    return generator.random(shape, dtype=np.float32)
