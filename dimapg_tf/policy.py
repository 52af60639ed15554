"""The policy π_θ: a multilayer perceptron over a discrete action space (paper 5.2, App. C.2).

θ is an argument, never hidden state. The same functions serve one θ for everybody and a stack of
θ_n, one for each agent.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from dimapg_tf.types import Layer, Params

HIDDEN = (100, 100)  # two hidden layers of 100 ReLU units: paper, App. C.2

# Not in the paper: the output layer starts small, so that the first policy is close to uniform.
OUTPUT_SCALE = 0.01


def init(
    generator: np.random.Generator,
    observation_size: int,
    num_actions: int,
    hidden: tuple[int, ...] = HIDDEN,
    dtype: tf.DType = tf.float32,
    output_scale: float = OUTPUT_SCALE,
) -> Params:
    """A new θ: Glorot-uniform weights (rllab's default), zero biases, a scaled output layer."""
    sizes = (observation_size, *hidden, num_actions)
    layers = []
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        limit = np.sqrt(6.0 / (inputs + outputs))
        if index == len(sizes) - 2:
            limit *= output_scale
        weights = generator.uniform(-limit, limit, (inputs, outputs))
        layers.append(Layer(tf.constant(weights, dtype), tf.zeros([outputs], dtype)))
    return tuple(layers)


def from_flat(tensors: Sequence[tf.Tensor]) -> Params:
    """Weights and biases in turn, as `tf.nest.flatten` gives them, as θ."""
    return tuple(
        Layer(*map(tf.convert_to_tensor, pair)) for pair in zip(tensors[::2], tensors[1::2])
    )


def is_stacked(params: Params) -> bool:
    """Whether these are θ_n of several agents, with a leading axis, rather than one θ."""
    return params[0].weights.shape.rank == 3


def stack(theta: Params, num_agents: int) -> Params:
    """num_agents copies of θ with a leading axis [N]: θ_n^{[0]} = θ (Eq. 10)."""
    return tf.nest.map_structure(lambda v: tf.repeat(v[None], num_agents, axis=0), theta)


def apply(params: Params, observations: tf.Tensor) -> tf.Tensor:
    """Logits [..., A] of observations [..., O]; a stack of θ_n takes [N, ..., O], one θ each."""
    batch = observations.shape[:-1]
    inner = [batch[0], -1] if is_stacked(params) else [-1]
    x = tf.reshape(observations, [*inner, observations.shape[-1]])
    for index, layer in enumerate(params):
        x = tf.matmul(x, layer.weights) + layer.bias[..., None, :]
        if index < len(params) - 1:
            x = tf.nn.relu(x)
    return tf.reshape(x, [*batch, x.shape[-1]])


def greedy(params: Params) -> Params:
    """Parameters of the policy that takes the most probable action of this one.

    The logits times a number so large that nothing is left to chance.
    """
    *hidden, output = params
    return (*hidden, tf.nest.map_structure(lambda v: 1e6 * v, output))


def log_prob(params: Params, observations: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
    """log π(a | o) [...] of actions [...]."""
    return categorical_log_prob(apply(params, observations), actions)


def entropy(params: Params, observations: tf.Tensor) -> tf.Tensor:
    """Entropy of π(. | o) [...]."""
    return categorical_entropy(apply(params, observations))


def categorical_log_prob(logits: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
    """log π(a) [...] of actions [...], by logits [..., A]."""
    return tfp.distributions.Categorical(logits=logits).log_prob(actions)


def categorical_entropy(logits: tf.Tensor) -> tf.Tensor:
    """Entropy [...] of π, by logits [..., A]."""
    return tfp.distributions.Categorical(logits=logits).entropy()


def categorical_kl(old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
    """KL(π_old || π_new) [...], by logits [..., A] of both."""
    old, new = (tfp.distributions.Categorical(logits=logits) for logits in (old, new))
    return tfp.distributions.kl_divergence(old, new)


def sample(logits: tf.Tensor, uniform: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Actions int32 [...] by inverting the distribution function at given noise [...] in [0, 1).

    Returns the actions and their log-probabilities. The noise comes from outside because
    TensorFlow's generators ignore seeds or differ under XLA (see `seeds`).
    """
    log_probs = tf.nn.log_softmax(logits)
    # Running sums over the few actions one by one: XLA fuses them, tf.cumsum it does not.
    cumulative = list(accumulate(tf.unstack(tf.exp(log_probs), axis=-1)))
    threshold = tf.cast(uniform, logits.dtype) * cumulative[-1]
    actions = sum(tf.cast(threshold >= c, tf.int32) for c in cumulative[:-1])
    chosen = tf.one_hot(actions, logits.shape[-1], dtype=logits.dtype)
    return actions, tf.reduce_sum(chosen * log_probs, axis=-1)
