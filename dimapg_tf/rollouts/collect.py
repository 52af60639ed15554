"""The one seam between learners and rollouts: episodes of any environment under θ (Eq. 6, 8).

An environment says in its spec how it is rolled out: `compiled` as one XLA program, `games` in
worker processes, `host` step by step from Python. All three play the same episodes from the same
seed. Nobody outside this package asks which it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.base import Choose, Env
from dimapg_tf.rollouts import decisions, parallel
from dimapg_tf.rollouts.compiled import collect_compiled, collect_some
from dimapg_tf.rollouts.compiled_steps import CompiledSteps
from dimapg_tf.rollouts.host import Episodes, collect_on_host, host_steps
from dimapg_tf.types import ConfigurationError, Deviation, Params, StepCount, Trajectory


class Collected(NamedTuple):
    """What came of B episodes.

    trajectories {population: [R, B, ...]} of the agents `recorded` {population: [R]}; without a
    deviation `returns` {population: NumPy [n, B]} of everybody, undiscounted; env_steps: time
    steps of all worlds in which anybody was alive; agent_steps: decisions of the living in them;
    measures {name: NumPy [B]}: the task's own, where they were recorded; states: leading axes
    [T + 1, B], None unless asked for.
    """

    trajectories: dict[str, Trajectory]
    recorded: Mapping[str, Any]
    returns: dict[str, np.ndarray]
    env_steps: int
    agent_steps: int
    measures: Mapping[str, np.ndarray]
    states: Any = None


def collect(
    env: Env,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    record_states: bool = False,
    agents: Mapping[str, Any] | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Collected:
    """Roll out `num_worlds` episodes of Eq. 6: every agent follows the θ of its population.

    Args:
      thetas: one θ for each population, or a stack [n] of them, one for each agent.
      seed: initial states and action noise follow from it.
      record_states: whether the states are returned, and with them the task's measures; games
        have their measures without.
      agents: {population: [R]} whose trajectories are needed, in ascending order. Games record
        these alone, by default nobody; other environments record everybody.
      recorded: {population: [R]} whom other environments record instead, in ascending order.
    """
    if env.spec.rollout == "games":
        agents = agents or dict.fromkeys(env.spec.populations, parallel.NOBODY)
        ((_, wanted),) = agents.items()
        games = parallel.collect(env, thetas, seed, num_worlds, wanted)
        return Collected(
            games.trajectories, agents, games.returns, *_steps_of(games), games.measures
        )
    if recorded is not None and env.spec.compiled:
        (trajectories, states, living), returns = collect_some(
            env, thetas, seed, num_worlds, recorded, record_states=record_states
        )
        returns = {name: values.numpy() for name, values in returns.items()}
    else:
        trajectories, states, living = roll_out(
            env, thetas, seed, num_worlds, record_states=record_states
        )
        returns = {
            name: np.sum(np.asarray(t.rewards) * np.asarray(t.alive), axis=2)
            for name, t in trajectories.items()
        }
        trajectories = _of(recorded, trajectories)
    if recorded is None:
        recorded = {name: tf.range(p.num_agents) for name, p in env.spec.populations.items()}
    living = np.asarray(living)
    return Collected(
        trajectories,
        recorded,
        returns,
        int((living > 0).sum()),
        int(living.sum(dtype=np.float64)),
        env.measures(states) if record_states and hasattr(env, "measures") else {},
        states,
    )


def collect_deviating(
    env: Env,
    thetas: Mapping[str, Params],
    deviation: Deviation,
    seed: int,
    num_worlds: int,
    everybody: bool = False,
    recorded: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Trajectory], StepCount]:
    """Roll out `num_worlds` episodes of Eq. 8: agents who leave θ, among others who follow it.

    Returns:
      (trajectories, steps): {population: of the N agents of the deviation [N, B / N, ...],
      where it is simultaneous [N, B, ...]}, or, if `everybody`, of all populations [n, B, ...], of
      which `recorded` {population: [R], those who deviate among them} keeps [R, B, ...]. A world is
      left to itself once its deviating agents are dead: steps after that do not count.
    """
    name = deviation.population
    if env.spec.rollout == "games":
        require_everybody(env, "everybody", everybody)
        games = parallel.collect_deviating(env, thetas[name], deviation, seed, num_worlds)
        return games.trajectories, _steps_of(games)
    some = recorded if everybody else None
    if some is not None and env.spec.compiled:
        episodes, _ = collect_some(env, thetas, seed, num_worlds, some, deviation)
        collected, _, living = episodes
    else:
        collected, _, living = roll_out(
            env, thetas, seed, num_worlds, deviation, everybody=everybody
        )
        collected = _of(some, collected)
    alive = collected[name].alive
    if everybody:
        agents = deviation.agents if some is None else places(some[name], deviation.agents)
        alive = decisions.of_deviating(alive, agents, deviation.simultaneous)
    if deviation.simultaneous:
        alive = tf.reduce_max(alive, axis=0)
    living = np.asarray(living)
    matters = np.asarray(alive).reshape(living.shape)  # [B, T]; worlds go group by group
    return collected, StepCount(
        int(matters.sum(dtype=np.float64)), int((matters * living).sum(dtype=np.float64))
    )


def places(recorded: Any, agents: Any) -> tf.Tensor:
    """Where these agents [N] are among the recorded ones [R]; both are in ascending order."""
    return tf.constant(np.searchsorted(np.asarray(recorded), np.asarray(agents)), tf.int32)


def _of(
    recorded: Mapping[str, Any] | None, trajectories: dict[str, Trajectory]
) -> dict[str, Trajectory]:
    """Everybody's trajectories without those of agents who are not recorded."""
    if recorded is None:
        return trajectories
    return {
        name: tf.nest.map_structure(lambda v, name=name: tf.gather(v, recorded[name]), trajectory)
        for name, trajectory in trajectories.items()
    }


