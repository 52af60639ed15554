"""Random play, the reference that every environment has."""

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from dimapg_tf.envs.base import Choose
from dimapg_tf.types import Box, Choices, EnvSpec


def random_player(spec: EnvSpec) -> Choose:
    """Every legal action with the same probability; real ones uniform between their bounds."""

    def choose(name, observations, _state, noise):
        population = spec.populations[name]
        if population.plain:
            return (noise.T * population.num_actions).astype(np.int32)
        noise = np.swapaxes(noise, 0, 1)  # [B, n, ...]
        if isinstance(population.space, Box):
            return _within(population.space, noise)
        return _legal(population.space, np.asarray(observations), noise)

    return choose


def _within(space: Box, normal: np.ndarray) -> np.ndarray:
    """From standard normal noise [..., D]; along an axis without a bound, the noise itself."""
    low, high = np.array(space.low), np.array(space.high)
    finite = np.isfinite(high - low)
    width = np.where(finite, high - low, 1.0)
    uniform = np.where(finite, low, 0.0) + width * ndtr(normal)
    return np.where(finite, uniform, np.clip(normal, low, high)).astype(np.float32)


def _legal(space: Choices, observations: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """One of the legal actions of each choice: int32 of the shape of the noise.

    Where no action is legal, as for the dead, all are.
    """
    sizes = space.sizes
    uniform = uniform if len(sizes) > 1 else uniform[..., None]
    legal = np.ones((*uniform.shape[:-1], sum(sizes)), bool)
    if space.masked:
        legal = observations[..., -sum(sizes) :] > 0.5
    actions = np.zeros(uniform.shape, np.int32)
    for d, (start, size) in enumerate(zip(np.cumsum((0, *sizes)), sizes)):
        mask = legal[..., start : start + size]
        mask = mask | ~mask.any(axis=-1, keepdims=True)
        counted = np.cumsum(mask, axis=-1)
        chosen = np.floor(uniform[..., d] * counted[..., -1]).astype(np.int32)
        actions[..., d] = (counted <= chosen[..., None]).sum(axis=-1)
    return actions if len(sizes) > 1 else actions[..., 0]


def with_random(
    spec: EnvSpec,
    players: Mapping[str, Choose],
    players_of: Mapping[str, Mapping[str, Choose]],
) -> tuple[dict[str, Choose], dict[str, dict[str, Choose]]]:
    """The scripted players of `base.Env` with random play before them."""
    random = {"random": random_player(spec)}
    of_each = {name: random | dict(players_of.get(name, {})) for name in spec.populations}
    return random | dict(players), of_each
