"""The linear feature baseline (paper, App. C.2; rllab's LinearFeatureBaseline).

Fitted anew in each iteration, for each sampled agent, to the samples that it is then used on.
"""

import tensorflow as tf

BASELINES = ("agent", "shared")

CLIP = 10.0  # observations are clipped to ±10, as in rllab

# rllab adds 1e-5 to the sums over samples, and more where that gives NaN. We add it to the mean
# squares of features that are scaled to have mean square 1, so that the units of an observation do
# not matter. Where many features are constant, and so collinear, float32 cannot solve that: then
# FALLBACK times the number of features, which is above the rounding errors of the sums.
RIDGE = 1e-5
FALLBACK = 1e-4


def features(observations: tf.Tensor) -> tf.Tensor:
    """φ = [o, o², t, t², t³, 1] with o clipped and t in units of 100 steps: [..., T, 2 O + 4]."""
    clipped = tf.clip_by_value(observations, -CLIP, CLIP)
    time = tf.range(observations.shape[-2], dtype=observations.dtype) / 100.0
    powers = tf.stack([time, time**2, time**3, tf.ones_like(time)], axis=-1)  # [T, 4]
    powers = tf.broadcast_to(powers, [*observations.shape[:-1], 4])
    return tf.concat([clipped, tf.square(clipped), powers], axis=-1)


def predict(
    observations: tf.Tensor,
    returns: tf.Tensor,
    alive: tf.Tensor,
    baseline: str,
    summary: tf.Tensor | None,
) -> tf.Tensor:
    """V [N, B, T] of these very samples.

    Readings of "fitted separately at each iteration for all agents sampled from the population"
    (App. C.2): with baseline = "agent", a fit for each agent; with "shared", one for all of them.
    summary [O, S]: the fit sees observations @ summary, where there is one.
    """
    if summary is not None:
        observations = tf.matmul(observations, tf.cast(summary, observations.dtype))
    if baseline == "agent":
        return fit_predict(observations, returns, alive)
    one = [1, -1, returns.shape[2]]
    observations = tf.reshape(observations, [*one, observations.shape[-1]])
    values = fit_predict(observations, tf.reshape(returns, one), tf.reshape(alive, one))
    return tf.reshape(values, returns.shape)


def fit_predict(observations: tf.Tensor, returns: tf.Tensor, alive: tf.Tensor) -> tf.Tensor:
    """Least-squares prediction of the returns, fitted to the samples of each agent alone.

    Args:
      observations: [N, B, T, O]; returns [N, B, T] from each step on; alive [N, B, T] masks.

    Returns:
      V [N, B, T].
    """
    num_agents = returns.shape[0]
    phi = features(observations)
    phi = tf.reshape(phi, [num_agents, -1, phi.shape[-1]])  # [N, M, F]
    mask = tf.reshape(alive, [num_agents, -1, 1])
    count = tf.maximum(tf.reduce_sum(mask, axis=1, keepdims=True), 1.0)
    mean_square = tf.reduce_sum(tf.square(phi) * mask / count, axis=1, keepdims=True)
    phi *= tf.math.rsqrt(mean_square + 1e-12)
    weighted = phi * mask / count
    gram = tf.matmul(weighted, phi, transpose_a=True)  # [N, F, F]
    moment = tf.matmul(weighted, tf.reshape(returns, [num_agents, -1, 1]), transpose_a=True)
    size = phi.shape[-1]

    def solve(ridge: float) -> tf.Tensor:
        regular = gram + ridge * tf.eye(size, dtype=phi.dtype)
        return tf.linalg.cholesky_solve(tf.linalg.cholesky(regular), moment)

    coefficients = solve(RIDGE)
    solved = tf.reduce_all(tf.math.is_finite(coefficients), axis=[1, 2], keepdims=True)
    coefficients = tf.where(solved, coefficients, solve(FALLBACK * size))
    return tf.reshape(tf.matmul(phi, coefficients), returns.shape)
