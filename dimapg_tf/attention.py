"""The first part of a policy over sets: what an agent sees, looked at thing by thing.

Not in the paper, whose policy is a multilayer perceptron of all that is observed (App. C.2). Here
each thing of a kind (`types.Kind`) goes through the same layer of ReLU units, and what comes out is
averaged with weights that a second layer finds by a softmax over the things of that kind. So the
order of things does not matter, and the policy can look for the one that matters. The layers of a
multilayer perceptron follow, which see the agent's own numbers and one average for each kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from dimapg_tf.types import Kind, Layer

FAR_BELOW = -1e9  # the score of what is not there


@dataclass
class Attention:
    """The parameters, a structure of tensors to TensorFlow, and what they are applied to.

    encoders: of each kind [..., features, H]; scores: of each kind [..., H, 1], without a bias, in
    which a softmax would not change; size: of an observation; kinds: in it.
    """

    encoders: tuple[Layer, ...]
    scores: tuple[Any, ...]
    size: int
    kinds: tuple[Kind, ...]

    @property
    def weights(self) -> Any:
        """Of the first encoder, as the first layer of any policy has some."""
        return self.encoders[0].weights

    def __tf_flatten__(self) -> tuple[tuple, tuple]:
        tensors = [tensor for layer in self.encoders for tensor in layer]
        return (self.size, self.kinds), (*tensors, *self.scores)

    @classmethod
    def __tf_unflatten__(cls, metadata: tuple, components: tuple) -> Attention:
        size, kinds = metadata
        return from_flat(components, size, kinds)


def from_flat(tensors: Sequence[Any], size: int, kinds: tuple[Kind, ...]) -> Attention:
    """Weights and bias of each encoder in turn, then the weights of each score, as parameters."""
    ends = 2 * len(kinds)
    layers = tuple(map(Layer, tensors[:ends:2], tensors[1:ends:2]))
    return Attention(layers, tuple(tensors[ends:]), size, kinds)


def num_tensors(kinds: Sequence[Kind]) -> int:
    """That the parameters consist of."""
    return 3 * len(kinds)


def outputs(size: int, kinds: Sequence[Kind], units: int) -> int:
    """How many numbers the next layer sees of an observation of this size."""
    return size + sum(units - kind.size for kind in kinds)


def init(
    generator: np.random.Generator,
    size: int,
    kinds: tuple[Kind, ...],
    units: int,
    dtype: tf.DType = tf.float32,
) -> Attention:
    """New parameters: Glorot-uniform weights and zero biases, as all layers have."""

    def glorot(inputs: int, outputs: int) -> tf.Tensor:
        limit = np.sqrt(6.0 / (inputs + outputs))
        return tf.constant(generator.uniform(-limit, limit, (inputs, outputs)), dtype)

    encoders = tuple(Layer(glorot(k.features, units), tf.zeros([units], dtype)) for k in kinds)
    return Attention(encoders, tuple(glorot(units, 1) for _ in kinds), size, kinds)


def apply(parameters: Attention, x: tf.Tensor) -> tf.Tensor:
    """Own numbers and an average for each kind [..., M, K], of observations [..., M, O].

    Of a kind of which nothing is there the average is 0.
    """
    sizes, end = [], 0
    for kind in parameters.kinds:
        sizes += [kind.start - end, kind.size]
        end = kind.start + kind.size
    parts = tf.split(x, [*sizes, x.shape[-1] - end], axis=-1)
    of_kinds = zip(parameters.kinds, parameters.encoders, parameters.scores, parts[1::2])
    parts[1::2] = [_average(*of_kind) for of_kind in of_kinds]
    return tf.concat(parts, axis=-1)


def _average(kind: Kind, encoder: Layer, score: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Of the things of one kind: [..., M, H]."""
    # M may be unknown while a function is traced. Known shapes make for fewer operations: as there
    # are many calls of this function in an update, they are a good part of the time to trace it.
    rows = [-1 if length is None else length for length in x.shape[:-1]]
    by_feature = tf.reshape(x, [*rows, kind.features, kind.count])
    # One product for all things of all observations.
    flat = tf.reshape(tf.linalg.matrix_transpose(by_feature), [*rows[:-1], -1, kind.features])
    encoded = tf.nn.relu(tf.matmul(flat, encoder.weights) + encoder.bias[..., None, :])
    scores = tf.reshape(tf.matmul(encoded, score), [*rows, kind.count])
    there = tf.gather(by_feature, kind.there, axis=-2) > 0.0
    weights = tf.nn.softmax(tf.where(there, scores, FAR_BELOW))
    weights = tf.where(there, weights, 0.0)
    encoded = tf.reshape(encoded, [*rows, kind.count, encoded.shape[-1]])
    return tf.reduce_sum(weights[..., None] * encoded, axis=-2)
