"""A Markov team that can be enumerated, and the exact gradient of Eq. 13 on it.

Two or three agents with two actions, a few states, a horizon of two or three, a tabular softmax
policy. Nothing here uses the package's policy, objective or adaptation: this is what they are
compared with. The discount is 1, advantages are rewards to go without a baseline, and all
returns are divided by the horizon, as the package's mean over time steps does.
"""

import itertools
from typing import NamedTuple

import numpy as np
import tensorflow as tf

NUM_ACTIONS = 2


class MarkovTeam(NamedTuple):
    """The world: it starts in state 0.

    transition [S, J, S]: probabilities of the next state, J joint actions, the last agent's action
    counting fastest; rewards [S, J, n]; observed [n, S]: the index of what agent n sees.
    """

    transition: np.ndarray
    rewards: np.ndarray
    observed: np.ndarray
    num_observations: int
    horizon: int


class Trajectories(NamedTuple):
    """All K trajectories of a team, and what the policy gradient needs of each.

    observed, actions [K, T, n] int; rewards [K, T, n]; dynamics [K]: the product of the
    transition probabilities.
    """

    observed: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    dynamics: np.ndarray

    @property
    def to_go(self) -> np.ndarray:
        """Rewards to go [K, T, n]: what weights each score in place of an advantage."""
        return np.cumsum(self.rewards[:, ::-1], axis=1)[:, ::-1]


def random_team(
    seed: int, num_agents: int, num_states: int, horizon: int, deterministic: bool = False
) -> MarkovTeam:
    """A team with random rewards and transitions, in which agents see states differently."""
    generator = np.random.default_rng(seed)
    joint = NUM_ACTIONS**num_agents
    shape = (num_states, joint, num_states)
    transition = generator.dirichlet(np.ones(num_states), shape[:2])
    if deterministic:
        transition = np.eye(num_states)[generator.integers(num_states, size=shape[:2])]
        # The first joint action changes the state: what the others do must matter.
        transition[0, 0], transition[0, -1] = np.eye(num_states)[[0, 1]]
    rewards = generator.normal(size=(num_states, joint, num_agents))
    observed = generator.integers(num_states + 1, size=(num_agents, num_states))
    observed[0] = np.arange(num_states)
    return MarkovTeam(transition, rewards, observed, num_states + 1, horizon)


def enumerate_trajectories(team: MarkovTeam) -> Trajectories:
    """Every trajectory of positive probability under a policy that excludes nothing."""
    num_states, _, num_agents = team.rewards.shape
    every_action = list(itertools.product(range(NUM_ACTIONS), repeat=num_agents))
    rows = [([], [], [], 1.0, 0)]
    for _ in range(team.horizon):
        longer = []
        for observed, actions, rewards, probability, state in rows:
            for j, action in enumerate(every_action):
                for following in range(num_states):
                    chance = probability * team.transition[state, j, following]
                    if chance > 0.0:
                        longer.append(
                            (
                                [*observed, team.observed[:, state]],
                                [*actions, action],
                                [*rewards, team.rewards[state, j]],
                                chance,
                                following,
                            )
                        )
        rows = longer
    observed, actions, rewards, dynamics, _ = zip(*rows)
    return merge_last_state(*map(np.array, (observed, actions, rewards, dynamics)))


def merge_last_state(observed, actions, rewards, dynamics) -> Trajectories:
    """Join trajectories that differ only in the state after the last action, which nobody sees."""
    keys = np.concatenate([v.reshape(len(v), -1) for v in (observed, actions, rewards)], axis=1)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    total = np.zeros(len(first))
    np.add.at(total, inverse.ravel(), dynamics)
    return Trajectories(observed[first], actions[first], rewards[first], total)


class Chains(NamedTuple):
    """Every sequence of adaptation batches of agent n, C of them, as a function of θ.

    batches [k, C, B]: indices of trajectories; probability [C]; tables [k + 1][C, O, A]: the logits
    of θ_n^{[0]}, ..., θ_n^{[k]}.
    """

    batches: np.ndarray
    probability: tf.Tensor
    tables: list[tf.Tensor]


