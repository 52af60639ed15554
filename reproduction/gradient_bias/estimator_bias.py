"""The expectation of each estimator of `algorithm.meta_gradient` on an enumerated Markov team.

The package's own functions are fed every adaptation batch with its probability, and every
trajectory after it with its likelihood as weight; nothing is sampled.
"""

import numpy as np
import tensorflow as tf

from dimapg_tf.algorithm.all_data import sums_of_ratios
from dimapg_tf.algorithm.meta_gradient import Estimator, MetaData, objective_of_each, path_of
from dimapg_tf.algorithm.objective import Batch
from dimapg_tf.algorithm.others import Others, make_others
from dimapg_tf.types import Layer, Params, Trajectory
from reproduction.gradient_bias import markov_team as exact


def tabular(table: tf.Tensor) -> Params:
    """A policy without hidden layers on one-hot observations: logits = table[o]."""
    return (Layer(table, tf.zeros([*table.shape[:-2], table.shape[-1]], table.dtype)),)


def samples(
    team_paths: exact.Trajectories,
    chosen: np.ndarray,
    n: int,
    tables: tuple[tf.Tensor, tf.Tensor],
    likelihood: tf.Tensor | None = None,
) -> tuple[Batch, Others]:
    """Agent n's batch of the trajectories chosen [C, B] in each chain, and the others beside it.

    Args:
      tables: θ [O, A] of the others and θ_n [C, O, A] of agent n.
      likelihood: [C, B] weights of the trajectories that sum to 1; uniform by default.
    """
    theta, theta_n = tables
    num_chains, batch_size = chosen.shape
    horizon = team_paths.actions.shape[1]
    see = np.eye(theta.shape[0])[team_paths.observed]  # [K, T, n, O]

    def worlds(values):  # [K, T, n, ...] -> [n, C * B, T, ...]
        return np.moveaxis(values[chosen.ravel()], 2, 0)

    actions = worlds(team_paths.actions).astype(np.int32)
    flat = worlds(team_paths.observed) * exact.NUM_ACTIONS + actions
    log_probs = tf.gather(tf.reshape(tf.nn.log_softmax(theta), [-1]), flat)
    everybody = Trajectory(
        tf.constant(worlds(see)),
        tf.constant(actions),
        log_probs,
        tf.constant(worlds(team_paths.rewards)),
        tf.ones(actions.shape, theta.dtype),
    )
    shape = [num_chains, batch_size * horizon]
    own_flat = tf.reshape(tf.constant(flat[n]), shape)
    own_table = tf.reshape(tf.nn.log_softmax(theta_n), [num_chains, -1])
    if likelihood is None:
        likelihood = tf.fill([num_chains, batch_size], tf.constant(1.0 / batch_size, theta.dtype))
    returns = np.sum(team_paths.rewards[:, :, n], axis=1)[chosen]
    batch = Batch(
        tf.reshape(everybody.observations[n], [*shape, -1]),
        tf.reshape(everybody.actions[n], shape),
        tf.gather(own_table, own_flat, batch_dims=1),
        tf.reshape(tf.constant(worlds(team_paths.to_go)[n]), shape),
        tf.repeat(likelihood, horizon, axis=1) / horizon,
        tf.reduce_sum(likelihood * returns, axis=1),
        tf.ones([num_chains], theta.dtype),
        tf.fill([num_chains], tf.constant(batch_size, theta.dtype)),
    )
    return batch, make_others(everybody, batch, tf.fill([num_chains], n))


def meta_data(
    theta: tf.Tensor, paths: exact.Trajectories, n: int, chains: exact.Chains, others_term: bool
) -> MetaData:
    """What the package's estimators are given, for every chain at once, agent n in each."""
    before = [
        samples(paths, batch, n, (theta, table))
        for batch, table in zip(chains.batches, chains.tables)
    ]
    final = chains.tables[-1]
    everything = np.tile(np.arange(len(paths.dynamics)), (final.shape[0], 1))
    likelihood = exact.likelihoods(theta, final, paths, n)
    after, others_after = samples(paths, everything, n, (theta, final), likelihood)
    displacements = tuple(tabular(table - theta[None]) for table in chains.tables[1:])
    return MetaData(
        tuple(batch for batch, _ in before),
        after,
        displacements,
        tf.zeros_like(after.returns),
        tuple(others for _, others in before) if others_term else (),
        (others_after,) if others_term else (),
    )


def expected_gradient(
    theta: tf.Tensor,
    paths: exact.Trajectories,
    estimator: Estimator,
    batch_size: int,
    others_term: bool,
    baseline: float = 0.0,
) -> tf.Tensor:
    """E of the estimate of ∇ Eq. 13 over all data, by the package's own estimator: [O, A].

    Plain parameter sharing sees the batches of τ^θ alone.
    """
    num_agents = paths.actions.shape[2]
    alphas = tuple(estimator.alphas)
    if estimator.meta_gradient == "none":
        alphas = alphas[:1]
    total = tf.zeros_like(theta)
    for n in range(num_agents):
        chains = exact.enumerate_chains(theta, paths, n, alphas, batch_size)
        data = meta_data(theta, paths, n, chains, others_term)
        data = data._replace(baseline=data.baseline + baseline)
        with tf.GradientTape() as tape:
            tape.watch(theta)
            values = objective_of_each(tabular(theta), data, estimator)
            expectation = tf.reduce_sum(chains.probability * values)
        total += tape.gradient(expectation, theta)
    return total / num_agents


def expected_all_data_gradient(
    theta: tf.Tensor, paths: exact.Trajectories, estimator: Estimator, batch_size: int
) -> tf.Tensor:
    """E of the estimate of `--sampling_term=all_data` over all data, all agents sampled: [O, A].

    The mean over the samples of n agents in 1 + k n rollouts of B episodes each.
    """
    num_agents = paths.actions.shape[2]
    total = tf.zeros_like(theta)
    for n in range(num_agents):
        chains = exact.enumerate_chains(theta, paths, n, tuple(estimator.alphas), batch_size)
        data = meta_data(theta, paths, n, chains, others_term=False)
        final = chains.tables[-1]
        everything = np.tile(np.arange(len(paths.dynamics)), (final.shape[0], 1))
        likelihood = exact.likelihoods(theta, final, paths, n)
        drawn = [*((batch, None) for batch in chains.batches), (everything, likelihood)]
        on_theta = (theta, tf.tile(theta[None], [final.shape[0], 1, 1]))
        followers = [
            samples(paths, batch, m, on_theta, weights)[0]
            for j, (batch, weights) in enumerate(drawn)
            for m in range(num_agents)
            # In the first rollout all agents follow θ; it is one for all n, and counted once.
            if (n == 0 if j == 0 else m != n)
        ]
        with tf.GradientTape() as tape:
            tape.watch(theta)
            params = tabular(theta)
            path = path_of(params, data, estimator)
            values = sum(sums_of_ratios(params, batch, batch.weights) for batch in followers)
            for theta_n, batch in zip(path[1:], (*data.before[1:], data.after)):
                values += sums_of_ratios(theta_n, batch, batch.weights)
            expectation = tf.reduce_sum(chains.probability * values)
        total += tape.gradient(expectation, theta)
    return total / (num_agents * (1 + len(estimator.alphas) * num_agents))
