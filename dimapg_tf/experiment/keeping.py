"""A record of a run that is small enough to be kept: all of it but what only training needs."""

import shutil
from pathlib import Path

from dimapg_tf.experiment import deployment, policy_file
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.policy_file import Age, Arrays, Origin
from dimapg_tf.experiment.run_directory import RunDirectory

COPIED = (
    *("flags.txt", "versions.json", "metrics.csv", "evaluation.json"),
    *("episode.gif", "episode.png"),
)


def keep(run_dir: str | Path, destination: str | Path) -> RunDirectory:
    """Copy a run's flags, versions, metrics, evaluation and pictures, and its latest policies.

    Checkpoints, and with them optimizers, critics and a replay, are left out, so the record can be
    evaluated but not resumed.

    Raises:
      RunDirectoryError: the run is none, or there is something else at the destination.
      CheckpointError: there is neither a policy nor a checkpoint, or it cannot be read.
    """
    run, record = RunDirectory(run_dir), RunDirectory(destination)
    run.check()
    if record.path.exists():
        raise RunDirectoryError(f"{record.path} is there already; choose another destination")
    policies = policies_of(run)
    record.path.mkdir(parents=True)
    policy_file.write(record.path, *policies)
    for name in COPIED:
        if (run.path / name).exists():
            shutil.copy(run.path / name, record.path / name)
    return record


def policies_of(run: RunDirectory) -> tuple[Origin, Age, Arrays]:
    """The policies that a run keeps; of a run from before policy.npz, those of its checkpoint."""
    if (run.path / policy_file.DESCRIPTION).exists():
        return policy_file.read(run.path)
    config = run.config()
    env = config.make_env()
    age, arrays = deployment.from_checkpoint(run, list(env.spec.populations))
    return deployment.origin_of(config, env), age, arrays