def _steps_of(games: parallel.Games) -> StepCount:
    return StepCount(int(games.steps.sum()), int(games.agent_steps.sum()))


def roll_out(
    env: Env,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    deviation: Deviation | None = None,
    record_states: bool = False,
    everybody: bool = False,
) -> Episodes:
    """Episodes with the driver that the environment allows; see its arguments.

    A game, too, can be stepped from Python here: that is what tests compare its workers with.
    """
    driver = collect_compiled if env.spec.compiled else collect_on_host
    return driver(env, thetas, seed, num_worlds, deviation, record_states, everybody)


def steps_of_players(
    env: Env, players: Mapping[str, Choose], seed: int, num_worlds: int
) -> Iterator[tuple]:
    """`host.host_steps` of players {population: who decides for it}; steps are compiled."""

    def choose(name, observations, state, noise):
        return players[name](name, observations, state, noise), None

    return host_steps(CompiledSteps(env) if env.spec.compiled else env, choose, seed, num_worlds)


def collect_scripted(
    env: Env, players: Mapping[str, Any], seed: int, num_worlds: int
) -> tuple[dict[str, np.ndarray], Mapping[str, np.ndarray]]:
    """Episodes of players that are no parameters: {population: who decides for it}.

    A player is a function as `host.host_steps` calls it or, of a game, "module:name".

    Returns:
      (returns {population: [n, B]}, the task's own measures {name: [B]}).
    """
    if any(isinstance(player, str) for player in players.values()):
        ((_, player),) = players.items()
        games = parallel.collect_scripted(env, player, seed, num_worlds)
        return games.returns, games.measures
    returns = dict.fromkeys(env.spec.populations, 0.0)
    states = []
    for _, rewards, alive, state in steps_of_players(env, players, seed, num_worlds):
        states.append(state)
        for name, reward in rewards.items():
            returns[name] = returns[name] + (reward * alive[name]).T
    if not env.spec.compiled:
        return returns, {}
    return returns, env.measures(tf.nest.map_structure(lambda *v: np.stack(v), *states))


def records_everybody(env: Env) -> bool:
    """Whether the trajectories of whole populations can be had, however large they are."""
    return env.spec.rollout != "games"


def require_everybody(env: Env, setting: str, value: Any) -> None:
    """Raise ConfigurationError where a setting asks for trajectories that games do not record."""
    if value and not records_everybody(env):
        raise ConfigurationError(
            f"{setting} = {value}: {env.spec.name} records the sampled agents alone"
        )
