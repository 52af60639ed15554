"""Worlds in worker processes: the same worlds and the same numbers, several at a time.

World number b lives in process b mod W, as long as the environment does. Observations, rewards,
masks and actions are in memory that all processes see; between them go only the calls.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cloudpickle
import numpy as np

from dimapg_tf import seeds
from dimapg_tf.envs.pettingzoo.worlds import Rows, World, agents_of, make_world, row_of
from dimapg_tf.types import Box, ConfigurationError, Population, WorldError
from dimapg_tf.workers import Workers

MEMORY = Path("/dev/shm")  # a directory in memory, on Linux; elsewhere a temporary file serves
ALIGNMENT = 64


class Problem(NamedTuple):
    """An error of a process, on its way to the one that asked."""

    wrong_input: bool
    message: str
    details: str


class Memory(NamedTuple):
    """What B worlds write, and the actions {population: [B, n, ...]} that they read."""

    rows: Rows
    actions: Mapping[str, np.ndarray]


def memory_at(path: str, populations: Mapping[str, Population], num_worlds: int) -> Memory:
    """The arrays in this file, which is made large enough; equal arguments give equal places."""
    shapes = []
    for name, p in populations.items():
        each = (num_worlds, p.num_agents)
        kind = np.float32 if isinstance(p.space, Box) else np.int32
        shapes += [
            ("observations", name, (*each, p.observation_size), np.float32),
            ("rewards", name, each, np.float32),
            ("alive", name, each, np.float32),
            ("actions", name, (*each, *p.decisions), kind),
        ]
    sizes = [4 * int(np.prod(shape)) for *_, shape, _ in shapes]
    starts = np.cumsum([0, *(-(-size // ALIGNMENT) * ALIGNMENT for size in sizes)])
    if os.path.getsize(path) < starts[-1]:
        os.truncate(path, int(starts[-1]))
    whole = np.memmap(path, np.uint8, "r+")
    parts: dict[str, dict[str, np.ndarray]] = {}
    for (part, name, shape, kind), start, size in zip(shapes, starts, sizes):
        values = np.ndarray(shape, kind, whole, int(start))
        assert values.nbytes == size
        parts.setdefault(part, {})[name] = values
    actions = parts.pop("actions")
    return Memory(Rows(**parts), actions)


class Here:
    """The worlds of one process; its methods return None or a Problem.

    Args:
      path: where modules are found, as in the process that asks.
      factory: what makes a world, pickled; members: {population: agents}; populations of the spec;
        name: for messages.
    """

    def __init__(
        self,
        path: Sequence[str],
        factory: bytes,
        members: Mapping[str, list[str]],
        populations: Mapping[str, Population],
        name: str,
    ):
        sys.path[:] = path
        self._factory: Callable[[], Any] = cloudpickle.loads(factory)
        self._members, self._populations, self._name = members, populations, name
        self._worlds: dict[int, World] = {}
        self._running: Sequence[int] = ()
        self._memory: Memory | None = None

    def see(self, path: str, num_worlds: int) -> None:
        """Use the memory in this file from now on."""
        self._memory = memory_at(path, self._populations, num_worlds)

    def reset(self, mine: Sequence[int], seed: int) -> Problem | None:
        """Start an episode of these worlds."""
        self._running = mine
        return self._each(lambda b, rows: self._world(b).reset(seeds.derive(seed, b), rows))

    def step(self) -> Problem | None:
        """A step of each with the actions that are in the memory."""
        actions = self._memory.actions
        return self._each(
            lambda b, rows: self._worlds[b].step({n: v[b] for n, v in actions.items()}, rows)
        )

    def _world(self, index: int) -> World:
        if index not in self._worlds:
            env = make_world(self._factory, self._name)
            agents = agents_of(env, self._name)
            self._worlds[index] = World(env, agents, self._members, self._name)
        return self._worlds[index]

    def _each(self, do: Callable[[int, Rows], None]) -> Problem | None:
        try:
            for index in self._running:
                do(index, row_of(self._memory.rows, index))
        except (WorldError, ConfigurationError) as error:
            wrong = isinstance(error, ConfigurationError)
            return Problem(wrong, str(error), getattr(error, "details", ""))
        return None


class Elsewhere:
    """Worlds in other processes, as many as `workers`; they end with this object.

    Raises:
      ConfigurationError: what makes the environment cannot be sent to another process.
      WorldError: the code of the user's environment failed.
    """

    def __init__(
        self,
        factory: Callable[[], Any],
        members: Mapping[str, list[str]],
        populations: Mapping[str, Population],
        name: str,
        workers: int,
    ):
        try:
            pickled = cloudpickle.dumps(factory)
        except Exception as error:  # whatever the objects that it holds raise
            raise ConfigurationError(
                f"world_processes = {workers}: what makes {name} cannot be sent to other processes "
                f"({error}); 1 steps all worlds in this one"
            ) from error
        self._populations = populations
        self._count = workers
        arguments = (list(sys.path), pickled, members, populations, name)
        self._workers = Workers("dimapg_tf.envs.pettingzoo.processes:Here", arguments, workers)
        self._memory: Memory | None = None
        self._running = 0

    def reset(self, seed: int, num_worlds: int) -> Rows:
        """Start episodes in all worlds."""
        self._running = num_worlds
        if self._memory is None or len(next(iter(self._memory.actions.values()))) != num_worlds:
            self._share(num_worlds)
        mine = [(range(w, num_worlds, self._count), seed) for w in range(self._count)]
        _raise(self._workers.each("reset", mine))
        return _copied(self._memory.rows)

    def step(self, actions: Mapping[str, np.ndarray]) -> Rows:
        """One step of all worlds; actions {population: [B, n, ...]}."""
        for name, values in self._memory.actions.items():
            values[...] = actions[name]
        _raise(self._workers.broadcast("step"))
        return _copied(self._memory.rows)

    def _share(self, num_worlds: int) -> None:
        """Memory that all processes have open. Its file has no name any more, so none is left."""
        handle, path = tempfile.mkstemp(dir=MEMORY if MEMORY.is_dir() else None)
        os.close(handle)
        try:
            self._memory = memory_at(path, self._populations, num_worlds)
            self._workers.broadcast("see", path, num_worlds)
        finally:
            os.unlink(path)


def _raise(problems: Sequence[Problem | None]) -> None:
    """Raise the first problem: that of the lowest process, so that equal runs fail equally."""
    for problem in filter(None, problems):
        if problem.wrong_input:
            raise ConfigurationError(problem.message)
        raise WorldError(problem.message, problem.details)


def _copied(rows: Rows) -> Rows:
    return Rows(*({name: values.copy() for name, values in part.items()} for part in rows))
