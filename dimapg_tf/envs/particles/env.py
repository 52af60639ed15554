"""ParticleEnv: turns a task, given as pure functions of planes, into a compiled environment."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from dimapg_tf import seeds
from dimapg_tf.envs.base import Choose, Step
from dimapg_tf.envs.particles import physics
from dimapg_tf.envs.particles.physics import Bodies, ParticleState, Planes
from dimapg_tf.envs.random_play import with_random
from dimapg_tf.types import EnvSpec


class ParticleEnv:
    """Particle worlds of any task.

    Args:
      spec: populations in the order in which the state stacks them.
      settings: the task's settings by name, as `make_env` takes them.
      bodies: radii, accelerations and speed limits.
      integrator: "openai" or "mpe2", see `physics.physics_step`.
      spawn: (generator, num_worlds) -> ParticleState of NumPy float64 arrays.
      observe: Planes -> {population: [O, n, B]}.
      reward: Planes after the step -> {population: [n, B]}.
      measures: ParticleState [T + 1, B, ...] in NumPy -> {name: [B]}.
      players, players_of: scripted ones beside the random ones, see `base.Env`.
      reference: the player whose mean return is 1, where that of random play is 0.
    """

    def __init__(
        self,
        spec: EnvSpec,
        settings: Mapping[str, Any],
        bodies: Bodies,
        integrator: str,
        spawn: Callable[[np.random.Generator, int], ParticleState],
        observe: Callable[[Planes], dict[str, tf.Tensor]],
        reward: Callable[[Planes], dict[str, tf.Tensor]],
        measures: Callable[[ParticleState], dict[str, np.ndarray]],
        players: Mapping[str, Choose] | None = None,
        players_of: Mapping[str, Mapping[str, Choose]] | None = None,
        reference: str | None = None,
    ):
        self.spec = spec
        self.settings = dict(settings)
        self.bodies = bodies
        self.measures = measures
        self.reference = reference
        self.players, self.players_of = with_random(spec, players or {}, players_of or {})
        self.to_planes = physics.to_planes
        self.from_planes = physics.from_planes
        self._integrator = integrator
        self._spawn = spawn
        self._observe = observe
        self._reward = reward

    def reset(
        self, seed: int, num_worlds: int, dtype: tf.DType = tf.float32
    ) -> tuple[ParticleState, dict[str, tf.Tensor]]:
        """Initial states, the same for the same seed, and their observations [B, n, O].

        `step` keeps the dtype: a float64 state makes a float64 episode.
        """
        state = self.initial_state(seed, num_worlds, dtype)
        return state, self.observations(state)

    def initial_state(
        self, seed: int, num_worlds: int, dtype: tf.DType = tf.float32
    ) -> ParticleState:
        """The states of `reset` alone."""
        drawn = self._spawn(seeds.generator(seed), num_worlds)
        return ParticleState(*(tf.constant(values, dtype) for values in drawn))

    def observations(self, state: ParticleState) -> dict[str, tf.Tensor]:
        """What the agents see of any state: {population: [B, n, O]}."""
        return _worlds_first(self.observe(self.to_planes(state)))

    def step(self, state: ParticleState, actions: Mapping[str, Any]) -> Step:
        """One step of all worlds; actions {population: integers [B, n], or real numbers
        [B, n, 5]}. Pure."""
        by_agent, before = {}, self.to_planes(state)
        for name, population in self.spec.populations.items():
            kind = tf.int32 if population.plain else before.x.dtype
            chosen = tf.cast(tf.convert_to_tensor(actions[name]), kind)
            by_agent[name] = tf.transpose(chosen, [1, 0, *range(2, chosen.shape.rank)])
        planes, rewards, alive = self.advance(before, by_agent)
        return Step(
            self.from_planes(planes),
            _worlds_first(self.observe(planes)),
            _worlds_first(rewards),
            _worlds_first(alive),
        )

    def observe(self, planes: Planes) -> dict[str, tf.Tensor]:
        """Observations {population: [n, B, O]}."""
        rows = self._observe(planes)
        c = self.settings.get("observation_squash")
        if c is not None:
            rows = {name: values / (c + tf.abs(values)) for name, values in rows.items()}
        return {name: tf.transpose(values, [1, 2, 0]) for name, values in rows.items()}

    def advance(self, planes: Planes, actions: Mapping[str, tf.Tensor]) -> tuple:
        """(planes, rewards [n, B], alive [n, B]) after actions {population: [n, B, ...]}."""
        stacked = tf.concat([actions[name] for name in self.spec.populations], axis=0)
        planes = physics.physics_step(planes, stacked, self.bodies, self._integrator)
        rewards = self._reward(planes)
        return planes, rewards, {name: tf.ones_like(value) for name, value in rewards.items()}


def _worlds_first(by_population: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """[n, B, ...] -> [B, n, ...] for each population."""
    return {
        name: tf.transpose(values, [1, 0, *range(2, values.shape.rank)])
        for name, values in by_population.items()
    }
