"""The two protocols that an environment can follow.

`Env` is all a learner needs. `CompiledEnv` adds what lets `rollout` compile a whole episode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


Choose = Callable[[str, Any, Any, Any], Any]
"""Who decides for a population: (population, observations [B, n, O], state, noise [n, B, ...])
-> actions [B, n, ...], as `rollouts.host.host_steps` calls it."""


class Env(Protocol):
    """Batched worlds of one or more populations.

    players: scripted ones that all populations follow at once, by name; players_of: those of each
    population by itself. Of a game a player is "module:name", else a `Choose`.

    A compiled environment is pure: `step` depends on its arguments alone, so any state may be
    passed in. A host environment keeps its worlds to itself and uses `()` as state.
    """

    spec: EnvSpec
    settings: Mapping[str, Any]  # by name, as `make_env` takes them, "horizon" among them
    players: Mapping[str, Any]
    players_of: Mapping[str, Mapping[str, Choose]]

    def reset(self, seed: int, num_worlds: int) -> tuple[Any, dict[str, Any]]:
        """Start `num_worlds` episodes; returns (state, observations {population: [B, n, O]})."""

    def step(self, state: Any, actions: dict[str, Any]) -> Step:
        """One time step; actions {population: integers [B, n], of several decisions [B, n, D]}.

        Real ones are clipped at the bounds of their space here."""


class GameEnv(Env, Protocol):
    """A host environment of one population whose worlds can be played in worker processes.

    game: ("module:name" of a game's class, its argument); see `dimapg_tf.rollouts.games`.
    """

    game: tuple[str, Any]

    def vectors(self, sights: Any) -> Any:
        """Observations [..., O] of what games call `sights`."""


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
        """(planes, rewards {population: [n, B]}, alive {population: [n, B]}) after actions
        [n, B, ...]."""

    def measures(self, states: Any) -> dict[str, Any]:
        """The task's own measures of whole episodes: {name: NumPy [B]}; states have [T + 1, ...]"""
