"""The ground truth: NumPy, in loops, in the paper's notation. Slow and plain on purpose.

θ is a list of (W, b) pairs of arrays. Nothing here uses the package.
"""

import numpy as np


def to_numpy(params):
    """One θ of the package as a list of (W, b)."""
    return [(np.array(layer.weights), np.array(layer.bias)) for layer in params]


def member(params, n):
    """θ_n of agent n, out of a stack of the package."""
    return [(np.array(layer.weights)[n], np.array(layer.bias)[n]) for layer in params]


def log_pi(theta, o):
    """log π_θ(. | o) of one observation."""
    x = np.asarray(o)
    for index, (w, b) in enumerate(theta):
        x = x @ w + b
        if index < len(theta) - 1:
            x = np.where(x > 0, x, 0.0)
    x = x - x.max()
    return x - np.log(np.exp(x).sum())


def grad_log_pi(theta, o, a):
    """∇_θ log π_θ(a | o) of one sample, by the chain rule."""
    inputs, x = [], np.asarray(o)
    for index, (w, b) in enumerate(theta):
        inputs.append(x)
        x = x @ w + b
        if index < len(theta) - 1:
            x = np.where(x > 0, x, 0.0)
    pi = np.exp(x - x.max())
    pi /= pi.sum()
    delta = -pi
    delta[a] += 1.0
    gradient = []
    for index in reversed(range(len(theta))):
        gradient.insert(0, (np.outer(inputs[index], delta), delta))
        delta = (theta[index][0] @ delta) * (inputs[index] > 0)
    return gradient


def add(theta, step, scale=1.0):
    """θ + scale · step."""
    return [(w + scale * dw, b + scale * db) for (w, b), (dw, db) in zip(theta, step)]


def grad_L(theta_n, observations, actions, advantages, weights):
    """∇_{θ_n} L_n: the weighted sum over samples of A ∇ log π (Eq. 9, 10) for one agent."""
    total = [(np.zeros_like(w), np.zeros_like(b)) for w, b in theta_n]
    for o, a, advantage, weight in zip(observations, actions, advantages, weights):
        total = add(total, grad_log_pi(theta_n, o, a), weight * advantage)
    return total


def adapt(theta, batches, alphas, n):
    """θ_n^{[k]} of agent n (Eq. 10); batches are the package's, of several agents."""
    theta_n = theta
    for batch, alpha in zip(batches, alphas):
        o, a, advantages, weights = (
            np.array(batch.observations)[n],
            np.array(batch.actions)[n],
            np.array(batch.advantages)[n],
            np.array(batch.weights)[n],
        )
        theta_n = add(theta_n, grad_L(theta_n, o, a, advantages, weights), alpha)
    return theta_n


def ratio_L(theta_n, batch, weighting, n):
    """The sampled L_n of one agent under other parameters than those that acted."""
    total = 0.0
    for m, a in enumerate(np.array(batch.actions)[n]):
        new = log_pi(theta_n, np.array(batch.observations)[n, m])[a]
        ratio = np.exp(new - np.array(batch.log_probs)[n, m])
        total += np.array(batch.weights)[n, m] * np.array(weighting)[n, m] * ratio
    return total


def eq_13(theta, before, after, alphas, sampling_weightings=()):
    """The sampled surrogate of Eq. 13; its gradient is Eq. 14.

    The j-th of `sampling_weightings` is for the batch of step j + 1, which θ_n^{[j]} collected.
    """
    num_agents = np.array(after.actions).shape[0]
    total = 0.0
    for n in range(num_agents):
        total += ratio_L(adapt(theta, before, alphas, n), after, after.advantages, n)
        for j, weighting in enumerate(sampling_weightings):
            total += ratio_L(adapt(theta, before[:j], alphas, n), before[j], weighting, n)
    return total / num_agents


def finite_differences(function, theta, step=1e-5):
    """Central differences of a scalar function of θ, in the structure of θ."""
    gradient = []
    for layer in range(len(theta)):
        parts = []
        for part in range(2):
            slope = np.zeros_like(theta[layer][part])
            for index in np.ndindex(slope.shape):
                values = []
                for sign in (1.0, -1.0):
                    moved = [[w.copy(), b.copy()] for w, b in theta]
                    moved[layer][part][index] += sign * step
                    values.append(function([tuple(pair) for pair in moved]))
                slope[index] = (values[0] - values[1]) / (2.0 * step)
            parts.append(slope)
        gradient.append(tuple(parts))
    return gradient


def flat(theta):
    """All numbers of θ as one vector, in the order in which the package flattens it."""
    return np.concatenate([np.ravel(part) for pair in theta for part in pair])


def discounted_return(rewards, gamma):
    """R of Eq. 1, from the first step of a list of rewards."""
    return sum(gamma**t * r for t, r in enumerate(rewards))


def gae(rewards, values, alive, gamma, gae_lambda, final_value=0.0):
    """Generalised advantages of one episode of one agent; final_value: V after its last step."""
    horizon = len(rewards)
    advantages = np.zeros(horizon)
    for t in range(horizon):
        for later in range(t, horizon):
            following = values[later + 1] * alive[later + 1] if later + 1 < horizon else final_value
            delta = (rewards[later] + gamma * following - values[later]) * alive[later]
            advantages[t] += (gamma * gae_lambda) ** (later - t) * delta
    return advantages


def linear_baseline(observations, returns, alive, ridge, units=None, stride=1):
    """Values [B, T] of one agent from rllab's features, by ridge regression.

    units: (W, b) of random features relu(o W + b) beside them; stride: the fit sees every
    so-many-th sample.
    """
    rows, targets = [], []
    num_worlds, horizon = returns.shape

    def phi(b, t):
        o = np.clip(observations[b, t], -10, 10)
        s = t / 100.0
        random = [] if units is None else np.maximum(o @ units[0] + units[1], 0.0)
        return np.concatenate([o, o**2, [s, s**2, s**3, 1.0], random])

    for b in range(num_worlds):
        for t in range(horizon):
            if alive[b, t]:
                rows.append(phi(b, t))
                targets.append(returns[b, t])
    x, y = np.array(rows), np.array(targets)
    scale = np.sqrt((x**2).mean(axis=0) + 1e-12)
    x, y = (x / scale)[::stride], y[::stride]
    a = x.T @ x / len(y) + ridge * np.eye(x.shape[1])
    w = np.linalg.solve(a, x.T @ y / len(y))
    return np.array([[phi(b, t) / scale @ w for t in range(horizon)] for b in range(num_worlds)])
