"""Whole games, played in a worker process: the policy in NumPy, one call a step for all agents.

A game is a world of one population that says what its agents see in a compact form (`sights`, a
NamedTuple of arrays with a row for each living agent) and can multiply that by the policy's first
layer (`projection`); see `envs/survival/game.py`.
"""

import time
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any, NamedTuple

import numpy as np

from dimapg_tf import seeds
from dimapg_tf.types import EnvSpec


class Job(NamedTuple):
    """One game to play.

    seed, world: initial state and noise follow from them, as in `rollout.host_steps`.
    groups: [n] whose parameters each agent follows, or None if all follow the first ones.
    recorded: [R] agents whose trajectories are wanted.
    only_recorded: whether the game may be left once all of them are dead.
    """

    seed: int
    world: int
    groups: np.ndarray | None
    recorded: np.ndarray
    only_recorded: bool


class Record(NamedTuple):
    """Of the recorded agents, L steps long: sights, rows [R, L, ...]; actions, log_probs, rewards
    and alive [R, L]. Where an agent is not alive, all is zero."""

    sights: Any
    actions: np.ndarray
    log_probs: np.ndarray
    rewards: np.ndarray
    alive: np.ndarray


class Played(NamedTuple):
    """What came of a game.

    returns [n]: undiscounted, of every agent; steps: time steps played; agent_steps: decisions of
    the living in them, recorded or not; measures: the game's own,
    the sum of all returns (Table 2's "average reward" is its mean over games) and the steps;
    seconds: spent in the engine, on observations and in the policy.
    """

    record: Record | None
    returns: np.ndarray
    steps: int
    agent_steps: int
    measures: dict[str, float]
    seconds: dict[str, float]


class Moment(NamedTuple):
    """A moment of a filmed game: the game's scene, the actions then chosen by the living (None at
    the end), and the sum of all returns so far."""

    scene: Any
    actions: np.ndarray | None
    team_return: float


