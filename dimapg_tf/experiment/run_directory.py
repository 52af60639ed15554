"""A run directory: self-describing, and never overwritten by another configuration's run."""

import json
from pathlib import Path
from typing import Any

from dimapg_tf import checks
from dimapg_tf.experiment import files, lock, metrics_file, policy_file, run_configuration
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.versions import versions

WORKER_LOGS = "workers"  # a directory; there before the run is


class RunDirectory:
    """The files of one run.

    flags.txt: every value of the configuration; versions.json: packages, commit and machine;
    metrics.csv: a row an iteration; tensorboard/; checkpoints/, for resuming; policy.npz and
    policy.json, to be played (see `policy_file`); evaluation.json.
    """

    def __init__(self, path: str | Path):
        self.path = checks.path("run directory", path)
        self.flags = self.path / "flags.txt"
        self.versions = self.path / "versions.json"
        self.metrics = self.path / "metrics.csv"
        self.tensorboard = self.path / "tensorboard"
        self.checkpoints = self.path / "checkpoints"
        self.evaluation = self.path / "evaluation.json"

    def examine(self, config: Config) -> None:
        """Check that the run of this configuration may be kept here; changes nothing.

        Raises:
          RunDirectoryError: it holds a run of another configuration, or something that is no run.
        """
        if self.flags.exists():
            differing = config.differences(self.config())
            if differing:
                raise RunDirectoryError(
                    f"{self.path} holds another configuration's run, which differs in "
                    f"{', '.join(f'--{name}' for name in differing)}; choose another --logdir"
                )
        elif self.path.exists() and not self._is_empty():
            raise RunDirectoryError(
                f"{self.path} is there and is no run directory; choose another --logdir"
            )

    def config(self) -> Config:
        """The configuration of the run in this directory; raises RunDirectoryError."""
        self.check()
        return run_configuration.read(self.flags)

    def refuse_to_forget(self) -> None:
        """Raise RunDirectoryError where there was training, but no checkpoint is left of it.

        So it is with a record that was kept, and with a metrics.csv that tells of checkpoints.
        """
        there = metrics_file.stored(self.metrics).exists()
        rows = len(metrics_file.read_rows(self.metrics)) if there else 0
        # A kill may come between a row and the checkpoint of its iteration.
        if (self.path / policy_file.DESCRIPTION).exists() or (
            rows and rows > self.config().checkpoint_every
        ):
            raise RunDirectoryError(
                f"{self.path} has {rows} iterations in metrics.csv but no checkpoint to go on "
                "from; choose another --logdir"
            )

    def describe(self, config: Config) -> None:
        """Make the directory and write what the run is.

        Where another machine or other packages go on with a run, versions.json names them all.

        Raises:
          RunDirectoryError: versions.json is damaged; nothing was written.
        """
        record = versions()
        first = self.recorded_versions()
        if first:
            later = first.pop("resumed_with", [])
            if record not in (first, *later):
                later.append(record)
            record = {**first, "resumed_with": later} if later else first
        files.make_directory(self.path)
        files.write(self.flags, run_configuration.write(config))
        files.write(self.versions, json.dumps(record, indent=2) + "\n")

    def recorded_versions(self) -> dict[str, Any]:
        """versions.json, empty where there is none; raises RunDirectoryError if it is damaged."""
        if not self.versions.exists():
            return {}
        try:
            record = json.loads(self.versions.read_text(encoding="utf-8"))
            if not isinstance(record, dict) or not isinstance(record.get("resumed_with", []), list):
                raise ValueError("it is no record of versions")
        except (OSError, ValueError, RecursionError) as error:
            raise RunDirectoryError(
                f"{self.versions} is damaged: {error}; without the file, the run goes on and notes "
                "the present versions"
            ) from error
        return record

    def tidy(self) -> None:
        """Remove what a killed process left half written."""
        policy_file.tidy(self.path)
        for draft in self.path.glob(f"*{files.DRAFT}"):
            files.remove(draft)

    def check(self) -> None:
        """Raise RunDirectoryError unless this is the directory of a run."""
        if not self.path.is_dir():
            raise RunDirectoryError(f"{self.path}: no such directory")
        if not self.flags.exists():
            raise RunDirectoryError(f"{self.path} is no run directory: it has no flags.txt")

    def _is_empty(self) -> bool:
        """But for what a process leaves that is killed before it has written flags.txt, and for
        the logs of its workers."""
        return self.path.is_dir() and all(
            path.name in (lock.NAME, WORKER_LOGS)
            or (path.name.startswith(self.flags.name) and path.name.endswith(files.DRAFT))
            for path in self.path.iterdir()
        )
