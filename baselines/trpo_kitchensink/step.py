"""One step of TRPO on the joint policy (Schulman et al. 2015, reference 28 of the paper)."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from baselines import joint_network, joint_objective
from baselines.joint_network import JointParams
from baselines.joint_rollout import Steps
from baselines.trpo_kitchensink import value_fit
from dimapg_tf import trpo
from dimapg_tf.types import Layer

Theta = tuple[Layer, ...]
"""What the trust region moves: all layers but the value's, which comes last in JointParams."""


class Constants(NamedTuple):
    """What a step depends on, named as in `Settings`."""

    delta: float
    cg_iterations: int
    cg_damping: float
    fisher_trajectories: int
    gamma: float
    gae_lambda: float
    value_ridge: float


class Batch(NamedTuple):
    """Whole episodes of a population, with their advantages [T, B]; acting [T, B] weighs steps."""

    steps: Steps
    advantages: tf.Tensor
    acting: tf.Tensor


def logits_of(theta: Theta, value: Layer, steps: Steps) -> tf.Tensor:
    """Logits [T, B, n, A] of the policy on the observations of these episodes."""
    return joint_network.unroll(JointParams(*theta, value), steps.observations, steps.memory)[0]


def surrogate(theta: Theta, value: Layer, batch: Batch) -> tf.Tensor:
    """The mean over steps of π(a) / π_old(a) times the advantage, of joint actions."""
    logits = logits_of(theta, value, batch.steps)
    log_probs = joint_objective.log_prob(logits, batch.steps.actions, batch.steps.alive)
    ratio = tf.exp(log_probs - batch.steps.log_probs)
    return joint_objective.mean_over(ratio * batch.advantages, batch.acting)


def kl_from(old: tf.Tensor, value: Layer, batch: Batch) -> Callable[[Theta], tf.Tensor]:
    """KL(π_old || π_θ) of the joint policy, the mean over steps, as a function of θ."""

    def kl(theta: Theta) -> tf.Tensor:
        new = logits_of(theta, value, batch.steps)
        return joint_objective.mean_over(
            joint_objective.kl(old, new, batch.steps.alive), batch.acting
        )

    return kl


def fisher_product_at(theta: Theta, value: Layer, steps: Steps) -> Callable[[tf.Tensor], tf.Tensor]:
    """v -> F v, where F is the Hessian at θ of the mean KL over these steps.

    F = Jᵀ H J (Schraudolph 2002): J the derivative of the logits, through the LSTM over the whole
    sequences; H that of KL by the logits, diag(π) - π πᵀ for each agent. J v is computed forward,
    Jᵀ backward; there are no second derivatives.
    """
    acting = tf.reduce_max(steps.alive, axis=-1)
    weights = steps.alive / tf.maximum(tf.reduce_sum(acting), 1.0)
    unmoved = tf.nest.map_structure(tf.zeros_like, value)

    def product(vector: tf.Tensor) -> tf.Tensor:
        tangent = JointParams(*trpo.unflatten(vector, theta), unmoved)
        moved = joint_network.logits_tangent(
            JointParams(*theta, value), tangent, steps.observations, steps.memory
        )
        with tf.GradientTape() as tape:
            tape.watch(theta)
            logits = logits_of(theta, value, steps)
        pi = tf.nn.softmax(logits)
        centred = moved - tf.reduce_sum(pi * moved, axis=-1, keepdims=True)
        cotangent = tf.stop_gradient(weights[..., None] * pi * centred)
        return trpo.flatten(tape.gradient(logits, theta, output_gradients=cotangent))

    return product


def of_worlds(steps: Steps, count: int) -> Steps:
    """The episodes of the first `count` worlds."""
    memory = tf.nest.map_structure(lambda v: v[:count], steps.memory)
    return Steps(*(v[:, :count] for v in steps[:-1]), memory)


def make_batch(
    params: JointParams, steps: Steps, constants: Constants
) -> tuple[Batch, tf.Tensor, dict]:
    """Advantages by the value layer as it is, standardised.

    The layer was fitted to earlier episodes, so it cannot have learned these returns by heart.

    Returns:
      (batch, logits [T, B, n, A] of the policy that played, measures).
    """
    acting = tf.reduce_max(steps.alive, axis=-1)
    logits, values, _, _ = joint_network.unroll(params, steps.observations, steps.memory)
    nothing = tf.zeros_like(values[0])  # an episode is whole: no value after it
    advantages = joint_objective.advantages(
        steps.rewards, values, nothing, acting, constants.gamma, constants.gae_lambda
    )
    mean = joint_objective.mean_over(advantages, acting)
    variance = joint_objective.mean_over(tf.square(advantages - mean), acting)
    advantages = (advantages - mean) / (tf.sqrt(variance) + 1e-8)
    measures = {
        "entropy": joint_objective.mean_over(joint_objective.entropy(logits, steps.alive), acting),
        "explained_variance": value_fit.explained_variance(
            values, returns(steps, acting, constants.gamma), acting
        ),
    }
    return Batch(steps, advantages, acting), logits, measures


def returns(steps: Steps, acting: tf.Tensor, gamma: float) -> tf.Tensor:
    """Discounted returns [T, B] from each step to the end of the episode."""
    zeros = tf.zeros_like(steps.rewards)
    return joint_objective.advantages(steps.rewards, zeros, zeros[0], acting, gamma, 1.0)


@tf.function(jit_compile=True)
def improve(params: JointParams, steps: Steps, constants: Constants) -> tuple[JointParams, dict]:
    """A trust-region step of the policy, then the value layer fitted to the same episodes.

    Returns:
      (new parameters, measures).
    """
    batch, logits, measures = make_batch(params, steps, constants)
    *theta, value = params
    theta = tuple(theta)
    with tf.GradientTape() as tape:
        tape.watch(theta)
        old_value = surrogate(theta, value, batch)
    gradient = tape.gradient(old_value, theta)
    step = trpo.trust_region_step(
        theta,
        gradient,
        lambda candidate: surrogate(candidate, value, batch),
        old_value,
        kl_from(logits, value, batch),
        fisher_product=fisher_product_at(
            theta, value, of_worlds(steps, constants.fisher_trajectories)
        ),
        delta=constants.delta,
        cg_iterations=constants.cg_iterations,
        damping=constants.cg_damping,
    )
    features = joint_network.unroll(
        JointParams(*step.theta, value), steps.observations, steps.memory
    )[2]
    targets = returns(steps, batch.acting, constants.gamma)
    value = value_fit.fit(features, targets, batch.acting, constants.value_ridge)
    measures |= {
        "gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient)),
        "kl": step.kl,
        "improvement": step.improvement,
        "backtracks": tf.cast(step.backtracks, tf.float32),
    }
    return JointParams(*step.theta, value), measures
