"""Trained kitchen sinks, as `load_policy` returns them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from baselines.kitchensink import network
from baselines.kitchensink.network import JointParams
from baselines.kitchensink.rollout import decide
from dimapg_tf import seeds
from dimapg_tf.envs.base import Choose, Env
from dimapg_tf.experiment.policies import load_parameters


class JointPolicy:
    """The joint policies of a run; a `Policy` with memory.

    Attributes:
      env: the environment that the run was trained on.
      params: {population: JointParams}.
    """

    def __init__(self, env: Env, params: Mapping[str, JointParams]):
        self.env = env
        self.params = dict(params)
        self.reset()

    def reset(self) -> None:
        """A new episode begins: `act` forgets what it saw."""
        self._memories = {}

    def act(self, observations: Any, seed: int | None = None) -> Any:
        """Actions for the joint observations of the next step of an episode.

        The network has a memory: call this once in every step, and `reset` before a new episode.
        Other worlds, told by another shape, are a new episode as well.

        Args:
          observations: {population: [..., n, m]}, or the array alone if there is one population.
          seed: of the draw from the stochastic policy; None takes the most probable actions.

        Returns:
          Integers [..., n], in a dict if a dict was given.
        """
        if not isinstance(observations, Mapping):
            (name,) = self.params
            return self.act({name: observations}, seed)[name]
        actions = {}
        for index, (name, seen) in enumerate(observations.items()):
            values = np.asarray(seen, np.float32)
            flat = tf.constant(values.reshape(-1, *values.shape[-2:]))
            shape, memory = self._memories.get(name, (None, None))
            if shape != values.shape:
                memory = network.blank_memory(self.params[name], flat.shape[0])
            if seed is None:
                logits, _, memory = network.step(self.params[name], flat, memory)
                chosen = tf.argmax(logits, axis=-1)
            else:
                noise = seeds.generator(seed, index).random(flat.shape[1::-1], np.float32)
                chosen, _, memory = decide(self.params[name], flat, memory, tf.constant(noise))
            self._memories[name] = (values.shape, memory)
            actions[name] = chosen.numpy().reshape(values.shape[:-1])
        return actions

    def start(self, num_worlds: int) -> Choose:
        """See `dimapg_tf.experiment.policies.Policy.start`; the memory lives in what it returns."""
        memories = {
            name: network.blank_memory(params, num_worlds) for name, params in self.params.items()
        }

        def choose(name, observations, _state, uniform):
            params = self.params[name]
            dtype = params.value.weights.dtype
            seen = tf.constant(np.asarray(observations, dtype.as_numpy_dtype))
            actions, _, memories[name] = _decide(params, seen, memories[name], tf.constant(uniform))
            return actions.numpy()

        return choose


_decide = tf.function(decide, jit_compile=True)


def load(env: Env, path: str) -> JointPolicy:
    """The policy in the checkpoint at this path, of a run on this environment."""
    layers = load_parameters(env, path).thetas
    return JointPolicy(env, {name: JointParams(*theta) for name, theta in layers.items()})
