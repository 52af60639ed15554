"""The update of θ from its gradient (Eq. 11): plain or Adam steps, or a trust region."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from dimapg_tf import policy, trpo
from dimapg_tf.types import Params, Trajectory


def make_optimizer(name: str, epsilon: float, variables: list[tf.Variable]):
    """Keras' SGD, which is Eq. 11 to the letter, or Adam, both with learning rate ε."""
    kinds = {"sgd": tf.keras.optimizers.SGD, "adam": tf.keras.optimizers.Adam}
    optimizer = kinds[name](learning_rate=epsilon)
    optimizer.build(variables)  # so that a checkpoint holds its moments from the start
    return optimizer


def ascend(optimizer, variables: list[tf.Variable], gradient: Params) -> None:
    """θ ← θ + ε ∇_θ Σ_n L_n, Eq. 11. The optimizer minimises, hence the minus sign."""
    descent = [-g for g in tf.nest.flatten(gradient)]
    optimizer.apply_gradients(zip(descent, variables))


def project(theta: Params, theta_n: Params) -> Params:
    """θ ← (θ + Σ_n θ_n) / (N + 1): the projection of section 4 onto θ_n = θ.

    Algorithm 1 replaces it by θ_n ← θ, which is to do nothing here.
    """
    return tf.nest.map_structure(
        lambda v, n: (v + tf.reduce_sum(n, axis=0)) / (n.shape[0] + 1), theta, theta_n
    )


class Visited(NamedTuple):
    """What agents saw who followed θ: observations [n, ..., T, O]; counts [n, ..., T], 1.0 where it
    counts, 0.0 where an agent was dead or followed another policy.
    """

    observations: tf.Tensor
    counts: tf.Tensor


def visited(trajectory: Trajectory) -> tuple[Visited]:
    """The samples of τ^θ, in which everybody follows θ."""
    return (Visited(trajectory.observations, trajectory.alive),)


def _some(region: Sequence[Visited], stride: int) -> tuple[list[Visited], tf.Tensor]:
    """Every `stride`-th step of the region, and how many samples count there."""
    some = [
        Visited(part.observations[..., ::stride, :], part.counts[..., ::stride]) for part in region
    ]
    return some, tf.maximum(sum(tf.reduce_sum(part.counts) for part in some), 1.0)


def kl_from(
    theta_old: Params, region: Sequence[Visited], stride: int = 1
) -> Callable[[Params], tf.Tensor]:
    """KL(π_old || π_θ) as a function of θ: the mean over every `stride`-th step of the region.

    Reading of the paper: the trust region is that of the deployed policy π_θ, on τ^θ, or on all
    rollouts of an iteration where their samples are all used (`--sampling_term=all_data`). On few
    worlds a step that looks short can be a long one elsewhere.
    """
    region, total = _some(region, stride)
    distribution = policy.distribution_of(theta_old)
    old = [tf.stop_gradient(policy.apply(theta_old, part.observations)) for part in region]

    def kl(theta: Params) -> tf.Tensor:
        new = [policy.apply(theta, part.observations) for part in region]
        distances = [distribution.kl(*pair) for pair in zip(old, new)]
        return sum(
            tf.reduce_sum(part.counts / total * distance)
            for part, distance in zip(region, distances)
        )

    return kl


def fisher_product_at(
    theta: Params, region: Sequence[Visited], stride: int = 1
) -> Callable[[tf.Tensor], tf.Tensor]:
    """v -> F v for vectors [D], where F is the Hessian at θ of `kl_from(θ, region, stride)`.

    F = Σ Jᵀ H J (Schraudolph 2002): J the derivative of the policy's outputs, H the Hessian of KL
    by the outputs, which are few. Half the work of differentiating twice, and the forward pass is
    out of the loop of the conjugate gradient.
    """
    region, total = _some(region, stride)
    distribution = policy.distribution_of(theta)
    parts = []
    for part in region:
        with tf.GradientTape(persistent=True) as backward:
            backward.watch(theta)
            outputs = policy.apply(theta, part.observations)
        # Jᵀ u is linear in u, so its derivative by u, times v, is J v.
        u = tf.zeros_like(outputs)
        with tf.GradientTape(persistent=True) as forward:
            forward.watch(u)
            back = tf.nest.flatten(backward.gradient(outputs, theta, output_gradients=u))
        parts.append((part.counts / total, outputs, backward, forward, u, back))

    def product(vector: tf.Tensor) -> tf.Tensor:
        moved = tf.nest.flatten(trpo.unflatten(vector, theta))
        result = tf.zeros_like(vector)
        for weights, outputs, backward, forward, u, back in parts:
            along = forward.gradient(back, u, output_gradients=moved)  # J v
            old = tf.stop_gradient(outputs)
            bent = trpo.fisher_vector_product(
                lambda new, old=old, w=weights: tf.reduce_sum(w * distribution.kl(old, new)),
                outputs,
                tf.reshape(along, [-1]),
                0.0,
            )
            bent = tf.reshape(bent, outputs.shape)
            result += trpo.flatten(backward.gradient(outputs, theta, output_gradients=bent))
        return result

    return product


def trust_region(
    theta: Params,
    gradient: Params,
    objective: Callable[[Params], tf.Tensor],
    value: tf.Tensor,
    region: Sequence[Visited],
    delta: tf.Tensor | float,
    cg_iterations: int,
    damping: float,
    fisher_stride: int,
    together: bool = False,
) -> trpo.TrustRegionStep:
    """Eq. 11 by TRPO: the best step for the objective within KL ≤ δ (paper 5.2, reference 28).

    The Fisher-vector products of the conjugate gradient look at every `fisher_stride`-th time step
    only, which makes them as much cheaper; the constraint is checked on the whole region.

    together: the objective looks at the region's samples, too, so that the line search computes
    both at once.
    """
    kl = kl_from(theta, region)
    return trpo.trust_region_step(
        theta,
        gradient,
        objective,
        value,
        kl,
        fisher_product=fisher_product_at(theta, region, fisher_stride),
        both=(lambda candidate: (objective(candidate), kl(candidate))) if together else None,
        delta=delta,
        cg_iterations=cg_iterations,
        damping=damping,
    )
