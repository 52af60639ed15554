"""How trained kitchen sinks decide, as `load_policy` needs it."""

import tensorflow as tf

from baselines.kitchensink import network
from baselines.kitchensink.network import JointParams, Memory
from baselines.kitchensink.rollout import decide
from dimapg_tf.experiment.networks import Network


@tf.function(jit_compile=True, autograph=False)
def _sample(
    params: JointParams, observations: tf.Tensor, memory: Memory, uniform: tf.Tensor
) -> tuple[tf.Tensor, Memory]:
    actions, _, memory, _ = decide(params, observations, memory, uniform)
    return actions, memory


def _logits(
    params: JointParams, observations: tf.Tensor, memory: Memory
) -> tuple[tf.Tensor, Memory]:
    logits, _, memory = network.step(params, observations, memory)
    return logits, memory


def _most_probable(
    params: JointParams, observations: tf.Tensor, memory: Memory
) -> tuple[tf.Tensor, Memory]:
    logits, memory = _logits(params, observations, memory)
    return tf.argmax(logits, axis=-1, output_type=tf.int32), memory


RECURRENT = Network(
    lambda tensors, _space: network.from_flat(tensors),
    network.blank_memory,
    _sample,
    _most_probable,
    _logits,
)
"""`network.JointParams`; what is remembered of an episode is an LSTM's `Memory`."""
