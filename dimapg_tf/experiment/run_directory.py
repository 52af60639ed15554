"""A run directory: self-describing, and never overwritten by another configuration's run."""

import json
import os
from pathlib import Path

from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.metrics import read_rows
from dimapg_tf.experiment.policy_file import DESCRIPTION
from dimapg_tf.experiment.versions import versions


class RunDirectory:
    """The files of one run.

    flags.txt: every value of the configuration; versions.json: packages, commit and machine;
    metrics.csv: a row an iteration; tensorboard/; checkpoints/, for resuming; policy.npz and
    policy.json, to be played (see `policy_file`); evaluation.json.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
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
        elif self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise RunDirectoryError(
                f"{self.path} is there and is no run directory; choose another --logdir"
            )

    def config(self) -> Config:
        """The configuration of the run in this directory; raises RunDirectoryError."""
        self.check()
        return run_configuration.read(self.flags)

    def refuse_to_forget(self, checkpoint_every: int) -> None:
        """Raise RunDirectoryError where there was training, but no checkpoint is left of it.

        So it is with a record that was kept, and with a metrics.csv that tells of checkpoints.
        """
        rows = len(read_rows(self.metrics)) if self.metrics.exists() else 0
        if rows >= checkpoint_every or (self.path / DESCRIPTION).exists():
            raise RunDirectoryError(
                f"{self.path} has {rows} iterations in metrics.csv but no checkpoint to go on "
                "from; choose another --logdir"
            )

    def describe(self, config: Config) -> None:
        """Make the directory and write what the run is.

        Where another machine or other packages go on with a run, versions.json names them all.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(self.flags, run_configuration.write(config))
        record = versions()
        if self.versions.exists():
            first = json.loads(self.versions.read_text(encoding="utf-8"))
            later = first.pop("resumed_with", [])
            if record not in (first, *later):
                later.append(record)
            record = {**first, "resumed_with": later} if later else first
        write_atomically(self.versions, json.dumps(record, indent=2) + "\n")

    def check(self) -> None:
        """Raise RunDirectoryError unless this is the directory of a run."""
        if not self.path.is_dir():
            raise RunDirectoryError(f"{self.path}: no such directory")
        if not self.flags.exists():
            raise RunDirectoryError(f"{self.path} is no run directory: it has no flags.txt")


def write_atomically(path: Path, text: str) -> None:
    """Write a file that, after a crash, is either the old one or the new one."""
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