def likelihoods(theta: tf.Tensor, theta_n: tf.Tensor, paths: Trajectories, n: int) -> tf.Tensor:
    """P(τ | θ, θ_n) of every trajectory: [C, K], for tables θ [O, A] and θ_n [C, O, A]."""
    log_pi, log_pi_n = tf.nn.log_softmax(theta), tf.nn.log_softmax(theta_n)
    total = tf.math.log(tf.constant(paths.dynamics))[None]
    for m in range(paths.actions.shape[2]):
        flat = paths.observed[:, :, m] * NUM_ACTIONS + paths.actions[:, :, m]  # [K, T]
        if m == n:
            table = tf.reshape(log_pi_n, [theta_n.shape[0], -1])
            total += tf.reduce_sum(tf.gather(table, flat, axis=1), axis=2)
        else:
            total += tf.reduce_sum(tf.gather(tf.reshape(log_pi, [-1]), flat), axis=1)[None]
    return tf.exp(total)


def adapt_once(
    theta_n: tf.Tensor, batch: np.ndarray, paths: Trajectories, n: int, alpha: float
) -> tf.Tensor:
    """One step of Eq. 10 in closed form: [C, O, A] -> [C, O, A], for batches [C, B] of indices.

    ∇ log π(a | o) of a tabular softmax policy is the one-hot of a minus π(. | o), in row o. The
    policy is a table plus a bias for all rows, as a layer of a network has it: the bias moves by
    the sum over rows.
    """
    num_observations = theta_n.shape[1]
    see = np.eye(num_observations)[paths.observed[:, :, n]]  # [K, T, O]
    do = np.eye(NUM_ACTIONS)[paths.actions[:, :, n]]  # [K, T, A]
    weight = paths.to_go[:, :, n] / paths.to_go.shape[1]  # [K, T], divided by the horizon
    action_visits = np.einsum("kt,kto,kta->koa", weight, see, do)
    visits = np.einsum("kt,kto->ko", weight, see)
    mean_visits = visits[batch].mean(axis=1)[:, :, None]
    gradient = action_visits[batch].mean(axis=1) - mean_visits * tf.nn.softmax(theta_n)
    return theta_n + alpha * (gradient + tf.reduce_sum(gradient, axis=1, keepdims=True))


def enumerate_chains(
    theta: tf.Tensor, paths: Trajectories, n: int, alphas: tuple[float, ...], batch_size: int
) -> Chains:
    """All batches of B trajectories for each of the k steps, with their probability."""
    num_paths = len(paths.dynamics)
    every_batch = np.array(list(itertools.product(range(num_paths), repeat=batch_size)))
    tables = [theta[None]]
    probability = tf.ones([1], theta.dtype)
    history = np.zeros([0, 1, batch_size], int)
    for alpha in alphas:
        log_p = tf.math.log(likelihoods(theta, tables[-1], paths, n))  # [C, K]
        step = tf.exp(tf.reduce_sum(tf.gather(log_p, every_batch, axis=1), axis=2))
        probability = tf.reshape(probability[:, None] * step, [-1])
        count, fan = history.shape[1], len(every_batch)
        tables = [tf.repeat(table, fan, axis=0) for table in tables]
        batch = np.tile(every_batch, (count, 1))
        history = np.concatenate([np.repeat(history, fan, axis=1), batch[None]])
        tables.append(adapt_once(tables[-1], batch, paths, n, alpha))
    return Chains(history, probability, tables)


def expected_return(theta: tf.Tensor, theta_n: tf.Tensor, paths: Trajectories, n: int) -> tf.Tensor:
    """L_n(θ, θ_n) of Eq. 7, exactly, divided by the horizon: [C]."""
    returns = paths.rewards[:, :, n].mean(axis=1)  # [K]
    return tf.linalg.matvec(likelihoods(theta, theta_n, paths, n), tf.constant(returns))


def eq_13(
    theta: tf.Tensor, paths: Trajectories, alphas: tuple[float, ...], batch_size: int
) -> tf.Tensor:
    """The objective of the paper, exactly: the mean over agents and adaptation data of L_n."""
    num_agents = paths.actions.shape[2]
    total = 0.0
    for n in range(num_agents):
        chains = enumerate_chains(theta, paths, n, alphas, batch_size)
        values = expected_return(theta, chains.tables[-1], paths, n)
        total += tf.reduce_sum(chains.probability * values)
    return total / num_agents


def exact_gradient(
    theta: tf.Tensor, paths: Trajectories, alphas: tuple[float, ...], batch_size: int
) -> tf.Tensor:
    """∇_θ of Eq. 13, by differentiating the enumerated expectation: [O, A]."""
    with tf.GradientTape() as tape:
        tape.watch(theta)
        value = eq_13(theta, paths, alphas, batch_size)
    return tape.gradient(value, theta)
