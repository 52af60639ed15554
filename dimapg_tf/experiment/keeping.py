"""A record of a run that is small enough to be kept: all of it but what only training needs.

And back: a run directory of a record.
"""

import shutil
from pathlib import Path

from dimapg_tf.experiment import deployment, metrics_file, policy_file
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.files import storage_errors
from dimapg_tf.experiment.policy_file import Age, Arrays, Origin
from dimapg_tf.experiment.run_directory import RunDirectory

COPIED = (
    *("flags.txt", "versions.json", "evaluation.json"),
    *("episode.gif", "episode.png"),
)

ELSEWHERE = ("evaluation.json", "episode.gif", "episode.png")


def keep(
    run_dir: str | Path, destination: str | Path, most_rows: int | None = None
) -> RunDirectory:
    """Copy a run's flags, versions, metrics, evaluations and pictures, and its latest policies.

    The metrics are compressed. Evaluations and pictures are also those of its policy in other
    worlds (`elsewhere_of`).

    Checkpoints, and with them optimizers, critics and a replay, are left out, so the record can be
    evaluated but not resumed.

    Args:
      most_rows: of longer metrics, each n rows become their mean, so that no more are left.

    Raises:
      RunDirectoryError: the run is none or its flags are damaged, or there is something at the
        destination.
      StorageError: it cannot be written; nothing of it is left.
      CheckpointError: there is neither a policy nor a checkpoint, or it cannot be read.
    """
    run, record = RunDirectory(run_dir), RunDirectory(destination)
    run.check()
    if record.path.exists():
        raise RunDirectoryError(f"{record.path} is there already; choose another destination")
    run.config()  # a record whose flags cannot be read would be none
    policies = policies_of(run)
    with storage_errors(record.path):
        record.path.mkdir(parents=True)
        try:
            policy_file.write(record.path, *policies)
            if metrics_file.stored(run.metrics).exists():
                place = metrics_file.compressed(record.metrics)
                metrics_file.compress(run.metrics, place, most_rows)
            for folder in (run.path, *elsewhere_of(run.path)):
                kept = record.path / folder.relative_to(run.path)
                kept.mkdir(exist_ok=True)
                for name in COPIED:
                    if (folder / name).exists():
                        shutil.copy(folder / name, kept / name)
        except BaseException:  # Ctrl-C as well: half a record looks like a whole one
            shutil.rmtree(record.path, ignore_errors=True)
            raise
    return record


def unpack(record_dir: str | Path, destination: str | Path) -> RunDirectory:
    """Make a run directory of a record: all that was kept, the metrics as a run has them.

    Raises:
      RunDirectoryError: the record is none or damaged, or there is something at the destination.
      StorageError: it cannot be written; nothing of it is left.
    """
    record, run = RunDirectory(record_dir), RunDirectory(destination)
    record.check()
    if run.path.exists():
        raise RunDirectoryError(f"{run.path} is there already; choose another destination")
    with storage_errors(run.path):
        try:
            leave_out = shutil.ignore_patterns(metrics_file.compressed(record.metrics).name)
            shutil.copytree(record.path, run.path, ignore=leave_out)
            if metrics_file.stored(record.metrics).exists():
                metrics_file.decompress(record.metrics, run.metrics)
        except BaseException:
            shutil.rmtree(run.path, ignore_errors=True)
            raise
    return run


def elsewhere_of(run_dir: Path) -> list[Path]:
    """The folders of what was evaluated or drawn of a run's policy in other worlds."""
    found = {path.parent for name in ELSEWHERE for path in run_dir.glob(f"*/{name}")}
    return sorted(path for path in found if not path.is_symlink())


def policies_of(run: RunDirectory) -> tuple[Origin, Age, Arrays]:
    """The policies that a run keeps; of a run from before policy.npz, those of its checkpoint."""
    if (run.path / policy_file.DESCRIPTION).exists():
        return policy_file.read(run.path)
    config = run.config()
    env = config.make_env()
    age, arrays = deployment.from_checkpoint(run, list(env.spec.populations))
    return deployment.origin_of(config, env), age, arrays
