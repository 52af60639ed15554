"""Trust region policy optimisation (Schulman et al. 2015; reference 28 of the paper).

Conjugate gradient, Fisher-vector products and a backtracking line search over callables of the
parameters. This file knows no agents and no policies, and imports TensorFlow alone.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

Structure = Any  # a nested structure of tensors
RESIDUAL_TOLERANCE = 1e-10


class ConjugateGradientResult(NamedTuple):
    """solution x [D]; residual [D], b - A x as the recursion tracked it; iterations used.

    image [D]: A x, computed anew, where it was asked for, else zeros.
    """

    solution: tf.Tensor
    residual: tf.Tensor
    iterations: tf.Tensor
    image: tf.Tensor


class TrustRegionStep(NamedTuple):
    """theta: the new parameters, or the old ones where no step was accepted; the rest scalars.

    kl and improvement are those of the step that was taken, 0 where none was; backtracks counts
    the shortenings tried; by_product: what else `both` gave of theta.
    """

    theta: Structure
    accepted: tf.Tensor
    kl: tf.Tensor
    improvement: tf.Tensor
    backtracks: tf.Tensor
    by_product: Structure = ()


def flatten(structure: Structure) -> tf.Tensor:
    """All tensors of the structure, one after another, as one vector [D]."""
    return tf.concat([tf.reshape(v, [-1]) for v in tf.nest.flatten(structure)], axis=0)


def unflatten(vector: tf.Tensor, template: Structure) -> Structure:
    """The inverse of `flatten`: the vector in the shapes of the template."""
    leaves = tf.nest.flatten(template)
    parts = tf.split(vector, [v.shape.num_elements() for v in leaves])
    return tf.nest.pack_sequence_as(
        template, [tf.reshape(part, leaf.shape) for part, leaf in zip(parts, leaves)]
    )


def conjugate_gradient(
    product: Callable[[tf.Tensor], tf.Tensor],
    b: tf.Tensor,
    iterations: int,
    tolerance: float = RESIDUAL_TOLERANCE,
    with_image: bool = False,
) -> ConjugateGradientResult:
    """Solve A x = b for a symmetric positive definite A, given x -> A x.

    Stops after `iterations`, or when the squared residual falls below tolerance * |b|².

    with_image: whether A x is wanted, too. It takes one product more, in a last pass of the same
    loop: a second copy of a large `product` would make a program that much longer to compile.
    """
    limit = tolerance * tf.tensordot(b, b, 1)

    def unfinished(i, x, r, p, rr):
        return tf.logical_and(i < iterations, rr > limit)

    def step_along(p, a_p, x, r, rr):
        step = rr / tf.tensordot(p, a_p, 1)
        x = x + step * p
        r = r - step * a_p
        rr_next = tf.tensordot(r, r, 1)
        return x, r, r + (rr_next / rr) * p, rr_next

    def iterate(i, x, r, p, rr):
        return i + 1, *step_along(p, product(p), x, r, rr)

    def iterate_or_finish(i, x, r, p, rr, image, _):
        going_on = unfinished(i, x, r, p, rr)
        image = product(tf.where(going_on, p, x))
        after = step_along(p, image, x, r, rr)
        kept = [tf.where(going_on, new, old) for new, old in zip(after, (x, r, p, rr))]
        return i + tf.cast(going_on, tf.int32), *kept, image, tf.logical_not(going_on)

    zeros = tf.zeros_like(b)
    start = (tf.constant(0), zeros, b, b, tf.tensordot(b, b, 1))
    if with_image:
        i, x, r, _, _, image, _ = tf.while_loop(
            lambda *state: tf.logical_not(state[-1]),
            iterate_or_finish,
            (*start, zeros, tf.constant(False)),
            maximum_iterations=iterations + 1,
        )
        return ConjugateGradientResult(x, r, i, image)
    i, x, r, _, _ = tf.while_loop(unfinished, iterate, start, maximum_iterations=iterations)
    return ConjugateGradientResult(x, r, i, zeros)


def fisher_vector_product(
    kl: Callable[[Structure], tf.Tensor], theta: Structure, vector: tf.Tensor, damping: float
) -> tf.Tensor:
    """(F + damping I) v, where F is the Hessian at θ of kl(θ) = KL(π_θ || π of its argument).

    The gradient of (∇ kl)ᵀ v, by two nested tapes; F itself is never formed.
    """
    with tf.GradientTape() as outer:
        outer.watch(theta)
        with tf.GradientTape() as inner:
            inner.watch(theta)
            value = kl(theta)
        gradient = flatten(inner.gradient(value, theta))
        slope = tf.tensordot(gradient, tf.stop_gradient(vector), 1)
    return flatten(outer.gradient(slope, theta)) + damping * vector


def line_search(
    theta: Structure,
    step: Structure,
    objective: Callable[[Structure], tf.Tensor],
    old_value: tf.Tensor,
    kl: Callable[[Structure], tf.Tensor],
    delta: tf.Tensor | float,
    backtrack: float,
    max_backtracks: int,
    both: Callable[[Structure], tuple] | None = None,
    by_product: Structure = (),
) -> TrustRegionStep:
    """The longest of θ + backtrack^i step, i = 0, 1, ..., that improves and keeps KL ≤ δ.

    A candidate whose objective or KL is not a finite number is refused. If all fail, θ stays. The
    objective can be far dearer than the KL, so candidates that are too far away are passed over
    before the first one has its objective computed. Where the two share most of their work,
    `both` gives (objective, KL) at once instead of them, and no candidate is passed over. It may
    give a third structure, a by-product that is wanted of the θ that is taken; then `by_product` is
    that of the first θ.
    """

    def candidate(i):
        length = tf.pow(tf.constant(backtrack, old_value.dtype), tf.cast(i, old_value.dtype))
        return tf.nest.map_structure(lambda v, s: v + length * s, theta, step)

    # Comparisons with NaN are false, so both loops refuse what is not a number, too.
    near = tf.constant(0)
    if both is None:
        near, _ = tf.while_loop(
            lambda i, distance: tf.logical_not(distance <= delta) & (i < max_backtracks),
            lambda i, _: (i + 1, kl(candidate(i + 1))),
            (near, kl(candidate(0))),
        )

    def attempt(i, _accepted, _kl, _improvement, _more):
        new = candidate(i)
        value, distance, *more = both(new) if both else (objective(new), kl(new))
        gain = value - old_value
        accepted = (gain > 0.0) & (gain < gain.dtype.max) & (distance <= delta)
        return i + 1, accepted, distance, gain, more[0] if more else ()

    zero = tf.zeros_like(old_value)
    tried, accepted, distance, gain, more = tf.while_loop(
        lambda i, accepted, *_: tf.logical_not(accepted) & (i <= max_backtracks),
        attempt,
        (near, tf.constant(False), zero, zero, by_product),
    )
    chosen = candidate(tried - 1)

    def taken(new, old):
        return tf.nest.map_structure(lambda n, o: tf.where(accepted, n, o), new, old)

    return TrustRegionStep(
        taken(chosen, theta),
        accepted,
        tf.where(accepted, distance, 0.0),
        tf.where(accepted, gain, 0.0),
        tried - 1,
        taken(more, by_product),
    )


def trust_region_step(
    theta: Structure,
    gradient: Structure,
    objective: Callable[[Structure], tf.Tensor],
    old_value: tf.Tensor,
    kl: Callable[[Structure], tf.Tensor],
    *,
    fisher_product: Callable[[tf.Tensor], tf.Tensor] | None = None,
    both: Callable[[Structure], tuple] | None = None,
    by_product: Structure = (),
    well_conditioned: bool = False,
    delta: tf.Tensor | float = 0.01,
    cg_iterations: int = 10,
    damping: float = 1e-5,
    backtrack: float = 0.8,
    max_backtracks: int = 15,
) -> TrustRegionStep:
    """One step that maximises the objective within KL ≤ δ.

    Args:
      theta, gradient: the parameters and the objective's gradient there.
      objective, kl: scalars as functions of the parameters; kl is 0 at θ.
      old_value: objective(theta).
      fisher_product: v -> F v for vectors [D], where there is a better way than differentiating kl
        twice.
      both, by_product: θ -> (objective, kl) or (objective, kl, by-product) where one computation
        gives them; then the line search uses it. See `line_search`.
      well_conditioned: dᵀ(F + damping I)d of the direction d is taken as dᵀ(gradient - residual),
        which saves a product, and is as exact as the residual that conjugate gradient tracks: after
        few iterations or with much damping. Without rounding the residual is orthogonal to d, and
        dᵀ gradient is the same.
      delta, cg_iterations, damping, backtrack, max_backtracks: rllab's defaults.
    """

    def product(vector):
        if fisher_product is not None:
            return fisher_product(vector) + damping * vector
        return fisher_vector_product(kl, theta, vector, damping)

    flat = flatten(gradient)
    solved = conjugate_gradient(product, flat, cg_iterations, with_image=not well_conditioned)
    direction = solved.solution
    image = flat - solved.residual if well_conditioned else solved.image
    curvature = tf.tensordot(direction, image, 1)
    length = tf.sqrt(2.0 * delta / (curvature + 1e-8))
    step = unflatten(length * direction, theta)
    return line_search(
        theta, step, objective, old_value, kl, delta, backtrack, max_backtracks, both, by_product
    )
