"""The update of θ from its gradient (Eq. 11): plain or Adam steps, or a trust region."""

from collections.abc import Callable

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


def kl_from(
    theta_old: Params, trajectory: Trajectory, stride: int = 1
) -> Callable[[Params], tf.Tensor]:
    """KL(π_old || π_θ) as a function of θ: the mean over every `stride`-th step of τ^θ.

    Reading of the paper: the trust region is that of the deployed policy π_θ, on τ^θ.
    """
    observations = trajectory.observations[:, :, ::stride]
    alive = trajectory.alive[:, :, ::stride]
    weights = alive / tf.maximum(tf.reduce_sum(alive), 1.0)
    distribution = policy.distribution_of(theta_old)
    old = tf.stop_gradient(policy.apply(theta_old, observations))

    def kl(theta: Params) -> tf.Tensor:
        new = policy.apply(theta, observations)
        return tf.reduce_sum(weights * distribution.kl(old, new))

    return kl


def trust_region(
    theta: Params,
    gradient: Params,
    objective: Callable[[Params], tf.Tensor],
    value: tf.Tensor,
    trajectory: Trajectory,
    delta: float,
    cg_iterations: int,
    damping: float,
    fisher_stride: int,
) -> trpo.TrustRegionStep:
    """Eq. 11 by TRPO: the best step for the objective within KL ≤ δ (paper 5.2, reference 28).

    The Fisher-vector products of the conjugate gradient look at every `fisher_stride`-th time step
    only, which makes them as much cheaper; the constraint is checked on all of τ^θ.
    """
    return trpo.trust_region_step(
        theta,
        gradient,
        objective,
        value,
        kl_from(theta, trajectory),
        kl_from(theta, trajectory, fisher_stride),
        delta=delta,
        cg_iterations=cg_iterations,
        damping=damping,
    )
