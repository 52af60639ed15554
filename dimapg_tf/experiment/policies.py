"""Trained policies, loaded from a run directory with no flags repeated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from absl import flags

from dimapg_tf import policy, seeds
from dimapg_tf.envs import make_env
from dimapg_tf.envs.base import Choose, Env
from dimapg_tf.experiment import checkpoint
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.flags import algorithm_of, define_environment, environment_settings
from dimapg_tf.experiment.learners import learner_kind
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import Params


class Policy(Protocol):
    """What `load_policy` returns, whatever the learner."""

    env: Env  # that the run was trained on

    def act(self, observations: Any, seed: int | None = None) -> Any:
        """Actions for {population: [..., O]}; without a seed, the most probable ones."""

    def start(self, num_worlds: int) -> Choose:
        """Begin that many new episodes; what is returned decides in every step of them.

        It is called as `rollouts.host.host_steps` does, for whichever populations the caller
        likes, and keeps what the policy remembers of these episodes.
        """


class TrainedPolicy:
    """The policies of a run as parameters: a Policy without memory.

    Attributes:
      env: the environment that the run was trained on.
      thetas: {population: Params}, one θ or a stack [n] of one for each agent.
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
            logits = _logits(self.thetas[name], values)
            if seed is None:
                actions[name] = tf.argmax(logits, axis=-1).numpy()
            else:
                noise = seeds.generator(seed, index).random(logits.shape[:-1], np.float32)
                actions[name] = policy.sample(logits, tf.constant(noise))[0].numpy()
        return actions

    def start(self, num_worlds: int) -> Choose:
        """See `Policy.start`; actions are drawn by the noise that is passed in."""

        def choose(name, observations, _state, uniform):
            theta = self.thetas[name]
            values = np.asarray(observations, theta[0].weights.dtype.as_numpy_dtype)
            return _decide(theta, tf.constant(values), tf.constant(uniform)).numpy()

        return choose


def _logits(theta: Params, observations: Any) -> tf.Tensor:
    """Logits [..., n, A] of observations [..., n, O], of one θ or of a stack [n]."""
    dtype = theta[0].weights.dtype
    if not policy.is_stacked(theta):
        return policy.apply(theta, tf.convert_to_tensor(observations, dtype))
    agents_first = np.moveaxis(np.asarray(observations), -2, 0)
    logits = policy.apply(theta, tf.convert_to_tensor(agents_first, dtype))
    return tf.convert_to_tensor(np.moveaxis(logits.numpy(), 0, -2))


@tf.function(jit_compile=True)
def _decide(theta: Params, observations: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
    """Actions [B, n] of observations [B, n, O] and noise [n, B]."""
    logits = policy.apply(theta, tf.transpose(observations, [1, 0, 2]))
    return tf.transpose(policy.sample(logits, uniform)[0])


def load_policy(run_dir: str | Path) -> Policy:
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
    return learner_kind(algorithm_of(directory.flags)).part("load_policy")(env, path)


def load_parameters(env: Env, path: str) -> TrainedPolicy:
    """The policies of a learner that keeps `variables_of[population]`, from a checkpoint."""
    shapes = checkpoint.shapes(path)
    variables = {
        name: _variables(f"learner/variables_of/{name}/", shapes) for name in env.spec.populations
    }
    learner = tf.train.Checkpoint(variables_of=tf.train.Checkpoint(**variables))
    checkpoint.restore(tf.train.Checkpoint(learner=learner), path)
    return TrainedPolicy(env, {name: policy.from_flat(list(v)) for name, v in variables.items()})


def theta_and_greedy(
    _env: Env, _settings: Any, _run_seed: int, thetas: Mapping[str, Params], _seed: int
) -> dict[str, dict[str, Params]]:
    """What an evaluation plays of a run: its policy, and the most probable actions of that."""
    greedy = {name: policy.greedy(theta) for name, theta in thetas.items()}
    return {"theta": dict(thetas), "theta_greedy": greedy}


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
