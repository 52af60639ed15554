"""The errors that a user can mend: told in one line by the scripts."""

from dimapg_tf.types import ConfigurationError, NonFiniteError, WorldError
from dimapg_tf.workers import WorkerDeath


class RunDirectoryError(ValueError):
    """A run directory that is not what the command needs."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be read."""


class StorageError(RuntimeError):
    """The system cannot write a file: the disk is full, for example."""


# What ends a run that had begun well; all others are input that cannot work.
FAILURES = (NonFiniteError, StorageError, WorkerDeath, WorldError)
USER_ERRORS = (ConfigurationError, RunDirectoryError, CheckpointError, *FAILURES)
