"""A critic for any number of agents: embeddings of all of them, averaged (PIC: Liu et al. 2019).

PIC's critic is a graph network over a complete graph of agents, and the mean or the maximum of its
nodes, so that the order of the agents does not matter, and their number changes no weight. There
all agents have one reward, and one value is enough. Here each has a reward of its own, so

    Q_i(x, a) = head(e_i, mean of e_j over each population),    e_j = embedding(o_j, a_j).

It is the network of Zaheer et al. (2017) with one term more, the agent's own. The means are made
once for a transition, and an own action that changes moves one of them by (e_i' - e_i) / n: the
cost is linear in the number of agents. Letters as in dimapg_tf.types; M is the batch, H the units
of the last hidden layer.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.types import EnvSpec, Params


class PooledCritic(NamedTuple):
    """Of one population; none of it has an axis of agents.

    embeddings {population: layers of H units in the end, of (o, a)}; head: layers of the own
    embedding and the mean of each population, [(1 + populations) · H] -> H -> 1.
    """

    embeddings: dict[str, Params]
    head: Params


def init(
    generator: np.random.Generator, spec: EnvSpec, hidden: tuple[int, ...], dtype: tf.DType
) -> PooledCritic:
    """A new one: Glorot-uniform weights and zero biases, as the joint critics have them."""

    def new(inputs: int, units: tuple[int, ...], outputs: int) -> Params:
        return policy.init(generator, inputs, outputs, units, dtype, output_scale=1.0)

    *before, size = hidden
    embeddings = {
        name: new(p.observation_size + p.num_actions, tuple(before), size)
        for name, p in spec.populations.items()
    }
    return PooledCritic(embeddings, new((1 + len(embeddings)) * size, (size,), 1))


def seen(
    observations: Mapping[str, tf.Tensor], actions: Mapping[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    """What every critic sees: {population: [n, M, O + A]}."""
    return {name: tf.concat([o, actions[name]], axis=-1) for name, o in observations.items()}


def values(critic: PooledCritic, inputs: Mapping[str, tf.Tensor], name: str) -> tf.Tensor:
    """Q_i [n, M] of all agents of a population, of what `seen` gives."""
    embedded = {other: embed(critic, other, rows) for other, rows in inputs.items()}
    products = tf.matmul(embedded[name], _weights(critic)[0])
    return _head(critic, products + _of_means(critic, _pooled(embedded)))


def values_of_own_action(
    critic: PooledCritic, inputs: Mapping[str, tf.Tensor], name: str, change: tf.Tensor
) -> tf.Tensor:
    """Q_i [n, M] where agent i, and it alone, acts otherwise than `inputs` say.

    Args:
      change: [n, M, A], the agent's new action minus the one in `inputs`.
    """
    embedded = {other: embed(critic, other, rows) for other, rows in inputs.items()}
    num_agents, _, num_inputs = inputs[name].shape
    unchanged = num_inputs - change.shape[-1]
    own = embed(critic, name, inputs[name] + tf.pad(change, [[0, 0], [0, 0], [unchanged, 0]]))
    of_own, of_mean = _weights(critic)
    moved = tf.matmul((own - embedded[name]) / num_agents, of_mean[name])
    products = tf.matmul(own, of_own) + moved
    return _head(critic, products + _of_means(critic, _pooled(embedded)))


def embed(critic: PooledCritic, name: str, rows: tf.Tensor) -> tf.Tensor:
    """Embeddings [n, M, H] of agents of a population that see and do [n, M, O + A]."""
    return tf.nn.relu(policy.apply(critic.embeddings[name], rows))


def _pooled(embedded: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The mean of each population's embeddings, [M, H]."""
    return {name: tf.reduce_mean(rows, axis=0) for name, rows in embedded.items()}


def _weights(critic: PooledCritic) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """The head's first weights, [H, H] each: of the own embedding, of each population's mean."""
    own, *of_means = tf.split(critic.head[0].weights, 1 + len(critic.embeddings))
    return own, dict(zip(sorted(critic.embeddings), of_means))


def _of_means(critic: PooledCritic, pooled: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """What the means and the bias add to the head's first layer, [M, H]."""
    _, weights = _weights(critic)
    products = [tf.matmul(pooled[name], weights[name]) for name in sorted(pooled)]
    return tf.add_n(products) + critic.head[0].bias


def _head(critic: PooledCritic, pre_activations: tf.Tensor) -> tf.Tensor:
    """Q_i [n, M] from the head's first pre-activations [n, M, H]."""
    return policy.apply(critic.head[1:], tf.nn.relu(pre_activations))[..., 0]
