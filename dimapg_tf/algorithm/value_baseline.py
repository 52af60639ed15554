"""The linear feature baseline (paper, App. C.2; rllab's LinearFeatureBaseline).

Fitted anew in each iteration, for each sampled agent, to the samples that it is then used on.

The features of rllab cannot say how far the nearest agent is from a goal, or any other thing that
depends on two numbers at once. `--baseline_features` adds random ones that can: ReLU units whose
weights are drawn once and never trained (Rahimi and Recht 2008). The fit stays linear.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

CLIP = 10.0  # observations are clipped to ±10, as in rllab

# rllab adds 1e-5 to the sums over samples, and more where that gives NaN. We add it to the mean
# squares of features that are scaled to have mean square 1, so that the units of an observation do
# not matter. Where many features are constant, and so collinear, float32 cannot solve that: then
# FALLBACK times the number of features, which is above the rounding errors of the sums.
RIDGE = 1e-5
FALLBACK = 1e-4

BLOCK = 20  # rows that are eliminated at once (measured: of 4 to 32 the fastest at F = 220)

UNITS_SEED = 0  # of the random features, the same in every run


class Fit(NamedTuple):
    """How a baseline is fitted.

    shared: one fit for all sampled agents, where it is not one for each (two readings of "fitted
    separately at each iteration for all agents sampled from the population", App. C.2).
    random_features: how many are added to those of rllab.
    samples: as many of an agent's samples are used as come in equal steps and are at least these;
    None: all.
    """

    shared: bool = False
    random_features: int = 0
    samples: int | None = None


RLLAB = Fit()


def features(observations: tf.Tensor, random_features: int = 0) -> tf.Tensor:
    """φ = [o, o², t, t², t³, 1] with o clipped and t in units of 100 steps: [..., T, 2 O + 4].

    With random_features = R, as many units relu(W o + b) of standard normal W, b are added.
    """
    clipped = tf.clip_by_value(observations, -CLIP, CLIP)
    time = tf.range(observations.shape[-2], dtype=observations.dtype) / 100.0
    powers = tf.stack([time, time**2, time**3, tf.ones_like(time)], axis=-1)  # [T, 4]
    powers = tf.broadcast_to(powers, [*observations.shape[:-1], 4])
    parts = [clipped, tf.square(clipped), powers]
    if random_features:
        parts.append(_random_units(clipped, random_features))
    return tf.concat(parts, axis=-1)


def _random_units(observations: tf.Tensor, count: int) -> tf.Tensor:
    """relu(W o + b): [..., T, count]."""
    size = observations.shape[-1]
    generator = np.random.default_rng(UNITS_SEED)
    weights = tf.constant(generator.normal(size=(size, count)), observations.dtype)
    bias = tf.constant(generator.normal(size=count), observations.dtype)
    units = tf.nn.relu(tf.matmul(tf.reshape(observations, [-1, size]), weights) + bias)
    return tf.reshape(units, [*observations.shape[:-1], count])


class LeastSquares(NamedTuple):
    """A regression for each agent: features [N, M, F]; gram [N, F, F]; moment [N, F, 1].

    With one baseline for all agents, N is 1 and M counts the samples of all.
    """

    features: tf.Tensor
    gram: tf.Tensor
    moment: tf.Tensor


def normal_equations(
    observations: tf.Tensor,
    returns: tf.Tensor,
    alive: tf.Tensor,
    fit: Fit = RLLAB,
    summary: tf.Tensor | None = None,
) -> LeastSquares:
    """The least-squares problem of these very samples.

    Args:
      observations: [N, B, T, O]; returns [N, B, T] from each step on; alive [N, B, T] masks.
      summary: [O, S]; the fit sees observations @ summary, where there is one.
    """
    if summary is not None:
        observations = tf.matmul(observations, tf.cast(summary, observations.dtype))
    if fit.shared:
        one = [1, -1, returns.shape[2]]
        observations = tf.reshape(observations, [*one, observations.shape[-1]])
        returns, alive = tf.reshape(returns, one), tf.reshape(alive, one)
    num_agents = returns.shape[0]
    phi = features(observations, fit.random_features)
    phi = tf.reshape(phi, [num_agents, -1, phi.shape[-1]])  # [N, M, F]
    mask = tf.reshape(alive, [num_agents, -1, 1])
    count = tf.maximum(tf.reduce_sum(mask, axis=1, keepdims=True), 1.0)
    mean_square = tf.reduce_sum(tf.square(phi) * mask / count, axis=1, keepdims=True)
    phi *= tf.math.rsqrt(mean_square + 1e-12)
    targets = tf.reshape(returns, [num_agents, -1, 1])
    some, stride = phi, phi.shape[1] // (fit.samples or phi.shape[1])
    if stride > 1:
        some, targets, mask = (v[:, ::stride] for v in (phi, targets, mask))
        count = tf.maximum(tf.reduce_sum(mask, axis=1, keepdims=True), 1.0)
    weighted = some * mask / count
    gram = tf.matmul(weighted, some, transpose_a=True)
    moment = tf.matmul(weighted, targets, transpose_a=True)
    return LeastSquares(phi, gram, moment)


def solve(gram: tf.Tensor, moment: tf.Tensor) -> tf.Tensor:
    """Coefficients [N, F, 1]; not numbers where the samples are not.

    By elimination, which XLA compiles well; its Cholesky decomposition is a hundred times slower.
    """
    # Twice through one loop, not once and then under a condition: it is half the program.
    ridges = tf.constant([RIDGE, FALLBACK * gram.shape[-1]], gram.dtype)

    def attempt(k, coefficients, solved):
        found = tf.where(solved, coefficients, _eliminate(gram, moment, ridges[k]))
        finite = tf.math.is_finite(found)
        return k + 1, found, tf.reduce_all(finite, axis=[1, 2], keepdims=True)

    _, coefficients, _ = tf.while_loop(
        lambda k, _, solved: (k < 2) & tf.logical_not(tf.reduce_all(solved)),
        attempt,
        (0, tf.zeros_like(moment), tf.zeros([gram.shape[0], 1, 1], tf.bool)),
        maximum_iterations=2,
    )
    return coefficients


def _eliminate(gram: tf.Tensor, moment: tf.Tensor, ridge: tf.Tensor) -> tf.Tensor:
    """Solve (gram + ridge I) x = moment by Gauss-Jordan elimination: [N, F, 1].

    A positive definite matrix needs no pivoting; where a pivot is not positive the matrix is not,
    to the precision of its numbers, and the result is not a number. BLOCK rows are eliminated
    among themselves before a product of matrices takes them out of all others: so the whole table
    is gone through F / BLOCK times and not F.
    """
    num_fits, size = gram.shape[0], gram.shape[-1]
    missing = -size % BLOCK
    full = size + missing
    regular = gram + ridge * tf.eye(size, dtype=gram.dtype)
    # Filled up to whole blocks with rows that say x = 0.
    regular = tf.pad(regular, [[0, 0], [0, missing], [0, missing]])
    regular += tf.linalg.diag(tf.constant([0.0] * size + [1.0] * missing, gram.dtype))
    moment = tf.pad(moment, [[0, 0], [0, missing], [0, 0]])
    rows = tf.range(BLOCK)[None, :, None]

    def eliminate_block(k, table):
        start = k * BLOCK
        block = tf.slice(table, [0, start, 0], [num_fits, BLOCK, full + 1])

        def eliminate(i, block):
            row = block[:, i, :][:, None]  # [N, 1, F + 1]
            column = tf.slice(block, [0, 0, start + i], [num_fits, BLOCK, 1])
            pivot = column[:, i, :][:, None]
            row /= tf.where(pivot > 0.0, pivot, np.nan)
            return i + 1, tf.where(rows == i, row, block - column * row)

        _, block = tf.while_loop(
            lambda i, _: i < BLOCK, eliminate, (0, block), maximum_iterations=BLOCK
        )
        # What is left of the block's own rows after the product is the block itself.
        own = tf.one_hot(start + tf.range(BLOCK), full, dtype=gram.dtype, axis=0)
        columns = tf.slice(table, [0, 0, start], [num_fits, full, BLOCK]) - own
        others = table - tf.matmul(columns, block)
        return k + 1, others

    _, table = tf.while_loop(
        lambda k, _: k < full // BLOCK,
        eliminate_block,
        (0, tf.concat([regular, moment], axis=2)),
        maximum_iterations=full // BLOCK,
    )
    return table[:, :size, full:]


def predict(problem: LeastSquares, coefficients: tf.Tensor, shape: tf.TensorShape) -> tf.Tensor:
    """V [N, B, T], the shape asked for."""
    return tf.reshape(tf.matmul(problem.features, coefficients), shape)
