"""Rollouts of any environment, stepped from Python: the specification of the faster drivers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import seeds
from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts.decisions import act, of_deviating
from dimapg_tf.types import Deviation, Params, Trajectory


class Episodes(NamedTuple):
    """What came of B episodes; drivers differ in nothing but speed.

    trajectories {population: Trajectory} of those who are recorded; states: leading axes
    [T + 1, B], None unless asked for; living [B, T]: agents of all populations, recorded or not,
    who were alive when acting.
    """

    trajectories: dict[str, Trajectory]
    states: Any
    living: Any


def collect_on_host(
    env: Env,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    deviation: Deviation | None = None,
    record_states: bool = False,
    everybody: bool = False,
) -> Episodes:
    """Roll out episodes, stepping any environment from Python; ends early when nobody is alive."""
    dtype = thetas[next(iter(thetas))][0].weights.dtype

    def choose(name, observations, _, noise):
        deviates = deviation is not None and deviation.population == name
        actions, taken = act(
            thetas[name],
            tf.constant(np.swapaxes(observations, 0, 1), dtype),
            tf.constant(noise),
            deviation[1:] if deviates else None,
        )
        return np.swapaxes(actions.numpy(), 0, 1), [np.asarray(v) for v in taken]

    recorded = {name: [] for name in env.spec.populations}
    if deviation is not None and not everybody:
        recorded = {deviation.population: []}
    states, living = [], []
    for t, (taken, rewards, alive, state) in enumerate(
        host_steps(env, choose, seed, num_worlds, dtype)
    ):
        if record_states:
            states.append(state)
        if t == 0:
            continue
        living.append(sum(values.sum(axis=1) for values in alive.values()))
        for name, rows in recorded.items():
            values = (np.swapaxes(rewards[name], 0, 1), np.swapaxes(alive[name], 0, 1))
            values = (*taken[name], *values)
            if deviation is not None and not everybody:
                values = tuple(
                    of_deviating(v, deviation.agents, deviation.simultaneous).numpy()
                    for v in values
                )
            rows.append(values)
    trajectories = {
        name: Trajectory(*(time_last(_pad(column, env.spec.horizon)) for column in zip(*rows)))
        for name, rows in recorded.items()
    }
    stacked = tf.nest.map_structure(lambda *v: np.stack(v), *states) if record_states else None
    return Episodes(trajectories, stacked, _pad(living, env.spec.horizon).T)


def host_steps(env: Env, choose, seed: int, num_worlds: int, dtype: tf.DType = tf.float32):
    """Step an environment from Python; the first item is the initial state alone.

    Args:
      choose: (population, observations [B, n, O], state, noise [n, B, ...]) ->
        (actions [B, n, ...], anything), the latter being handed on as `taken`.

    Yields:
      (taken {population: anything}, rewards {population: [B, n]}, alive when acting
      {population: [B, n]}, state after the step), all in NumPy.
    """
    options = {"dtype": dtype} if env.spec.compiled else {}
    state, observations = env.reset(seeds.derive(seed, seeds.STATES), num_worlds, **options)
    noise = seeds.action_noise(env.spec, seeds.derive(seed, seeds.NOISE), num_worlds)
    alive = {name: np.ones(np.shape(o)[:2], np.float32) for name, o in observations.items()}
    alive |= getattr(env, "present", {})  # agents of a user's world may join later
    yield {}, {}, alive, _to_numpy(state)
    for t in range(env.spec.horizon):
        actions, taken = {}, {}
        for name in env.spec.populations:
            actions[name], taken[name] = choose(
                name, np.asarray(observations[name]), state, noise[name][t]
            )
        state, observations, rewards, alive_after = env.step(state, actions)
        yield taken, _to_numpy(rewards), alive, _to_numpy(state)
        alive = _to_numpy(alive_after)
        if not any(values.any() for values in alive.values()):
            return


def time_last(values) -> tf.Tensor:
    """[T, n, B, ...] -> [n, B, T, ...]."""
    values = tf.convert_to_tensor(values)
    return tf.transpose(values, [1, 2, 0, *range(3, values.shape.rank)])


def _pad(steps: Sequence[np.ndarray], horizon: int) -> np.ndarray:
    """Stack the steps of an episode; one that ended early is filled up with zeros (not alive)."""
    stacked = np.stack(steps)
    return np.pad(stacked, [(0, horizon - len(steps))] + [(0, 0)] * (stacked.ndim - 1))


def _to_numpy(structure):
    return tf.nest.map_structure(np.asarray, structure)
