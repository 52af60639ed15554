"""The two protocols that an environment can follow.

`Env` is all a learner needs. `CompiledEnv` adds what lets `rollout` compile a whole episode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dimapg_tf.types import EnvSpec

if TYPE_CHECKING:
    import tensorflow as tf


class Step(NamedTuple):
    """What `Env.step` returns; all but the state are dicts by population.

    observations [B, n, O]; rewards [B, n]; alive [B, n], 1.0 or 0.0.
    """

    state: Any
    observations: dict[str, Any]
    rewards: dict[str, Any]
    alive: dict[str, Any]


class Env(Protocol):
    """Batched worlds of one or more populations.

    A compiled environment is pure: `step` depends on its arguments alone, so any state may be
    passed in. A host environment keeps its worlds to itself and uses `()` as state.
    """

    spec: EnvSpec
    settings: Mapping[str, Any]  # by name, as `make_env` takes them, "horizon" among them

    def reset(self, seed: int, num_worlds: int) -> tuple[Any, dict[str, Any]]:
        """Start `num_worlds` episodes; returns (state, observations {population: [B, n, O]})."""

    def step(self, state: Any, actions: dict[str, Any]) -> Step:
        """One time step; actions {population: integers [B, n]}."""


class GameEnv(Env, Protocol):
    """A host environment of one population whose worlds can be played in worker processes.

    game: ("module:name" of a game's class, its argument); see `dimapg_tf.play`. players: scripted
    ones by name, each "module:name".
    """

    game: tuple[str, Any]
    players: Mapping[str, str]

    def vectors(self, sights: Any) -> Any:
        """Observations [..., O] of what games call `sights`."""


def is_game(env: Env) -> bool:
    """Whether this environment's worlds can be played in worker processes."""
    return hasattr(env, "game")


class CompiledEnv(Env, Protocol):
    """An environment whose episode can be compiled.

    Inside the compiled episode the state lives in a layout of the environment's choice (`planes`),
    and the batch is the last axis.
    """

    def reset(
        self, seed: int, num_worlds: int, dtype: tf.DType = ...
    ) -> tuple[Any, dict[str, Any]]:
        """As `Env.reset`, in floating-point numbers of this type."""

    def initial_state(self, seed: int, num_worlds: int, dtype: tf.DType = ...) -> Any:
        """The state of `reset` alone: compiled episodes make the observations themselves."""

    def to_planes(self, state: Any) -> Any:
        """The state in the layout of the compiled episode."""

    def from_planes(self, planes: Any) -> Any:
        """The inverse of `to_planes`; leading axes, such as time, are kept."""

    def observe(self, planes: Any) -> dict[str, tf.Tensor]:
        """Observations {population: [n, B, O]}."""

    def advance(self, planes: Any, actions: dict[str, tf.Tensor]) -> tuple[Any, dict, dict]:
        """(planes, rewards {population: [n, B]}, alive {population: [n, B]}); actions [n, B]."""

    def measures(self, states: Any) -> dict[str, Any]:
        """The task's own measures of whole episodes: {name: NumPy [B]}; states have [T + 1, ...]"""
