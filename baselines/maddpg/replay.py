"""The replay: the last transitions, as states of the world, in memory that is allocated once.

What agents observe is a function of the state, so the states are kept and the observations are
made anew for each batch: at N = 10 a seventh of the memory. Whole episodes are kept, so that a
state is both the end of one transition and the start of the next.
"""

import io
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf.types import ConfigurationError, EnvSpec, Trajectory


class Transitions(NamedTuple):
    """Batches [K, M] of transitions, in NumPy.

    states and next_states: the structure of the world's state, [K, M, ...]; actions
    {population: unsigned integers [K, M, n]}; rewards {population: float32 [K, M, n]}.
    """

    states: Any
    next_states: Any
    actions: dict[str, np.ndarray]
    rewards: dict[str, np.ndarray]


def num_bytes(spec: EnvSpec, state: Any, size: int) -> int:
    """Of a `Replay` with these arguments."""
    episodes = size // spec.horizon
    states = sum((spec.horizon + 1) * v[0].nbytes for v in map(np.asarray, tf.nest.flatten(state)))
    for p in spec.populations.values():
        action = np.min_scalar_type(p.num_actions - 1).itemsize
        states += spec.horizon * p.num_agents * (action + np.float32().itemsize)
    return episodes * states


class Replay(tf.train.experimental.PythonState):
    """A ring of whole episodes in NumPy memory, which TensorFlow's checkpoints include.

    NumPy memory, because writing into a part of a tf.Variable copies all of it (measured: 36 ms for
    72 MB instead of 0.01 ms).

    Args:
      spec: of a compiled environment.
      state: a state of one or more worlds, for structure, shapes and types.
      size: transitions to be kept; as many episodes as fit.
    """

    def __init__(self, spec: EnvSpec, state: Any, size: int):
        self.horizon = spec.horizon
        self.num_episodes = size // spec.horizon
        if self.num_episodes < 1:
            raise ConfigurationError(
                f"replay_size = {size}: must hold at least one episode of {spec.horizon} steps"
            )
        rows = (self.num_episodes, spec.horizon)
        self._states = tf.nest.map_structure(
            lambda v: np.zeros((rows[0], rows[1] + 1, *v.shape[1:]), v.dtype.as_numpy_dtype), state
        )
        self._actions, self._rewards = {}, {}
        for name, p in spec.populations.items():
            kind = np.min_scalar_type(p.num_actions - 1)  # a byte
            self._actions[name] = np.zeros((*rows, p.num_agents), kind)
            self._rewards[name] = np.zeros((*rows, p.num_agents), np.float32)
        self.cursor = 0  # where the next episode goes
        self.filled = 0  # episodes that are there

    @property
    def transitions(self) -> int:
        """How many are there."""
        return self.filled * self.horizon

    def add(self, trajectories: dict[str, Trajectory], states: Any) -> None:
        """Store B episodes over the oldest ones; states have leading axes [T + 1, B]."""
        num_worlds = tf.nest.flatten(states)[0].shape[1]
        slots = self._next_slots(num_worlds)

        def store(array, values):
            array[slots] = values

        tf.nest.map_structure(
            lambda array, values: store(array, np.swapaxes(values.numpy(), 0, 1)),
            self._states,
            states,
        )
        for name, trajectory in trajectories.items():
            store(self._actions[name], trajectory.actions.numpy().transpose(1, 2, 0))
            store(self._rewards[name], trajectory.rewards.numpy().transpose(1, 2, 0))
        self.cursor = int(slots[-1] + 1) % self.num_episodes
        self.filled = min(self.filled + num_worlds, self.num_episodes)

    def sample(self, generator: np.random.Generator, shape: tuple[int, int]) -> Transitions:
        """Transitions [K, M], each uniformly from all that are there."""
        episode, t = np.divmod(generator.integers(0, self.transitions, shape), self.horizon)
        index = episode * self.horizon + t
        frame = episode * (self.horizon + 1) + t

        def rows(array, indices):
            return np.take(array.reshape(-1, *array.shape[2:]), indices, axis=0)

        return Transitions(
            tf.nest.map_structure(lambda array: rows(array, frame), self._states),
            tf.nest.map_structure(lambda array: rows(array, frame + 1), self._states),
            {name: rows(array, index) for name, array in self._actions.items()},
            {name: rows(array, index) for name, array in self._rewards.items()},
        )

    def before(self, num_episodes: int) -> tuple:
        """What the next episodes will overwrite, for `go_back`."""
        slots = self._next_slots(num_episodes)
        return self.cursor, self.filled, slots, [array[slots] for array in self._arrays()]

    def go_back(self, before: tuple) -> None:
        """Forget the episodes that were added since `before`."""
        self.cursor, self.filled, slots, kept = before
        for array, values in zip(self._arrays(), kept):
            array[slots] = values

    def serialize(self) -> bytes:
        """All that is there, for a checkpoint."""
        buffer = io.BytesIO()
        np.save(buffer, np.array([self.cursor, self.filled]))
        for array in self._arrays():
            np.save(buffer, array[: self.filled])
        return buffer.getvalue()

    def deserialize(self, string_value: bytes) -> None:
        """The inverse of `serialize`; raises ValueError for a replay of another shape."""
        buffer = io.BytesIO(string_value)
        cursor, filled = map(int, np.load(buffer))
        for array in self._arrays():
            saved = np.load(buffer)
            if filled > len(array) or saved.shape[1:] != array.shape[1:]:
                raise ValueError(f"a replay of {saved.shape} episodes, not of {array.shape}")
            array[:filled] = saved
        self.cursor, self.filled = cursor, filled

    def _next_slots(self, num_episodes: int) -> np.ndarray:
        return (self.cursor + np.arange(num_episodes)) % self.num_episodes

    def _arrays(self) -> list[np.ndarray]:
        return tf.nest.flatten((self._states, self._actions, self._rewards))
