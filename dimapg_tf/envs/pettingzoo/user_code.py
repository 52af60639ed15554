"""Calls of code that is not ours: whatever it does becomes one error that says so."""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from dimapg_tf.types import ConfigurationError, WorldError

OURS = str(Path(__file__).parents[2])  # frames of this package tell a user nothing


@contextlib.contextmanager
def calling(environment: str, what: str) -> Iterator[None]:
    """Around a call of the user's code; `what` says which, for the message.

    Raises:
      WorldError: for whatever it raised, `SystemExit` too, with its traceback in `details`.
    """
    try:
        yield
    except (ConfigurationError, WorldError):
        raise
    except SystemExit as error:
        raise WorldError(
            f"{environment}: {what}: the environment ended the process (sys.exit({error.code!r}))"
        ) from error
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        others = [frame for frame in frames if not frame.filename.startswith(OURS)]
        lines = traceback.StackSummary.from_list(others).format()
        said = "".join(traceback.format_exception_only(error)).strip()
        raise WorldError(
            f"{environment}: {what}: {' '.join(said.split())}",
            "".join(["The environment's own traceback:\n", *lines, said]),
        ) from error