class Player:
    """Plays games under policies that it was given before.

    Args:
      game: "module:name" of the game's class; settings, its argument.
      spec: of the environment; it has one population.
    """

    def __init__(self, game: str, settings: Any, spec: EnvSpec):
        self._game = resolve_name(game)(settings)
        self._spec = spec
        ((self._population, _),) = spec.populations.items()
        self._policy: Callable | None = None

    def set_policy(self, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Use these parameters from now on: (weights [G, in, out], bias [G, out]) of each layer."""
        (weights, bias), *rest = layers
        project = self._game.projection(weights)

        def logits(sights: Any, groups: np.ndarray | None) -> np.ndarray:
            x = project(sights, groups)
            x += bias[0] if groups is None else bias[groups]
            for layer in rest:
                np.maximum(x, 0, out=x)
                x = _dense(x, *layer, groups)
            return x

        self._policy = logits

    def play(self, job: Job) -> Played:
        """Play one game with the parameters of `set_policy`."""
        seconds = {"observation": 0.0, "policy": 0.0}
        return self._play(job, self._by_policy(job, seconds), seconds)

    def play_scripted(self, job: tuple[str, Job]) -> Played:
        """Play one game as a scripted player, "module:name", does: (game, uniform) -> actions."""
        player, job = job
        return self._play(job, _by_script(player), {})

    def film(self, job: tuple[str | None, Job]) -> list[Moment]:
        """Play one game with the parameters of `set_policy`, or as a player, moment by moment."""
        player, job = job
        seconds = {"observation": 0.0, "policy": 0.0}
        chosen = self._by_policy(job, seconds) if player is None else _by_script(player)
        scenes, actions, rewards = [], [], [0.0]

        def choose(game, uniform):
            values = chosen(game, uniform)
            scenes.append(game.scene)
            actions.append(values[0])
            return values

        self._play(job, choose, seconds, rewards)
        returns = np.cumsum(rewards).tolist()
        return list(map(Moment, [*scenes, self._game.scene], [*actions, None], returns))

    def _by_policy(self, job: Job, seconds: dict[str, float]) -> Callable:
        """(game, uniform [n]) -> (actions, log_probs, sights) of the living; counts the seconds."""

        def choose(game, uniform):
            started = time.perf_counter()
            sights = game.sights()
            seen = time.perf_counter()
            living = game.living
            groups = None if job.groups is None else job.groups[living]
            actions, log_probs = sample(self._policy(sights, groups), uniform[living])
            seconds["observation"] += seen - started
            seconds["policy"] += time.perf_counter() - seen
            return actions, log_probs, sights

        return choose

    def _play(
        self,
        job: Job,
        choose: Callable,
        seconds: dict[str, float],
        rewards_of_all: list[float] | None = None,
    ) -> Played:
        """Step the game to its end, or until no recorded agent is left and no other matters."""
        game = self._game
        uniform = seeds.world_noise(self._spec, seeds.derive(job.seed, seeds.NOISE), job.world)
        uniform = uniform[self._population]
        num_agents = uniform.shape[1]
        game.reset(seeds.derive(seeds.derive(job.seed, seeds.STATES), job.world))
        recorder = _Recorder(job.recorded, len(uniform))
        returns = np.zeros(num_agents)
        engine, steps, agent_steps = 0.0, 0, 0
        for noise in uniform:
            living = game.living
            actions, log_probs, sights = choose(game, noise)
            started = time.perf_counter()
            rewards = game.step(actions)
            engine += time.perf_counter() - started
            steps += 1
            agent_steps += len(living)
            returns[living] += rewards
            if rewards_of_all is not None:
                rewards_of_all.append(float(rewards.sum()))
            recorder.write(num_agents, living, sights, actions, log_probs, rewards)
            if game.over or (job.only_recorded and not np.isin(job.recorded, game.living).any()):
                break
        seconds["engine"] = engine
        measured = {"team_return": float(returns.sum()), "steps": float(steps)}
        measures = game.measures() | measured
        return Played(recorder.record(), returns, steps, agent_steps, measures, seconds)


def _by_script(player: str) -> Callable:
    """The same as `Player._by_policy`, of a scripted player."""
    scripted = resolve_name(player)
    return lambda game, uniform: (scripted(game, uniform), None, None)


class _Recorder:
    """Keeps the rows of the recorded agents, step by step."""

    def __init__(self, agents: np.ndarray, horizon: int):
        self._agents, self._horizon = agents, horizon
        self._columns: list[np.ndarray] | None = None
        self._steps = 0

    def write(self, num_agents, living, sights, actions, log_probs, rewards) -> None:
        """Add a step, unless no recorded agent is alive in it."""
        if not len(self._agents):
            return
        row = np.full(num_agents, -1)
        row[living] = np.arange(len(living))
        row = row[self._agents]
        alive = row >= 0
        if not alive.any():
            return
        values = (*sights, actions, log_probs, rewards, np.ones(len(living), log_probs.dtype))
        if self._columns is None:
            self._type = type(sights)
            shape = (len(self._agents), self._horizon)
            self._columns = [np.zeros((*shape, *v.shape[1:]), v.dtype) for v in values]
        for column, value in zip(self._columns, values):
            column[alive, self._steps] = value[row[alive]]
        self._steps += 1

    def record(self) -> Record | None:
        """All of it; None if nobody was to be recorded."""
        if self._columns is None:
            return None
        columns = [np.ascontiguousarray(c[:, : self._steps]) for c in self._columns]
        return Record(self._type(*columns[:-4]), *columns[-4:])


def _dense(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, groups) -> np.ndarray:
    """x @ weights + bias; all rows in one product, then those of other groups by themselves."""
    product = x @ weights[0]
    product += bias[0]
    if groups is not None:
        (others,) = np.nonzero(groups)
        own = groups[others]
        each = np.matmul(x[others, None], rows(weights, own))[:, 0]
        product[others] = each + rows(bias, own)
    return product


def rows(array: np.ndarray, index: np.ndarray) -> np.ndarray:
    """array[index], without a copy where the index counts on in ones: weights are large."""
    if len(index) and index[-1] - index[0] + 1 == len(index) and (np.diff(index) == 1).all():
        return array[index[0] : index[-1] + 1]
    return array[index]


def sample(logits: np.ndarray, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`policy.sample` in NumPy: actions int32 [m] and their log-probabilities [m]."""
    z = np.ascontiguousarray(logits.T)  # [A, m]: sums over few actions run along the agents
    z -= z.max(axis=0)
    cumulative = np.exp(z)
    for action in range(1, len(cumulative)):  # np.cumsum does not run along the agents
        cumulative[action] += cumulative[action - 1]
    threshold = uniform.astype(z.dtype) * cumulative[-1]
    actions = (threshold >= cumulative[:-1]).sum(axis=0, dtype=np.int32)
    return actions, z[actions, np.arange(len(actions))] - np.log(cumulative[-1])
