"""Rollouts of environments whose step is a pure TensorFlow function: one XLA program an episode.

What `host.collect_on_host` gives from the same noise, to rounding, many times faster.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import tensorflow as tf

from dimapg_tf import seeds
from dimapg_tf.envs.base import CompiledEnv
from dimapg_tf.rollouts.decisions import act, of_deviating
from dimapg_tf.rollouts.host import Episodes, time_last
from dimapg_tf.types import Deviation, Params, Trajectory

# Agents times worlds from which two halves at once are faster than the whole (measured).
WORTH_SPLITTING = 300


def collect_compiled(
    env: CompiledEnv,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    deviation: Deviation | None = None,
    record_states: bool = False,
    everybody: bool = False,
) -> Episodes:
    """Roll out `num_worlds` episodes, each as one XLA program; traced once for each shape.

    XLA runs most of an episode on one core, so many worlds are rolled out in two halves at once.
    The halves depend on the numbers of agents and worlds alone, not on the machine.

    Args:
      thetas: one θ for each population, or a stack [n] of them, one for each agent.
      seed: initial states and action noise follow from it.
      deviation: the agents who leave θ; only their trajectories are returned.
      record_states: whether the states of the worlds are returned too.
      everybody: whether a deviation, too, returns all agents of all populations.

    Returns:
      Episodes. Without a deviation there is a trajectory of every agent [n, B, ...] of every
      population; with one, of its N agents only: [N, B / N, ...], where it is simultaneous
      [N, B, ...], or of all populations [n, B, ...].
    """
    return _collect(env, thetas, seed, num_worlds, deviation, record_states, everybody, None)[0]


def collect_some(
    env: CompiledEnv,
    thetas: Mapping[str, Params],
    seed: int,
    num_worlds: int,
    recorded: Mapping[str, Any],
    deviation: Deviation | None = None,
    record_states: bool = False,
) -> tuple[Episodes, dict[str, tf.Tensor]]:
    """The same episodes, of which the trajectories of a few agents alone are kept.

    Args:
      recorded: {population: [R] in ascending order}, whether they deviate or not.

    Returns:
      (episodes, whose trajectories are [R, B, ...]; returns {population: [n, B]} of everybody,
      undiscounted).
    """
    recorded = {name: tf.constant(agents, tf.int32) for name, agents in recorded.items()}
    everybody = deviation is not None
    return _collect(env, thetas, seed, num_worlds, deviation, record_states, everybody, recorded)


def _collect(env, thetas, seed, num_worlds, deviation, record_states, everybody, recorded):
    """See `collect_compiled` and `collect_some`; the latter's returns are empty of the former."""
    dtype = thetas[next(iter(thetas))][0].weights.dtype
    state = env.initial_state(seeds.derive(seed, seeds.STATES), num_worlds, dtype)
    noise = seeds.action_noise(env.spec, seeds.derive(seed, seeds.NOISE), num_worlds)

    def roll_out(worlds: slice, deviation: Deviation | None):
        return _episode(
            env,
            dict(thetas),
            state if worlds == slice(None) else tf.nest.map_structure(lambda v: v[worlds], state),
            {name: tf.constant(values[:, :, worlds]) for name, values in noise.items()},
            *(deviation or (None, None, None, False)),
            record_states,
            everybody,
            recorded,
        )

    agents = sum(p.num_agents for p in env.spec.populations.values())
    parts = _halves(num_worlds, deviation)
    if agents * num_worlds < WORTH_SPLITTING or parts is None:
        return roll_out(slice(None), deviation)
    first, second = parts
    with ThreadPoolExecutor(1) as other:
        later = other.submit(roll_out, *second)
        by_group = deviation is not None and not (deviation.simultaneous or everybody)
        return _join(roll_out(*first), later.result(), by_group)


