"""MADDPG: compiled rollouts fill the replay, compiled updates of all agents follow."""

import math

import numpy as np
import tensorflow as tf

from baselines.maddpg import memory, networks, updates
from baselines.maddpg.replay import Replay, num_bytes
from baselines.maddpg.settings import Settings
from baselines.maddpg.updates import Learned, ReplayBatch
from dimapg_tf import checks, seeds
from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts import collect as rollout
from dimapg_tf.types import ConfigurationError, NonFiniteError, UpdateResult

# Streams of random numbers of one rollout and the updates after it.
ROLLOUT, SAMPLE, NOISE = 0, 1, 2


class MADDPG(tf.Module):
    """Actors and centralized critics of every population, and the replay that they learn from.

    Args:
      env: a compiled environment in which nobody dies.
      settings: hyper-parameters; raises ConfigurationError where they do not fit the environment.
      seed: of the initial networks and of all that is drawn in training.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        super().__init__()
        memory.refuse_what_is_infeasible(env.spec, settings)
        self.env, self.settings, self.seed = env, settings, seed
        state = env.initial_state(0, 1)
        memory.refuse_a_replay_that_does_not_fit(
            num_bytes(env.spec, state, settings.replay_size), settings.replay_size
        )
        self.replay = Replay(env.spec, state, settings.replay_size)
        _check_sizes(settings, self.replay.num_episodes, env.spec.horizon)
        learned = {
            name: updates.start(
                networks.init(
                    seeds.generator(seed, index),
                    env.spec,
                    name,
                    settings.hidden,
                    settings.share_parameters,
                    critic=settings.critic,
                )
            )
            for index, name in enumerate(env.spec.populations)
        }
        self._structure = learned
        flat = {
            name: [tf.Variable(value) for value in tf.nest.flatten(population_state)]
            for name, population_state in learned.items()
        }
        actors = {
            name: len(tf.nest.flatten(population_state.networks.actor))
            for name, population_state in learned.items()
        }
        self.variables_of = {name: values[: actors[name]] for name, values in flat.items()}
        self.others_of = {name: values[actors[name] :] for name, values in flat.items()}
        self.num_updates = tf.Variable(0, dtype=tf.int64)

    def update(self, iteration: int) -> UpdateResult:
        """`rollouts` times: B episodes into the replay, then the updates that are due.

        Deterministic in (settings, seed, iteration, the learner's variables and replay).

        Raises:
          NonFiniteError: a return, loss or gradient is not finite; the learner is as it was.
        """
        s = self.settings
        before = self.replay.before(s.rollouts * s.worlds)
        learned, done = self._learned(), int(self.num_updates)
        collected, sums = [], []
        for index in range(s.rollouts):
            collected.append(self._collect(learned, iteration, index))
            due = self._due(iteration, index)
            if due:
                counts = tf.constant(done), tf.constant(due)
                batches = self._draw(iteration, index)
                learned, measures = updates.learn(learned, *counts, batches, self.env, s)
                sums.append(measures)
                done += due
        returns = {name: np.concatenate([r[name] for r in collected], axis=1) for name in learned}
        values = _means(sums, done - int(self.num_updates), learned)
        try:
            _check_finite(iteration, returns, values if sums else {})
        except NonFiniteError:
            self.replay.go_back(before)
            raise
        for name, population_state in learned.items():
            for variable, value in zip(self._flat(name), tf.nest.flatten(population_state)):
                variable.assign(value)
        self.num_updates.assign(done)
        episodes = s.rollouts * s.worlds
        env_steps = episodes * self.env.spec.horizon  # nobody dies
        agents = sum(p.num_agents for p in self.env.spec.populations.values())
        return UpdateResult(episodes, env_steps, env_steps * agents, returns, values)

    def _due(self, iteration: int, index: int) -> int:
        """Updates after this rollout: one for every `steps_per_update` time steps of a world."""
        s = self.settings
        if self.replay.transitions < s.learning_starts:
            return 0
        steps = s.worlds * self.env.spec.horizon
        earlier = (iteration * s.rollouts + index) * steps
        return (earlier + steps) // s.steps_per_update - earlier // s.steps_per_update

    def _flat(self, name: str) -> list[tf.Variable]:
        return [*self.variables_of[name], *self.others_of[name]]

    def _learned(self) -> dict[str, Learned]:
        """The variables' values, by population."""
        return {
            name: tf.nest.pack_sequence_as(
                population_state, [v.read_value() for v in self._flat(name)]
            )
            for name, population_state in self._structure.items()
        }

    def _collect(
        self, learned: dict[str, Learned], iteration: int, index: int
    ) -> dict[str, np.ndarray]:
        """B episodes with the actors of now into the replay; returns [n, B] by population.

        The actors' own randomness explores: a draw from the softmax is the largest logit with
        Gumbel noise, the original's way to act.
        """
        thetas = {
            name: population_state.networks.actor for name, population_state in learned.items()
        }
        seed = seeds.derive(self.seed, iteration, index, ROLLOUT)
        trajectories, states, _ = rollout.roll_out(
            self.env, thetas, seed, self.settings.worlds, record_states=True
        )
        for name, trajectory in trajectories.items():
            if not trajectory.alive.numpy().all():
                raise ConfigurationError(
                    f"env = {self.env.spec.name}: agents of {name!r} die in it, and MADDPG is for "
                    "episodes that nobody leaves"
                )
        self.replay.add(trajectories, states)
        return {name: t.rewards.numpy().sum(axis=2) for name, t in trajectories.items()}

    def _draw(self, iteration: int, index: int) -> ReplayBatch:
        """Data for as many updates as can be due after a rollout, [K, ...]."""
        s, spec = self.settings, self.env.spec
        path = (iteration, index)
        largest = -(-s.worlds * spec.horizon // s.steps_per_update)
        drawn = self.replay.sample(
            seeds.generator(self.seed, *path, SAMPLE), (largest, s.batch_size)
        )
        noise = {}
        for i, (name, p) in enumerate(spec.populations.items()):
            generator = seeds.generator(self.seed, *path, NOISE, i)
            shape = (largest, 2, p.num_agents, s.batch_size, p.num_actions)
            noise[name] = generator.random(shape, dtype=np.float32)
        return tf.nest.map_structure(tf.constant, ReplayBatch(*drawn, noise))


def _check_sizes(s: Settings, num_episodes: int, horizon: int) -> None:
    """Raise ConfigurationError where the replay is too small for what is to be done with it."""
    holds = f"a replay of replay_size = {s.replay_size} holds {num_episodes} episodes of {horizon}"
    if s.worlds > num_episodes:
        raise ConfigurationError(f"worlds = {s.worlds}: too many, {holds}")
    if s.learning_starts > num_episodes * horizon:
        raise ConfigurationError(f"learning_starts = {s.learning_starts}: never reached, {holds}")


def _means(sums: list, num_updates: int, names) -> dict[str, dict[str, float]]:
    """Means over the updates of an iteration; not a number as long as there was none."""
    means = {}
    for name in names:
        means[name] = {
            measure: sum(float(s[name][measure]) for s in sums) / num_updates
            if num_updates
            else math.nan
            for measure in updates.MEASURES
        }
    return means


def _check_finite(iteration: int, returns: dict, values: dict) -> None:
    for name, array in returns.items():
        checks.all_finite(iteration, {name: {"a return": array.sum(), **values.get(name, {})}})
