"""Actors and critics: a network for each agent of a population, stacked [n], or one for them all.

An actor is `dimapg_tf.policy`: logits of an agent's own observation. A critic sees the observations
and actions of all agents of all populations: here the joint one, in pooled.py the other. Letters as
in dimapg_tf.types; M is the batch, D the numbers that a joint critic sees.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from baselines.maddpg import pooled
from baselines.maddpg.pooled import PooledCritic
from dimapg_tf import policy
from dimapg_tf.types import EnvSpec, Layer, Params


class Networks(NamedTuple):
    """Of one population; with a leading axis [n] unless its agents share them."""

    actor: Params
    critic: Params | PooledCritic


def critic_inputs(spec: EnvSpec) -> int:
    """D: everybody's observation and action (one-hot)."""
    return sum(
        p.num_agents * (p.observation_size + p.num_actions) for p in spec.populations.values()
    )


def own_action_rows(spec: EnvSpec, name: str) -> np.ndarray:
    """[n, A]: where in a critic's input each agent of a population has its action."""
    start = sum(p.num_agents * p.observation_size for p in spec.populations.values())
    for other, p in spec.populations.items():
        if other == name:
            return start + np.arange(p.num_agents * p.num_actions).reshape(p.num_agents, -1)
        start += p.num_agents * p.num_actions
    raise KeyError(name)


def init(
    generator: np.random.Generator,
    spec: EnvSpec,
    name: str,
    hidden: tuple[int, ...],
    share: bool,
    dtype: tf.DType = tf.float32,
    critic: str = "joint",
) -> Networks:
    """New networks of a population: Glorot-uniform weights and zero biases, as in the original.

    share: one actor and one critic for all its agents, as it must be with a pooled critic.
    """
    population = spec.populations[name]
    n = population.num_agents

    def one(inputs: int, outputs: int) -> Params:
        return policy.init(generator, inputs, outputs, hidden, dtype, output_scale=1.0)

    def several(inputs: int, outputs: int) -> Params:
        networks = [one(inputs, outputs) for _ in range(n)]
        return tf.nest.map_structure(lambda *layers: tf.stack(layers), *networks)

    make = one if share else several
    actor = make(population.observation_size, population.num_actions)
    if critic == "pooled":
        return Networks(actor, pooled.init(generator, spec, hidden, dtype))
    of_all = make(critic_inputs(spec), 1)
    return Networks(actor, with_identity(of_all, n) if share else of_all)


def with_identity(critic: Params, num_agents: int) -> Params:
    """A shared critic that knows whose value it tells: a first bias [n, H] of each agent's own.

    This is what the weights of a one-hot index of the agent among the inputs amount to.
    """
    first, *others = critic
    bias = tf.repeat(first.bias[None], num_agents, axis=0)
    return (Layer(first.weights, bias), *others)


def joint(observations: Mapping[str, tf.Tensor], actions: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """What every critic sees, [M, D], of observations [n, M, O] and actions [n, M, A]."""
    return tf.concat(
        [
            tf.reshape(tf.transpose(values, [1, 0, 2]), [values.shape[1], -1])
            for values in (*observations.values(), *actions.values())
        ],
        axis=1,
    )


def values(critic: Params, inputs: tf.Tensor) -> tf.Tensor:
    """Q_i [n, M] of inputs [M, D] that all agents share."""
    return head(critic, first_layer(critic[0], inputs))


def values_of_own_action(
    critic: Params, inputs: tf.Tensor, change: tf.Tensor, rows: np.ndarray
) -> tf.Tensor:
    """Q_i [n, M] where agent i, and it alone, acts otherwise than inputs [M, D] say.

    Only the own action's rows of the first layer are multiplied anew, so that neither n copies of
    the inputs are made nor a gradient with respect to all of them.

    Args:
      change: [n, M, A], the agent's new action minus the one in `inputs`.
      rows: [n, A], see `own_action_rows`.
    """
    weights = critic[0].weights
    stacked = weights.shape.rank == 3
    action_weights = (
        tf.gather(weights, rows, axis=1, batch_dims=1) if stacked else tf.gather(weights, rows)
    )
    base = tf.stop_gradient(first_layer(critic[0], inputs))
    return head(critic, base + tf.matmul(change, action_weights))


def first_layer(layer: Layer, inputs: tf.Tensor) -> tf.Tensor:
    """Pre-activations [n, M, H] of inputs [M, D]; all agents' weights in one matrix product."""
    if layer.weights.shape.rank == 3:
        products = tf.einsum("md,ndh->nmh", inputs, layer.weights)
    else:
        products = tf.matmul(inputs, layer.weights)[None]
    return products + layer.bias[:, None]


def head(critic: Params, pre_activations: tf.Tensor) -> tf.Tensor:
    """Q_i [n, M] from the first layer's pre-activations [n, M, H]."""
    return policy.apply(critic[1:], tf.nn.relu(pre_activations))[..., 0]
