"""Single steps of an environment whose step is a pure TensorFlow function, compiled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.base import CompiledEnv, Step
from dimapg_tf.rollouts.programs import program_of


class CompiledSteps:
    """An environment whose single steps are compiled, one program for each number of worlds.

    For players that are no parameters: scripted ones, those with a memory, matches. All of them
    share this program, so a new pairing compiles nothing. Everything else is the environment's.
    """

    def __init__(self, env: CompiledEnv):
        self._env = env
        self._programs: dict[tuple, Any] = {}

    def __getattr__(self, name: str):
        return getattr(self._env, name)

    def step(self, state: Any, actions: Mapping[str, Any]) -> Step:
        """As `Env.step`, to rounding."""
        arguments = (self._env, state, {name: _narrow(v) for name, v in actions.items()})
        shapes = tuple((v.shape, v.dtype) for v in arguments[2].values())
        if shapes not in self._programs:
            self._programs[shapes] = program_of(_step, *arguments)
        return self._programs[shapes](*arguments)


def _narrow(actions: Any) -> np.ndarray:
    """Integers of one type, whoever chose them, so that all players share a program."""
    values = np.asarray(actions)
    return values.astype(np.int32) if values.dtype.kind in "iu" else values


@tf.function(jit_compile=True, autograph=False)
def _step(env, state, actions):
    """The environment selects a trace."""
    return env.step(state, actions)
