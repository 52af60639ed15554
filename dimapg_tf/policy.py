"""The policy π_θ: a multilayer perceptron (paper 5.2, App. C.2) and a distribution over actions.

θ is an argument, never hidden state. The same functions serve one θ for everybody and a stack of
θ_n, one for each agent. The last layer of θ says what its outputs mean: a `Layer` has the logits of
one choice, as in the paper; an `Output` names the space of its actions (`dimapg_tf.distributions`).
A policy over sets begins with an `Attention`.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import tensorflow as tf

from dimapg_tf import attention, distributions
from dimapg_tf.attention import Attention
from dimapg_tf.distributions.base import Distribution, Output
from dimapg_tf.distributions.gaussian import CERTAIN_LOG_STD, FIRST_LOG_STD
from dimapg_tf.types import Box, Choices, Kind, Layer, Params

HIDDEN = (100, 100)  # two hidden layers of 100 ReLU units: paper, App. C.2

ENTITY_UNITS = 16  # of each thing that a policy over sets sees; not in the paper

# Not in the paper: the output layer starts small, so that the first policy is close to uniform.
OUTPUT_SCALE = 0.01


def init(
    generator: np.random.Generator,
    observation_size: int,
    num_actions: int,
    hidden: tuple[int, ...] = HIDDEN,
    dtype: tf.DType = tf.float32,
    output_scale: float = OUTPUT_SCALE,
    space: Choices | Box | None = None,
    kinds: tuple[Kind, ...] = (),
    entity_units: int = ENTITY_UNITS,
) -> Params:
    """A new θ: Glorot-uniform weights (rllab's default), zero biases, a scaled output layer.

    space: of the actions; by default one of num_actions. kinds: for a policy over sets, the things
    that an observation is of; entity_units: what it makes of each of them.
    """
    layers, first = [], []
    if kinds:
        first = [attention.init(generator, observation_size, kinds, entity_units, dtype)]
        observation_size = attention.outputs(observation_size, kinds, entity_units)
    sizes = (observation_size, *hidden, num_actions)
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        limit = np.sqrt(6.0 / (inputs + outputs))
        if index == len(sizes) - 2:
            limit *= output_scale
        weights = generator.uniform(-limit, limit, (inputs, outputs))
        layers.append(Layer(tf.constant(weights, dtype), tf.zeros([outputs], dtype)))
    if space is not None:
        more = (tf.fill([num_actions], tf.constant(FIRST_LOG_STD, dtype)),)
        layers[-1] = Output(*layers[-1], more if isinstance(space, Box) else (), space)
    return (*first, *layers)


def from_flat(
    tensors: Sequence[tf.Tensor],
    space: Choices | Box | None = None,
    observation_size: int | None = None,
    kinds: tuple[Kind, ...] = (),
) -> Params:
    """Weights and biases in turn, as `tf.nest.flatten` gives them, as θ over these actions.

    observation_size, kinds: of a policy over sets.
    """
    first = []
    if kinds:
        end = attention.num_tensors(kinds)
        of_first = tuple(map(tf.convert_to_tensor, tensors[:end]))
        first, tensors = [attention.from_flat(of_first, observation_size, kinds)], tensors[end:]
    layers = [Layer(*map(tf.convert_to_tensor, pair)) for pair in zip(tensors[::2], tensors[1::2])]
    if space is not None:
        more = tensors[len(tensors) // 2 * 2 :]
        layers[-1] = Output(*layers[-1], tuple(map(tf.convert_to_tensor, more)), space)
    return (*first, *layers)


def distribution_of(params: Params) -> Distribution:
    """What the outputs of this policy are the parameters of."""
    output = params[-1]
    return distributions.of(output.space if isinstance(output, Output) else None)


def is_stacked(params: Params) -> bool:
    """Whether these are θ_n of several agents, with a leading axis, rather than one θ."""
    return params[0].weights.shape.rank == 3


def stack(theta: Params, num_agents: int) -> Params:
    """num_agents copies of θ with a leading axis [N]: θ_n^{[0]} = θ (Eq. 10)."""
    return tf.nest.map_structure(lambda v: tf.repeat(v[None], num_agents, axis=0), theta)


def apply(params: Params, observations: tf.Tensor) -> tf.Tensor:
    """Outputs of observations [..., O]; a stack of θ_n takes [N, ..., O], one θ each.

    Logits [..., A] of one choice; else what `distribution_of(params)` takes.
    """
    batch = observations.shape[:-1]
    inner = [batch[0], -1] if is_stacked(params) else [-1]
    x = seen = tf.reshape(observations, [*inner, observations.shape[-1]])
    layers = params
    if isinstance(params[0], Attention):
        x, layers = attention.apply(params[0], x), params[1:]
    for index, layer in enumerate(layers):
        x = tf.matmul(x, layer.weights) + layer.bias[..., None, :]
        if index < len(layers) - 1:
            x = tf.nn.relu(x)
    more = params[-1].more if isinstance(params[-1], Output) else ()
    x = distribution_of(params).outputs_of(x, seen, *more)
    # One length may be unknown while a function is traced, as in an exported policy.
    return tf.reshape(x, [*(-1 if length is None else length for length in batch), x.shape[-1]])


def greedy(params: Params) -> Params:
    """Parameters of the policy that takes the most probable action of this one.

    Logits times a number so large that nothing is left to chance; a Gaussian without a deviation.
    """
    *hidden, output = params
    if isinstance(output, Output) and isinstance(output.space, Box):
        (log_std,) = output.more
        certain = tf.fill(log_std.shape, tf.constant(CERTAIN_LOG_STD, log_std.dtype))
        return (*hidden, replace(output, more=(certain,)))
    return (*hidden, tf.nest.map_structure(lambda v: 1e6 * v, output))


def log_prob(params: Params, observations: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
    """log π(a | o) [...] of actions [...] or [..., D]."""
    return distribution_of(params).log_prob(apply(params, observations), actions)


def entropy(params: Params, observations: tf.Tensor) -> tf.Tensor:
    """Entropy of π(. | o) [...]."""
    return distribution_of(params).entropy(apply(params, observations))
