"""The compiled rollout of recurrent joint policies.

`unroll` is a pure function to be called inside an XLA program: some steps of B worlds from where
they are, memories carried on. Noise and initial states are drawn outside, as everywhere.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from baselines.kitchensink import network
from baselines.kitchensink.network import JointParams, Memory, Way
from dimapg_tf.distributions import categorical
from dimapg_tf.envs.base import CompiledEnv, Env
from dimapg_tf.types import ConfigurationError, StepCount, require_plain


class Carry(NamedTuple):
    """Where the worlds stand between two unrolls.

    planes: the state in the environment's compiled layout; alive {population: [n, B]}; memories
    {population: Memory}.
    """

    planes: Any
    alive: dict[str, tf.Tensor]
    memories: dict[str, Memory]


class Last(NamedTuple):
    """What a population is left with: observations [B, n, m]; alive [B], 1.0 if anybody is."""

    observations: tf.Tensor
    alive: tf.Tensor


class Steps(NamedTuple):
    """What a population did in an unroll.

    observations [T, B, n, m]; actions [T, B, n] int32; alive [T, B, n], 1.0 while the agent was
    alive when it acted; log_probs [T, B] of the joint action; rewards [T, B] of the joint
    learner; agent_rewards [T, B, n]; memory: before the first step; way: what the layers gave, of
    the parameters that played.
    """

    observations: tf.Tensor
    actions: tf.Tensor
    alive: tf.Tensor
    log_probs: tf.Tensor
    rewards: tf.Tensor
    agent_rewards: tf.Tensor
    memory: Memory
    way: Way | None = None


def check_compiled(env: Env) -> CompiledEnv:
    """The environment, if its episodes can be compiled; raises ConfigurationError otherwise.

    Actions must be one choice an agent, too.
    """
    if not env.spec.compiled:
        raise ConfigurationError(
            f"env = {env.spec.name!r}: the kitchen sinks train in compiled environments only; "
            "baselines.kitchensink.gym_view.JointEnv shows this one to other libraries as a gym.Env"
        )
    require_plain(env.spec, "a kitchen sink")
    return env


def joint_reward(rewards: tf.Tensor, alive: tf.Tensor, reading: str) -> tf.Tensor:
    """The reward of the joint learner [...], of a step's rewards of its agents [..., n].

    The paper has the kitchen sinks maximise the minimum reward across all agents (5.2.1), in
    Cooperative Navigation. Reading: the minimum is taken in each step. Where agents earn one at a
    time, as predators do, that is nearly always 0; there the mean is what they can learn from. The
    dead do not count; where all are dead it is 0.

    Args:
      reading: one of settings.JOINT_REWARDS.
    """
    living = alive > 0.0
    nothing = tf.zeros([], rewards.dtype)
    if reading == "mean":
        count = tf.reduce_sum(tf.cast(living, rewards.dtype), axis=-1)
        total = tf.reduce_sum(tf.where(living, rewards, nothing), axis=-1)
        return total / tf.maximum(count, 1.0)
    lowest = tf.reduce_min(tf.where(living, rewards, np.inf), axis=-1)
    return tf.where(tf.reduce_any(living, axis=-1), lowest, nothing)


def start(env: CompiledEnv, params: Mapping[str, JointParams], seed: int, num_worlds: int) -> Carry:
    """New episodes: initial states of this seed, everybody alive, blank memories."""
    dtype = next(iter(params.values())).value.weights.dtype
    state = env.initial_state(seed, num_worlds, dtype)
    alive = {
        name: tf.ones([population.num_agents, num_worlds], dtype)
        for name, population in env.spec.populations.items()
    }
    memories = {
        name: network.blank_memory(params[name], num_worlds) for name in env.spec.populations
    }
    return Carry(env.to_planes(state), alive, memories)


def unroll(
    env: CompiledEnv,
    params: Mapping[str, JointParams],
    carry: Carry,
    noise: Mapping[str, tf.Tensor],
    reading: str,
) -> tuple[Carry, dict[str, Steps]]:
    """Play on; as many steps as there is noise {population: uniform [T, n, B]}.

    reading: what the joint learners earn, one of settings.JOINT_REWARDS.
    """
    names = list(env.spec.populations)
    length = noise[names[0]].shape[0]

    def one(carry, noise_t):
        observations = env.observe(carry.planes)  # {population: [n, B, m]}
        actions, step, memories, ways = {}, {}, {}, {}
        for name in names:
            seen = tf.transpose(observations[name], [1, 0, 2])
            chosen, log_probs, memories[name], ways[name] = decide(
                params[name], seen, carry.memories[name], noise_t[name]
            )
            actions[name] = tf.transpose(chosen)
            alive = tf.transpose(carry.alive[name])
            step[name] = (seen, chosen, alive, tf.reduce_sum(alive * log_probs, axis=-1))
        planes, rewards, alive_after = env.advance(carry.planes, actions)
        for name in names:
            own_rewards = tf.transpose(rewards[name])
            step[name] += (
                joint_reward(own_rewards, tf.transpose(carry.alive[name]), reading),
                own_rewards,
                ways[name],
            )
        return Carry(planes, alive_after, memories), step

    first = {name: values[0] for name, values in noise.items()}
    shapes = one(carry, first)[1]  # only to learn the shapes; XLA drops the unused values
    buffers = tf.nest.map_structure(
        lambda v: tf.TensorArray(v.dtype, length, element_shape=v.shape), shapes
    )

    def body(t, carry, buffers):
        carry, step = one(carry, {name: values[t] for name, values in noise.items()})
        flat = [b.write(t, v) for b, v in zip(tf.nest.flatten(buffers), tf.nest.flatten(step))]
        return t + 1, carry, tf.nest.pack_sequence_as(buffers, flat)

    _, after, buffers = tf.while_loop(
        lambda t, *_: t < length, body, (0, carry, buffers), maximum_iterations=length
    )
    stacked = tf.nest.map_structure(lambda b: b.stack(), buffers)
    steps = {}
    for name in names:
        *taken, way = stacked[name]
        steps[name] = Steps(*taken, carry.memories[name], way)
    return after, steps


def last_of(env: CompiledEnv, carry: Carry) -> dict[str, Last]:
    """What every population is left with after an unroll."""
    return {
        name: Last(tf.transpose(seen, [1, 0, 2]), tf.reduce_max(carry.alive[name], axis=0))
        for name, seen in env.observe(carry.planes).items()
    }


def decide(
    params: JointParams, observations: tf.Tensor, memory: Memory, uniform: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, Memory, Way]:
    """One joint action of every world.

    Args:
      observations: [B, n, m].
      uniform: [n, B] in [0, 1).

    Returns:
      (actions [B, n], their log-probabilities [B, n], memory, the way through the layers).
    """
    logits, _, memory, way = network.step_with_way(params, observations, memory)
    return *categorical.sample(logits, tf.transpose(uniform)), memory, way


def returns_of(steps: Steps) -> tf.Tensor:
    """Undiscounted return of every agent over these steps: [n, B]."""
    return tf.transpose(tf.reduce_sum(steps.agent_rewards * steps.alive, axis=0))


def count_steps(steps: Mapping[str, Steps]) -> StepCount:
    """Steps of worlds in which anybody of any population was alive, decisions of the living."""
    living = tf.add_n([tf.reduce_sum(s.alive, axis=-1) for s in steps.values()])  # [T, B]
    worlds = tf.reduce_sum(tf.cast(living > 0.0, tf.int32))
    return StepCount(worlds, tf.cast(tf.reduce_sum(living), tf.int32))
