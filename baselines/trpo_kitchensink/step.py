"""One step of TRPO on the joint policy (Schulman et al. 2015, reference 28 of the paper)."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from baselines import joint_network, joint_objective
from baselines.joint_network import JointParams
from baselines.joint_rollout import Steps
from baselines.trpo_kitchensink import value_fit
from baselines.trpo_kitchensink.settings import Settings
from dimapg_tf import trpo
from dimapg_tf.types import Layer

Theta = tuple[Layer, ...]
"""What the trust region moves: all layers but the value's, which comes last in JointParams."""


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


def kl_from(theta_old: Theta, value: Layer, steps: Steps) -> Callable[[Theta], tf.Tensor]:
    """KL(π_old || π_θ) of the joint policy, the mean over steps, as a function of θ.

    Its second derivatives by two nested tapes go through the LSTM over the whole sequences.
    """
    acting = tf.reduce_max(steps.alive, axis=-1)
    old = tf.stop_gradient(logits_of(theta_old, value, steps))

    def kl(theta: Theta) -> tf.Tensor:
        new = logits_of(theta, value, steps)
        return joint_objective.mean_over(joint_objective.kl(old, new, steps.alive), acting)

    return kl


def of_worlds(steps: Steps, count: int) -> Steps:
    """The episodes of the first `count` worlds."""
    memory = tf.nest.map_structure(lambda v: v[:count], steps.memory)
    return Steps(*(v[:, :count] for v in steps[:-1]), memory)


def make_batch(params: JointParams, steps: Steps, settings: Settings) -> tuple[Batch, dict]:
    """Advantages by the value layer as it is, standardised; and how good the layer was.

    The layer was fitted to earlier episodes, so it cannot have learned these returns by heart.
    """
    acting = tf.reduce_max(steps.alive, axis=-1)
    logits, values, _, _ = joint_network.unroll(params, steps.observations, steps.memory)
    nothing = tf.zeros_like(values[0])  # an episode is whole: no value after it
    advantages = joint_objective.advantages(
        steps.rewards, values, nothing, acting, settings.gamma, settings.gae_lambda
    )
    mean = joint_objective.mean_over(advantages, acting)
    variance = joint_objective.mean_over(tf.square(advantages - mean), acting)
    advantages = (advantages - mean) / (tf.sqrt(variance) + 1e-8)
    measures = {
        "entropy": joint_objective.mean_over(joint_objective.entropy(logits, steps.alive), acting),
        "explained_variance": value_fit.explained_variance(
            values, returns(steps, acting, settings.gamma), acting
        ),
    }
    return Batch(steps, advantages, acting), measures


def returns(steps: Steps, acting: tf.Tensor, gamma: float) -> tf.Tensor:
    """Discounted returns [T, B] from each step to the end of the episode."""
    zeros = tf.zeros_like(steps.rewards)
    return joint_objective.advantages(steps.rewards, zeros, zeros[0], acting, gamma, 1.0)


def improve(params: JointParams, steps: Steps, settings: Settings) -> tuple[JointParams, dict]:
    """A trust-region step of the policy, then a new fit of the value layer to the same episodes.

    Returns:
      (new parameters, measures).
    """
    batch, measures = make_batch(params, steps, settings)
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
        kl_from(theta, value, steps),
        kl_from(theta, value, of_worlds(steps, settings.fisher_trajectories)),
        delta=settings.delta,
        cg_iterations=settings.cg_iterations,
        damping=settings.cg_damping,
    )
    features = joint_network.unroll(
        JointParams(*step.theta, value), steps.observations, steps.memory
    )[2]
    targets = returns(steps, batch.acting, settings.gamma)
    value = value_fit.fit(features, targets, batch.acting, settings.value_ridge)
    measures |= {
        "gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient)),
        "kl": step.kl,
        "improvement": step.improvement,
        "backtracks": tf.cast(step.backtracks, tf.float32),
    }
    return JointParams(*step.theta, value), measures
