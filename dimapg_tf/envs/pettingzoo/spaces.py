"""Spaces of Gymnasium as the numbers that a policy sees and gives."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from gymnasium.spaces.utils import flatdim, flatten

from dimapg_tf.types import Box, Choices, ConfigurationError, Population

MASK = "action_mask"  # PettingZoo's name for it in a dict observation
IMAGE_MAX = 255.0


class Agent(NamedTuple):
    """How one agent is seen and moved.

    population: what its policy sees and gives, for a single agent. observe: an observation of the
    environment -> float32 [O], the mask last; act: an action [] or [D] -> one of the environment.
    observation_space, action_space: the environment's own.
    """

    population: Population
    observe: Callable[[Any], np.ndarray]
    act: Callable[[Any], Any]
    observation_space: spaces.Space
    action_space: spaces.Space


def agent_of(name: str, observation_space: spaces.Space, action_space: spaces.Space) -> Agent:
    """How the agent of this name is seen and moved; raises ConfigurationError."""
    outputs, space, act = _actions(name, action_space)
    seen, masked = observation_space, False
    if isinstance(seen, spaces.Dict) and MASK in seen.spaces:
        masked = True
        seen = spaces.Dict({key: s for key, s in seen.spaces.items() if key != MASK})
        _check_mask(name, observation_space[MASK], outputs, space)
        if len(seen.spaces) == 1:
            (seen,) = seen.spaces.values()
    if masked:
        space = Choices((outputs,) if space is None else space.sizes, masked=True)
    size = _size(name, seen)
    kept = None if not masked else [key for key in observation_space.spaces if key != MASK]

    def observe(observation: Any) -> np.ndarray:
        if kept is None:
            return _flat(seen, observation)
        mask = np.asarray(observation[MASK], np.float32).ravel()
        rest = {key: observation[key] for key in kept}
        rest = rest if isinstance(seen, spaces.Dict) else rest[kept[0]]
        return np.concatenate([_flat(seen, rest), mask])

    size += outputs if masked else 0
    population = Population(1, size, outputs, space)
    return Agent(population, observe, act, observation_space, action_space)


def _actions(name: str, space: spaces.Space) -> tuple[int, Choices | Box | None, Callable]:
    """(outputs of the network, the space as a policy knows it, action -> the environment's)."""
    if isinstance(space, spaces.Discrete):
        return int(space.n), None, lambda action: int(action) + int(space.start)
    if isinstance(space, spaces.MultiDiscrete):
        sizes = tuple(int(size) for size in space.nvec.ravel())
        start = np.broadcast_to(getattr(space, "start", 0), space.shape)

        def several(action):
            return (np.reshape(action, space.shape) + start).astype(space.dtype)

        return sum(sizes), Choices(sizes), several
    if isinstance(space, spaces.Box) and np.issubdtype(space.dtype, np.floating):
        low, high = (tuple(map(float, bound.ravel())) for bound in (space.low, space.high))

        def real(action):
            shaped = np.reshape(np.asarray(action, space.dtype), space.shape)
            return np.clip(shaped, space.low, space.high)

        return len(low), Box(low, high), real
    raise ConfigurationError(
        f"{name}: action space {space}: must be Discrete, MultiDiscrete or a Box of real numbers"
    )


def _check_mask(name: str, mask: spaces.Space, outputs: int, space: Choices | Box | None) -> None:
    if isinstance(space, Box):
        raise ConfigurationError(f"{name}: an {MASK} with real-valued actions means nothing")
    if mask.shape is None or int(np.prod(mask.shape)) != outputs:
        raise ConfigurationError(
            f"{name}: the {MASK} has the shape {mask.shape}: must be ({outputs},), a number for "
            "each action"
        )


def _size(name: str, space: spaces.Space) -> int:
    """How many numbers an observation has; raises ConfigurationError where it is not fixed."""
    if not _fixed(space):
        raise ConfigurationError(
            f"{name}: observation space {space}: must be made of Box, Discrete, MultiDiscrete and "
            "MultiBinary, in a Dict or Tuple or by itself"
        )
    size = int(flatdim(space))
    if size == 0:
        raise ConfigurationError(f"{name}: observation space {space}: has no numbers")
    return size


def _fixed(space: spaces.Space) -> bool:
    """Whether it always has the same number of numbers."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return all(map(_fixed, parts))
    numbers = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
    return isinstance(space, numbers)


def _flat(space: spaces.Space, value: Any) -> np.ndarray:
    """An observation as float32 [O]; bytes, as of images, become numbers between 0 and 1."""
    if isinstance(space, spaces.Box):
        row = np.asarray(value, np.float32).ravel()
        return row / np.float32(IMAGE_MAX) if space.dtype == np.uint8 else row
    if isinstance(space, spaces.Dict):
        return np.concatenate([_flat(s, value[key]) for key, s in space.spaces.items()])
    if isinstance(space, spaces.Tuple):
        return np.concatenate([_flat(s, v) for s, v in zip(space.spaces, value)])
    return np.asarray(flatten(space, value), np.float32)


def remark(agent: str, population: str, how: Agent) -> str | None:
    """One line that says what was done to an observation; None where it was a vector already."""
    space, size = how.observation_space, how.population.observation_size
    if isinstance(space, spaces.Box) and len(space.shape) == 1 and space.dtype != np.uint8:
        return None
    kind = f"{type(space).__name__} {space.shape or ''} {space.dtype or ''}"
    done = f"flattened to {size} numbers"
    if isinstance(space, spaces.Box) and space.dtype == np.uint8:
        done += ", bytes divided by 255"
    if isinstance(how.population.space, Choices) and how.population.space.masked:
        done += f", the {how.population.num_actions} of its {MASK} last"
    return f"population {population!r} ({agent}): {' '.join(kind.split())} {done}"
