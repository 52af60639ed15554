"""MADDPG in NumPy loops, float64: what `baselines.maddpg` must compute. Independent of it.

Lowe et al. 2017, section 4.1, in its symbols: for agent i, x is everybody's observation, μ_i its
actor, Q_i its critic, primes mark targets. A network is a list of (weights, bias). Gradients are
central differences of the losses.
"""

import numpy as np


def mlp(network, x):
    """ReLU layers, the last one linear, for one input vector."""
    for index, (weights, bias) in enumerate(network):
        x = np.array([x @ weights[:, j] + bias[j] for j in range(weights.shape[1])])
        if index < len(network) - 1:
            x = np.maximum(x, 0.0)
    return x


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def gumbel(logits, uniform):
    return softmax(logits - np.log(-np.log(uniform)))


def one_hot(index, size):
    return np.eye(size)[index]


def see(observations, actions):
    """What a critic sees: the observations of all agents in order, then their actions."""
    return np.concatenate([*observations, *actions])


def critic_loss(q_i, xs, ys):
    return np.mean([(mlp(q_i, x)[0] - y) ** 2 for x, y in zip(xs, ys)])


def actor_loss(mu_i, q_i, i, observations, actions, uniform, penalty, straight_through_at=None):
    """-mean Q_i with agent i's action replaced by its actor's, plus penalty * mean logits².

    observations [M][N][O_i], actions [M][N][A], uniform [M][A]. With straight_through_at = the
    parameters μ_i at which the gradient is taken, the action is the one-hot of the largest entry
    there, moved by as much as the softmax moves.
    """
    total = 0.0
    for o, a, u in zip(observations, actions, uniform):
        logits = mlp(mu_i, o[i])
        own = gumbel(logits, u)
        if straight_through_at is not None:
            there = gumbel(mlp(straight_through_at, o[i]), u)
            own = one_hot(there.argmax(), len(there)) + own - there
        replaced = [own if j == i else a[j] for j in range(len(a))]
        total += -mlp(q_i, see(o, replaced))[0] + penalty * np.mean(logits**2)
    return total / len(observations)


def gradient(loss, network, h=1e-6):
    """Central differences of loss(network) with respect to every weight and bias."""
    copy = [(w.copy(), b.copy()) for w, b in network]
    result = [(np.zeros_like(w), np.zeros_like(b)) for w, b in network]
    for layer, slopes in zip(copy, result):
        for values, slope in zip(layer, slopes):
            for index in np.ndindex(values.shape):
                middle = values[index]
                values[index] = middle + h
                above = loss(copy)
                values[index] = middle - h
                below = loss(copy)
                values[index] = middle
                slope[index] = (above - below) / (2 * h)
    return result


def clipped(g, largest):
    norm = np.sqrt(np.sum(g**2))
    return g * largest / norm if norm > largest else g


def adam(p, g, m, v, t, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    """Kingma and Ba 2015, Algorithm 1, in the order of computation that its section 2 names."""
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g * g
    rate = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return p - rate * m / (np.sqrt(v) + epsilon), m, v