def _halves(num_worlds: int, deviation: Deviation | None):
    """Two times (worlds, deviation) of the same shapes, or None where they cannot be equal."""
    in_groups = deviation is not None and not deviation.simultaneous
    count = deviation.agents.shape[0] if in_groups else num_worlds
    if count % 2:
        return None
    parts = []
    for half in (0, 1):
        worlds = slice(half * num_worlds // 2, (half + 1) * num_worlds // 2)
        groups = slice(half * count // 2, (half + 1) * count // 2)
        part = deviation
        if in_groups:
            part = deviation._replace(
                agents=deviation.agents[groups],
                theta_n=tf.nest.map_structure(lambda v, g=groups: v[g], deviation.theta_n),
            )
        parts.append((worlds, part))
    return parts


def _join(first, second, by_group: bool):
    """What `_episode` returned of two halves, as of one; by group of worlds, or by world."""
    (*first, returns), (*second, more) = ((*half[0], half[1]) for half in (first, second))
    trajectories, states, living = zip(first, second)
    axis = 0 if by_group else 1
    joined = tf.nest.map_structure(lambda *v: tf.concat(v, axis), *trajectories)
    if states[0] is None:
        states = None
    else:
        states = tf.nest.map_structure(lambda *v: tf.concat(v, 1), *states)
    returns = tf.nest.map_structure(lambda *v: tf.concat(v, 1), returns, more)
    return Episodes(joined, states, tf.concat(living, 0)), returns


@tf.function(jit_compile=True, autograph=False)
def _episode(
    env,
    thetas,
    state,
    noise,
    population,
    agents,
    theta_n,
    simultaneous,
    record_states,
    everybody,
    some,
):
    """(Episodes, returns): every argument but tensors selects a trace: the environment, the
    population, the flags. some: {population: [R]} who are recorded, None: all of `recorded`."""
    names = list(env.spec.populations)
    horizon = env.spec.horizon
    recorded = names if population is None or everybody else [population]
    counted = some is not None and population is None

    def decide(observations, noise_t):
        actions, taken = {}, {}
        for name in names:
            deviates = name == population
            actions[name], taken[name] = act(
                thetas[name],
                observations[name],
                noise_t[name],
                (agents, theta_n, simultaneous) if deviates else None,
            )
        return actions, taken

    def record(taken, rewards, alive):
        gained = {name: rewards[name] * alive[name] for name in names} if counted else ()
        living = tf.add_n([tf.reduce_sum(alive[name], axis=0) for name in names])  # [B]
        kept = {}
        for name in recorded:
            kept[name] = (*taken[name], rewards[name], alive[name])
            if some is not None:
                kept[name] = tuple(tf.gather(v, some[name]) for v in kept[name])
            if name == population and not everybody:
                kept[name] = tuple(of_deviating(v, agents, simultaneous) for v in kept[name])
        return (kept, living), gained

    def step(planes, alive, noise_t):
        actions, taken = decide(env.observe(planes), noise_t)  # of {population: [n, B, O]}
        planes, rewards, alive_after = env.advance(planes, actions)
        return planes, alive_after, *record(taken, rewards, alive)

    planes = env.to_planes(state)
    dtype = tf.nest.flatten(planes)[0].dtype
    alive = {name: tf.ones(values.shape[1:3], dtype) for name, values in noise.items()}
    first = {name: values[0] for name, values in noise.items()}
    # Only to learn the shapes; XLA drops the unused values. To trace the environment's step for
    # that, too, would be a good part of the seconds in which training starts.
    unseen = {
        name: tf.zeros([*alive[name].shape, p.observation_size], dtype)
        for name, p in env.spec.populations.items()
    }
    _, taken = decide(unseen, first)
    shapes, gained = record(taken, alive, alive)
    returns = tf.nest.map_structure(tf.zeros_like, gained)
    buffers = tf.nest.map_structure(
        lambda v: tf.TensorArray(v.dtype, horizon, element_shape=v.shape), shapes
    )
    history = ()
    if record_states:
        history = tf.nest.map_structure(
            lambda v: tf.TensorArray(v.dtype, horizon + 1, element_shape=v.shape), planes
        )
        history = _write(history, 0, planes)

    def body(t, planes, alive, buffers, history, returns):
        noise_t = {name: values[t] for name, values in noise.items()}
        planes, alive, taken, gained = step(planes, alive, noise_t)
        returns = tf.nest.map_structure(tf.add, returns, gained)
        if record_states:
            history = _write(history, t + 1, planes)
        return t + 1, planes, alive, _write(buffers, t, taken), history, returns

    *_, buffers, history, returns = tf.while_loop(
        lambda t, *_: t < horizon,
        body,
        (0, planes, alive, buffers, history, returns),
        maximum_iterations=horizon,
    )
    buffers, living = buffers
    trajectories = {
        name: Trajectory(*(time_last(b.stack()) for b in buffers[name])) for name in recorded
    }
    states = None
    if record_states:
        states = env.from_planes(tf.nest.map_structure(lambda b: b.stack(), history))
    return Episodes(trajectories, states, tf.transpose(living.stack())), returns


def _write(buffers, t, values):
    """Write a structure of tensors at time t of a structure of TensorArrays."""
    flat = [b.write(t, v) for b, v in zip(tf.nest.flatten(buffers), tf.nest.flatten(values))]
    return tf.nest.pack_sequence_as(buffers, flat)
