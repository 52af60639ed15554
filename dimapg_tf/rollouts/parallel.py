"""Rollouts of games in worker processes: the fast driver for worlds that live on the host.

What is played is exactly what `rollout.collect_on_host` plays from the same seed; only who steps
the worlds differs. Workers choose the actions themselves (`play`), so that neither observations
nor actions travel between processes step by step, and send back what was asked for: trajectories
of some agents, in the game's compact form, and the returns of all.
"""

import weakref
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.envs.base import GameEnv
from dimapg_tf.rollouts.games import Job, Moment, Played
from dimapg_tf.types import Deviation, Params, Trajectory
from dimapg_tf.workers import Workers

# Trajectories are cut where the last recorded agent dies, or the game ends, and filled up to one of
# these lengths, so that compiled functions see a handful of shapes.
LENGTHS = (32, 48, 64, 96, 128)

NOBODY = np.zeros(0, np.int64)


class Games(NamedTuple):
    """What came of B games.

    trajectories: {population: of the recorded agents [R, B, ...]}; returns {population: [n, B]};
    steps [B]; agent_steps [B]: decisions of the living in them; measures {name: [B]}; seconds
    {name: of all workers together}.
    """

    trajectories: dict[str, Trajectory]
    returns: dict[str, np.ndarray]
    steps: np.ndarray
    agent_steps: np.ndarray
    measures: dict[str, np.ndarray]
    seconds: dict[str, float]


_workers: weakref.WeakKeyDictionary[GameEnv, Workers] = weakref.WeakKeyDictionary()


def workers_of(env: GameEnv) -> Workers:
    """The processes that play this environment's games; started when first needed."""
    workers = _workers.get(env)
    if workers is None or not workers.close.alive:
        workers = Workers("dimapg_tf.rollouts.games:Player", (*env.game, env.spec))
        _workers[env] = workers
    return workers


def collect(
    env: GameEnv,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    recorded: Any = NOBODY,
) -> Games:
    """Play with one θ, or a stack [n] of them, one for each agent; record these agents [R]."""
    (theta,) = thetas.values()
    stacked = policy.is_stacked(theta)
    groups = np.arange(theta[0].weights.shape[0]) if stacked else None
    _send(env, theta if stacked else policy.stack(theta, 1))
    agents = np.asarray(recorded, np.int64)
    jobs = [Job(seed, world, groups, agents, False) for world in range(num_worlds)]
    return _gather(env, workers_of(env).map("play", jobs))


def collect_deviating(
    env: GameEnv, theta: Params, deviation: Deviation, seed: int, num_worlds: int
) -> Games:
    """Play with agents who leave θ for θ_n (Eq. 8), and record them: [N, B / N or B, ...].

    Each of `num_worlds` games is left once its deviating agents are dead.
    """
    ((_, population),) = env.spec.populations.items()
    agents = np.asarray(deviation.agents, np.int64)
    everybody = tf.nest.map_structure(
        lambda v, n: tf.concat([v[None], n], axis=0), theta, deviation.theta_n
    )
    _send(env, everybody)
    jobs = []
    for world in range(num_worlds):
        groups = np.zeros(population.num_agents, np.int64)
        here = np.arange(len(agents))
        if not deviation.simultaneous:
            here = here[[world // (num_worlds // len(agents))]]
        groups[agents[here]] = 1 + here
        jobs.append(Job(seed, world, groups, agents[here], True))
    games = workers_of(env).map("play", jobs)
    return _gather(env, games, 1 if deviation.simultaneous else len(agents))


def collect_scripted(env: GameEnv, player: str, seed: int, num_worlds: int) -> Games:
    """Play as a scripted player "module:name" does."""
    jobs = [(player, Job(seed, world, None, NOBODY, False)) for world in range(num_worlds)]
    return _gather(env, workers_of(env).map("play_scripted", jobs))


def film(env: GameEnv, thetas: Mapping[str, Params], seed: int) -> list[Moment]:
    """The first game that `collect` plays with one θ, moment by moment."""
    _send(env, policy.stack(next(iter(thetas.values())), 1))
    job = Job(seed, 0, None, NOBODY, False)
    return workers_of(env).map("film", [(None, job)])[0]


def film_scripted(env: GameEnv, player: str, seed: int) -> list[Moment]:
    """The first game that `collect_scripted` plays, moment by moment."""
    return workers_of(env).map("film", [(player, Job(seed, 0, None, NOBODY, False))])[0]


def _send(env: GameEnv, stacked: Params) -> None:
    """Give every worker these parameters [G, ...]."""
    layers = [(layer.weights.numpy(), layer.bias.numpy()) for layer in stacked]
    workers_of(env).broadcast("set_policy", layers)


def _gather(env: GameEnv, games: list[Played], groups: int = 1) -> Games:
    """The games side by side; those of each group of worlds have their own recorded agents."""
    ((name, _),) = env.spec.populations.items()
    trajectories = {}
    if games[0].record is not None:
        trajectories[name] = _trajectory(env, games, groups)
    return Games(
        trajectories,
        {name: np.stack([game.returns for game in games], axis=1)},
        np.array([game.steps for game in games]),
        np.array([game.agent_steps for game in games]),
        {key: np.array([g.measures[key] for g in games]) for key in games[0].measures},
        {key: sum(g.seconds[key] for g in games) for key in games[0].seconds},
    )


def _trajectory(env: GameEnv, games: list[Played], groups: int) -> Trajectory:
    """[R, B, T, ...] of one group, or [groups, B / groups, T, ...] of agents recorded alone."""
    records = [game.record for game in games]
    length = padded_length(max(r.actions.shape[1] for r in records), env.spec.horizon)

    def side_by_side(*columns: np.ndarray) -> np.ndarray:
        agents, worlds = columns[0].shape[0], len(columns)
        rest = columns[0].shape[2:]
        joined = np.zeros((agents, worlds, length, *rest), columns[0].dtype)
        for world, column in enumerate(columns):
            joined[:, world, : column.shape[1]] = column
        return joined if groups == 1 else joined.reshape(groups, -1, length, *rest)

    columns = [tf.nest.map_structure(side_by_side, *column) for column in zip(*records)]
    sights, actions, log_probs, rewards, alive = columns
    dtype = log_probs.dtype  # the policy's
    observations = env.vectors(sights).astype(dtype, copy=False)
    observations *= alive[..., None]
    values = (observations, actions, log_probs, rewards.astype(dtype), alive)
    return Trajectory(*map(tf.constant, values))


def padded_length(steps: int, horizon: int) -> int:
    """The length that trajectories of so many steps are filled up to."""
    return next((length for length in LENGTHS if steps <= length < horizon), horizon)
