"""One step of TRPO on the joint policy (Schulman et al. 2015, reference 28 of the paper)."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from baselines.kitchensink import derivatives, network, objective
from baselines.kitchensink.network import JointParams
from baselines.kitchensink.rollout import Last, Steps
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
    bootstrap_horizon: bool
    value_ridge: float


class JointBatch(NamedTuple):
    """Whole episodes of a population.

    advantages [T, B], standardised; targets [T, B] of the value; acting [T, B] weighs steps.
    """

    steps: Steps
    advantages: tf.Tensor
    targets: tf.Tensor
    acting: tf.Tensor


def surrogate(logits: tf.Tensor, batch: JointBatch) -> tf.Tensor:
    """The mean over steps of π(a) / π_old(a) times the advantage, of joint actions."""
    log_probs = objective.log_prob(logits, batch.steps.actions, batch.steps.alive)
    ratio = tf.exp(log_probs - batch.steps.log_probs)
    return objective.mean_over(ratio * batch.advantages, batch.acting)


def mean_kl(old: tf.Tensor, new: tf.Tensor, batch: JointBatch) -> tf.Tensor:
    """KL(π_old || π_new) of the joint policy, the mean over steps."""
    return objective.mean_over(objective.kl(old, new, batch.steps.alive), batch.acting)


def fisher_product_at(theta: Theta, value: Layer, steps: Steps) -> Callable[[tf.Tensor], tf.Tensor]:
    """v -> F v, where F is the Hessian at θ of the mean KL over these steps.

    F = Jᵀ H J (Schraudolph 2002): J the derivative of the logits, through the LSTM over the whole
    sequences; H that of KL by the logits, diag(π) - π πᵀ for each agent. J v is computed forward,
    Jᵀ backward; there are no second derivatives.

    Args:
      steps: with their way; θ and `value` are the parameters that went it.
    """
    acting = tf.reduce_max(steps.alive, axis=-1)
    weights = steps.alive / tf.maximum(tf.reduce_sum(acting), 1.0)
    unmoved = tf.nest.map_structure(tf.zeros_like, value)
    params = JointParams(*theta, value)
    of_logits = derivatives.jacobian(params, steps.observations, steps.memory, steps.way)
    logits, _ = network.heads_of_all(params, steps.way.outputs, steps.observations.shape[2])
    pi = tf.nn.softmax(logits)

    def product(vector: tf.Tensor) -> tf.Tensor:
        moved = of_logits.along(JointParams(*trpo.unflatten(vector, theta), unmoved))
        centred = moved - tf.reduce_sum(pi * moved, axis=-1, keepdims=True)
        cotangent = weights[..., None] * pi * centred
        return trpo.flatten(of_logits.against(cotangent))

    return product


def of_worlds(steps: Steps, count: int) -> Steps:
    """The episodes of the first `count` worlds."""
    memory = tf.nest.map_structure(lambda v: v[:count], steps.memory)
    way = tf.nest.map_structure(lambda v: v[:, :count], steps.way)
    return Steps(*(v[:, :count] for v in steps[:-2]), memory, way)


def make_batch(
    params: JointParams, steps: Steps, last: Last, unrolled: tuple, constants: Constants
) -> tuple[JointBatch, dict]:
    """Advantages and returns by the value layer as it is.

    The layer was fitted to earlier episodes, so it cannot have learned these returns by heart.

    Args:
      last: after the last step.
      unrolled: what `network.unroll` gives of these steps with these parameters.

    Returns:
      (batch, measures).
    """
    acting = tf.reduce_max(steps.alive, axis=-1)
    logits, values, _, memory = unrolled
    following = network.step(params, last.observations, memory)[1] * last.alive
    if not constants.bootstrap_horizon:
        following = tf.zeros_like(following)

    def advantages(gae_lambda):
        return objective.advantages(
            steps.rewards, values, following, acting, constants.gamma, gae_lambda
        )

    targets = advantages(1.0) + values
    measures = {
        "entropy": objective.mean_over(objective.entropy(logits, steps.alive), acting),
        "explained_variance": value_fit.explained_variance(values, targets, acting),
    }
    advantage = standardised(advantages(constants.gae_lambda), acting)
    return JointBatch(steps, advantage, targets, acting), measures


def standardised(values: tf.Tensor, acting: tf.Tensor) -> tf.Tensor:
    """With mean 0 and standard deviation 1 over the steps in which anybody was alive."""
    centred = values - objective.mean_over(values, acting)
    variance = objective.mean_over(tf.square(centred), acting)
    return centred / (tf.sqrt(variance) + 1e-8)


@tf.function(jit_compile=True, autograph=False)
def improve(
    params: JointParams, steps: Steps, last: Last, constants: Constants
) -> tuple[JointParams, dict]:
    """A trust-region step of the policy, then the value layer fitted to the same episodes.

    Returns:
      (new parameters, measures).
    """
    *theta, value = params
    theta = tuple(theta)
    with tf.GradientTape() as tape:
        tape.watch(theta)
        unrolled = derivatives.unroll(params, steps.observations, steps.memory, steps.way)
        with tape.stop_recording():
            batch, measures = make_batch(params, steps, last, unrolled, constants)
        old_value = surrogate(unrolled[0], batch)
    gradient = tape.gradient(old_value, theta)

    def both(candidate):
        logits, _, features, _ = network.unroll(
            JointParams(*candidate, value), steps.observations, steps.memory
        )
        return surrogate(logits, batch), mean_kl(unrolled[0], logits, batch), features

    step = trpo.trust_region_step(
        theta,
        gradient,
        lambda candidate: both(candidate)[0],
        old_value,
        lambda candidate: both(candidate)[1],
        both=both,
        by_product=unrolled[2],
        fisher_product=fisher_product_at(
            theta, value, of_worlds(steps, constants.fisher_trajectories)
        ),
        delta=constants.delta,
        cg_iterations=constants.cg_iterations,
        damping=constants.cg_damping,
        well_conditioned=True,
    )
    value = value_fit.fit(step.by_product, batch.targets, batch.acting, constants.value_ridge)
    measures |= {
        "gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient)),
        "kl": step.kl,
        "improvement": step.improvement,
        "backtracks": tf.cast(step.backtracks, tf.float32),
    }
    return JointParams(*step.theta, value), measures
