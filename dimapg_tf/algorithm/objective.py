"""L_n, the return of agent n, and its sampled surrogate (Eq. 1, 2, 5, 7).

Everything is maximised: what the paper calls a loss is a return.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm import value_baseline
from dimapg_tf.algorithm.value_baseline import RLLAB, Fit
from dimapg_tf.returns import advantages, discounted_sums
from dimapg_tf.types import Params, Trajectory


class Batch(NamedTuple):
    """The samples of N agents, ready for a policy gradient; M = B * T samples an agent.

    observations [N, M, O]; actions [N, M] or [N, M, D]; log_probs [N, M] under the policy that
    acted; advantages [N, M]; weights [N, M], equal over the samples of an alive agent, 0
    elsewhere, and summing to 1 for each agent; returns [N]: L_n, the mean discounted return
    (Eq. 1, 7); scale [N], what the advantages were divided by; episodes [N]: B, out of how many
    the samples are.
    """

    observations: tf.Tensor
    actions: tf.Tensor
    log_probs: tf.Tensor
    advantages: tf.Tensor
    weights: tf.Tensor
    returns: tf.Tensor
    scale: tf.Tensor
    episodes: tf.Tensor


def regression(
    trajectory: Trajectory, summary: tf.Tensor | None, gamma: float, fit: Fit
) -> value_baseline.LeastSquares:
    """The value baseline as a least-squares problem: discounted returns on features."""
    observations, _, _, rewards, alive = trajectory
    returns = discounted_sums(rewards * alive, gamma)  # [N, B, T]
    return value_baseline.normal_equations(observations, returns, alive, fit, summary)


def batch_of(
    trajectory: Trajectory,
    problem: value_baseline.LeastSquares,
    coefficients: tf.Tensor,
    gamma: float,
    gae_lambda: float,
    standardize: bool,
    pooled: bool = False,
) -> Batch:
    """Advantages of every sample, against a baseline that is fitted to these very samples.

    With `standardize`, the advantages of each agent have mean 0 and standard deviation 1; those of
    all agents together where `pooled`. Many an agent of a large population meets nothing in an
    episode; scaled by itself, its noise would count as much as what the others found.
    """
    observations, actions, log_probs, rewards, alive = trajectory
    num_agents = rewards.shape[0]
    rewards = rewards * alive
    values = value_baseline.predict(problem, coefficients, rewards.shape)
    advantage = advantages(rewards, values, alive, gamma, gae_lambda)

    flat = [num_agents, -1]
    weights = tf.reshape(alive, flat)
    weights /= tf.maximum(tf.reduce_sum(weights, axis=1, keepdims=True), 1.0)
    advantage = tf.reshape(advantage, flat)
    scale = tf.ones([num_agents], advantage.dtype)
    if standardize:
        mean = tf.reduce_sum(weights * advantage, axis=1, keepdims=True)
        if pooled:
            mean = tf.reduce_mean(mean, axis=0, keepdims=True)
        variance = tf.reduce_sum(weights * tf.square(advantage - mean), axis=1)
        if pooled:
            variance = tf.fill([num_agents], tf.reduce_mean(variance))
        scale = tf.sqrt(variance) + 1e-8
        advantage = (advantage - mean) / scale[:, None]
    first_returns = discounted_sums(rewards, gamma)[:, :, 0]  # [N, B]
    return Batch(
        tf.reshape(observations, [num_agents, -1, observations.shape[-1]]),
        tf.reshape(actions, [*flat, *actions.shape[3:]]),
        tf.reshape(log_probs, flat),
        advantage,
        weights,
        tf.reduce_mean(first_returns, axis=1),
        scale,
        tf.fill([num_agents], tf.cast(rewards.shape[1], scale.dtype)),
    )


class BatchMaker:
    """Trajectory -> Batch, as one XLA program.

    Args:
      gamma, gae_lambda, standardize: see `batch_of`.
      fit: of the value baseline; where it is shared, the standardisation is pooled as well.
      compiled: whether to use XLA; tests look at the plain functions.
    """

    def __init__(
        self,
        gamma: float,
        gae_lambda: float,
        standardize: bool,
        fit: Fit = RLLAB,
        compiled: bool = True,
    ):
        self._gamma, self._gae_lambda = gamma, gae_lambda
        self._standardize, self._fit = standardize, fit
        self.make = (
            tf.function(self._make, jit_compile=True, autograph=False) if compiled else self._make
        )

    def __call__(self, trajectory: Trajectory, summary: tf.Tensor | None = None) -> Batch:
        """The samples of N agents with their advantages."""
        return self.make(trajectory, summary)

    def _make(self, trajectory: Trajectory, summary: tf.Tensor | None) -> Batch:
        problem = regression(trajectory, summary, self._gamma, self._fit)
        coefficients = value_baseline.solve(problem.gram, problem.moment)
        return batch_of(
            trajectory,
            problem,
            coefficients,
            self._gamma,
            self._gae_lambda,
            self._standardize,
            pooled=self._fit.shared,
        )


def of_equal_length(batches: Sequence[Batch]) -> list[Batch]:
    """The same batches, the shorter ones filled up with samples of weight 0.

    Games that end early give batches of a few lengths; a function of several batches is compiled
    once for each length, not for each combination.
    """
    longest = max(batch.weights.shape[1] for batch in batches)

    def fill(values):
        missing = longest - values.shape[1]
        return tf.pad(values, [[0, 0], [0, missing], *[[0, 0]] * (values.shape.rank - 2)])

    per_sample = ("observations", "actions", "log_probs", "advantages", "weights")
    return [
        batch
        if batch.weights.shape[1] == longest
        else batch._replace(**{name: fill(getattr(batch, name)) for name in per_sample})
        for batch in batches
    ]


def surrogate(theta_n: Params, batch: Batch) -> tf.Tensor:
    """L_n as a function of its own policy: [N], mean of log π(a | o) times the advantage.

    Its gradient is the policy gradient of Eq. 9 and 10 (REINFORCE with a baseline). The mean is
    over episodes and time steps, as in rllab.
    """
    log_probs = policy.log_prob(theta_n, batch.observations, batch.actions)
    return tf.reduce_sum(batch.weights * batch.advantages * log_probs, axis=1)


def mean_entropy(theta: Params, batch: Batch) -> tf.Tensor:
    """Mean entropy of π_θ over the samples of each agent: [N]."""
    return tf.reduce_sum(batch.weights * policy.entropy(theta, batch.observations), axis=1)


def importance_surrogate(theta_n: Params, batch: Batch, weighting: tf.Tensor) -> tf.Tensor:
    """The same with likelihood ratios: [N], mean of π(a | o) / π_old(a | o) times `weighting`.

    Where π = π_old it has the gradient of `surrogate`, and away from there it is an estimate of
    the improvement, which a line search needs. weighting [N, M].
    """
    log_probs = policy.log_prob(theta_n, batch.observations, batch.actions)
    ratio = tf.exp(log_probs - batch.log_probs)
    return tf.reduce_sum(batch.weights * weighting * ratio, axis=1)
