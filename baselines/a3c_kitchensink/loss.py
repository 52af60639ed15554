"""The actor-critic objective of A3C (Mnih et al. 2016, reference 2 of the paper), its gradient."""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from baselines.kitchensink import derivatives, network, objective, rollout
from baselines.kitchensink.network import JointParams
from baselines.kitchensink.rollout import Carry, Last, Steps
from dimapg_tf.envs.base import CompiledEnv
from dimapg_tf.types import StepCount


class Weights(NamedTuple):
    """The constants of the objective, named as in `Settings`."""

    gamma: float
    reward_scale: float
    entropy_bonus: float
    value_weight: float
    max_gradient_norm: float


def a3c_objective(
    params: JointParams,
    steps: Steps,
    last: Last,
    goes_on: tf.Tensor,
    weights: Weights,
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """What A3C maximises, over one unroll of a population, and measures of it.

    Σ_t log π(a_t) (R_t - V_t) + entropy bonus - value weight (R_t - V_t)², the mean over worlds and
    the sum over time as in the original, which has one world. R_t is the n-step return; R_t - V_t
    is a constant in the first term, R_t in the last.

    Args:
      last: after the last step.
      goes_on: 1.0 if the episode does, else 0.0: the value after it is 0.
    """
    logits, values, _, memory = derivatives.unroll(
        params, steps.observations, steps.memory, steps.way
    )
    acting = tf.reduce_max(steps.alive, axis=-1)
    following = network.step(params, last.observations, memory)[1] * last.alive * goes_on
    advantage = tf.stop_gradient(
        objective.advantages(
            weights.reward_scale * steps.rewards, values, following, acting, weights.gamma, 1.0
        )
    )
    target = tf.stop_gradient(values) + advantage
    log_probs = objective.log_prob(logits, steps.actions, steps.alive)
    entropy = objective.entropy(logits, steps.alive)
    value_error = tf.square(target - values)
    total = (
        log_probs * advantage + weights.entropy_bonus * entropy - weights.value_weight * value_error
    )
    value = tf.reduce_sum(acting * total) / acting.shape[1]
    measures = {
        "entropy": objective.mean_over(entropy, acting),
        "value_error": objective.mean_over(value_error, acting),
        "value": objective.mean_over(values, acting),
    }
    return value, measures


def gradient(
    params: JointParams,
    steps: Steps,
    last: Last,
    goes_on: tf.Tensor,
    weights: Weights,
) -> tuple[JointParams, dict[str, tf.Tensor]]:
    """The gradient of `objective`, shortened to `max_gradient_norm`, and measures."""
    with tf.GradientTape() as tape:
        tape.watch(params)
        value, measures = a3c_objective(params, steps, last, goes_on, weights)
    flat = tf.nest.flatten(tape.gradient(value, params))
    norm = tf.linalg.global_norm(flat)
    shrink = tf.minimum(weights.max_gradient_norm / (norm + 1e-12), 1.0)
    flat = [shrink * g for g in flat]
    return tf.nest.pack_sequence_as(params, flat), {"gradient_norm": norm, **measures}


class Played(NamedTuple):
    """What one unroll of all populations gave; dicts by population.

    measures: {name: scalar}; returns [n, B], undiscounted, of these steps; count: how many
    these are.
    """

    carry: Carry
    gradients: dict[str, JointParams]
    measures: dict[str, dict[str, tf.Tensor]]
    returns: dict[str, tf.Tensor]
    count: StepCount


@tf.function(jit_compile=True, autograph=False)
def play(
    env: CompiledEnv,
    reading: str,
    weights: Weights,
    params: Mapping[str, JointParams],
    carry: Carry,
    noise: Mapping[str, tf.Tensor],
    goes_on: tf.Tensor,
) -> Played:
    """Play on, as many steps as there is noise, and differentiate: one XLA program."""
    after, steps = rollout.unroll(env, params, carry, noise, reading)
    last = rollout.last_of(env, after)
    gradients, measures, returns = {}, {}, {}
    for name in params:
        gradients[name], measures[name] = gradient(
            params[name], steps[name], last[name], goes_on, weights
        )
        returns[name] = rollout.returns_of(steps[name])
    return Played(after, gradients, measures, returns, rollout.count_steps(steps))
