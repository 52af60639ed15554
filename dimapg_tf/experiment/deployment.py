"""What a run keeps of its learner to be played: from a learner in training, or an older run."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import checkpoint, policy_file
from dimapg_tf.experiment.checkpoint import Progress
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.policy_file import Age, Arrays, Origin
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import ConfigurationError


def origin_of(config: Config, env: Env) -> Origin:
    """What the policies of a run in this environment are of."""
    settings, populations = vars(config.settings), dict(env.spec.populations)
    return Origin(
        config.algorithm, settings, config.env, dict(env.settings), config.seed, populations
    )


def deploy_to(
    directory: Path, origin: Origin, variables_of: Mapping[str, list[tf.Variable]]
) -> Callable[[Progress], None]:
    """Who keeps the policies of a learner in this directory, as `Checkpoints` calls it.

    variables_of: {population: weights and biases in turn}.
    """

    def deploy(progress: Progress) -> None:
        age = Age(int(progress.iteration), int(progress.episodes))
        if policy_file.age_of(directory) != age:
            arrays = {name: [v.numpy() for v in values] for name, values in variables_of.items()}
            policy_file.write(directory, origin, age, arrays)

    return deploy


def start_from(learner: Any, config: Config) -> None:
    """Give a new learner the policies that the run `config.init_from` keeps.

    Raises:
      ConfigurationError: the learner cannot start so, or its policies have other layers.
      RunDirectoryError, CheckpointError: that is no run, or it keeps no policy yet.
    """
    said = f"init_from = {config.init_from}"
    if not hasattr(learner, "assign"):
        raise ConfigurationError(f"{said}: {config.algorithm} starts from a new policy only")
    directory = RunDirectory(config.init_from)
    directory.check()
    arrays = policy_file.read(directory.path)[2]
    for name, variables in learner.variables_of.items():
        there = [list(np.shape(value)) for value in arrays.get(name, ())]
        mine = [list(variable.shape) for variable in variables]
        if there != mine:
            raise ConfigurationError(
                f"{said}: its policy of {name!r} has weights and biases of {there}, that of this "
                f"run {mine}; in particle worlds, policies trained with --observed_neighbours fit "
                "teams of any size"
            )
    learner.assign(arrays)


def from_checkpoint(directory: RunDirectory, populations: list[str]) -> tuple[Age, Arrays]:
    """The policies in the latest checkpoint of a run from before policy.npz.

    Raises:
      CheckpointError: there is no checkpoint, or it cannot be read.
    """
    path = checkpoint.latest(directory.checkpoints)
    if path is None:
        raise CheckpointError(f"{directory.checkpoints}: there is no checkpoint yet")
    prefix = "learner/variables_of/"
    values = checkpoint.values(path, (prefix, "progress/"))
    arrays = {}
    for name in populations:
        start = f"{prefix}{name}/"
        by_index = {int(k[len(start) :]): v for k, v in values.items() if k.startswith(start)}
        if not by_index:
            raise CheckpointError(f"{path}: the checkpoint has no variables under {start}")
        arrays[name] = [by_index[index] for index in sorted(by_index)]
    return Age(int(values["progress/iteration"]), int(values["progress/episodes"])), arrays
