"""The errors that a user can mend: told in one line by the scripts."""

from dimapg_tf.types import ConfigurationError, NonFiniteError


class RunDirectoryError(ValueError):
    """A run directory that is not what the command needs."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be read."""


USER_ERRORS = (ConfigurationError, RunDirectoryError, CheckpointError, NonFiniteError)
