"""Trained policies, loaded from a run directory with no flags repeated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from absl import flags

from dimapg_tf import policy, seeds
from dimapg_tf.envs import make_env
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import checkpoint
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.flags import define_environment, environment_settings
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import Params


class TrainedPolicy:
    """The policies of a run, one for each population.

    Attributes:
      env: the environment that the run was trained on.
      thetas: {population: Params}.
    """

    def __init__(self, env: Env, thetas: dict[str, Params]):
        self.env = env
        self.thetas = thetas

    def act(self, observations: Any, seed: int | None = None) -> Any:
        """Actions for observations.

        Args:
          observations: {population: [..., O]}, or the array alone if there is one population.
          seed: of the draw from the stochastic policy; None takes the most probable actions.

        Returns:
          Integers [...], in a dict if a dict was given.
        """
        if not isinstance(observations, Mapping):
            (name,) = self.thetas
            return self.act({name: observations}, seed)[name]
        actions = {}
        for index, (name, values) in enumerate(observations.items()):
            theta = self.thetas[name]
            logits = policy.apply(theta, tf.convert_to_tensor(values, theta[0].weights.dtype))
            if seed is None:
                actions[name] = tf.argmax(logits, axis=-1).numpy()
            else:
                noise = seeds.generator(seed, index).random(logits.shape[:-1], np.float32)
                actions[name] = policy.sample(logits, tf.constant(noise))[0].numpy()
        return actions


def load_policy(run_dir: str | Path) -> TrainedPolicy:
    """The policies in the latest checkpoint of a run directory.

    Raises:
      RunDirectoryError: it is not the directory of a run.
      CheckpointError: there is no checkpoint, or it cannot be read.
    """
    directory = RunDirectory(run_dir)
    directory.check()
    env = env_of_run(directory)
    path = checkpoint.latest(directory.checkpoints)
    if path is None:
        raise CheckpointError(f"{directory.checkpoints}: there is no checkpoint yet")
    shapes = checkpoint.shapes(path)
    variables = {
        name: _variables(f"learner/variables_of/{name}/", shapes) for name in env.spec.populations
    }
    learner = tf.train.Checkpoint(variables_of=tf.train.Checkpoint(**variables))
    checkpoint.restore(tf.train.Checkpoint(learner=learner), path)
    return TrainedPolicy(env, {name: policy.from_flat(list(v)) for name, v in variables.items()})


def env_of_run(directory: RunDirectory) -> Env:
    """The environment that the run in this directory was trained on."""
    fv = flags.FlagValues()
    define_environment(fv)
    fv(["", f"--flagfile={directory.flags}"], known_only=True)
    return make_env(fv.env, **environment_settings(fv))


def _variables(prefix: str, shapes: Mapping[str, list[int]]) -> list[tf.Variable]:
    """Variables of the shapes in which the checkpoint has them, in order."""
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    found = {
        int(key[len(prefix) : -len(suffix)]): shape
        for key, shape in shapes.items()
        if key.startswith(prefix) and key.endswith(suffix)
    }
    if not found:
        raise CheckpointError(f"the checkpoint has no variables under {prefix}")
    return [tf.Variable(tf.zeros(found[index])) for index in sorted(found)]
