"""What every script does around its work: a quiet TensorFlow, and errors in one line."""

import contextlib
import functools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from dimapg_tf.experiment import allocator, compilation_cache, program_names

# Exit codes: 2 for input that cannot work, 1 for a run that failed, 128 + n for signal n.
BAD_INPUT, FAILED = 2, 1
LONGEST = 1000  # letters of an error


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what is written to file descriptor 2; show it if the block fails.

    TensorFlow writes a dozen lines at import that no setting turns off.
    """
    with tempfile.TemporaryFile() as held:
        saved = os.dup(2)
        sys.stderr.flush()
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(saved, 2)
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@functools.cache
def prepare_tensorflow() -> None:
    """Import TensorFlow without its start-up messages, set up memory, threads and cache, once."""
    allocator.keep_freed_memory()
    # Only what is fatal: failures come as exceptions. Of each program that comes from the cache, an
    # "error" would say that the processor lacks what is a preference of the compiler, no feature.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # oneDNN serves no operation of ours (XLA does), and tells so on the terminal.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    with quiet_stderr(), compilation_cache.told_to_tensorflow():
        import tensorflow as tf
        import tensorflow_probability  # noqa: F401

        program_names.make_independent()
        # One operation at a time, on all cores: measured to be the fastest for our few large ones.
        with contextlib.suppress(RuntimeError):  # already initialised, as in tests
            tf.config.threading.set_inter_op_parallelism_threads(1)
        # XLA says hello here.
        tf.function(lambda x: x, jit_compile=True, autograph=False)(tf.zeros([1]))
    # An evaluation needs a few shapes, each once and in a row, which TensorFlow warns of at length.
    tf.get_logger().addFilter(lambda record: "tf.function retracing" not in record.getMessage())


def run(main: Callable[[list[str]], int], argv: list[str] | None = None) -> int:
    """Run a script's main; what the user can mend is told in one line, without a traceback.

    A main reads its command line first and prepares TensorFlow once it has something to compute.
    """
    from absl import flags

    from dimapg_tf.experiment.errors import FAILURES, USER_ERRORS
    from dimapg_tf.types import WorldError

    argv = sys.argv if argv is None else argv
    path = argv[0].removesuffix("/__main__.py")  # a package's name is that of its directory
    name = os.path.basename(path).removesuffix(".py")
    with _readers_may_leave():
        try:
            return main(argv)
        except KeyboardInterrupt:
            print(f"{name}: interrupted", file=sys.stderr)
            return 130
        except (flags.Error, OSError, *USER_ERRORS) as error:
            if isinstance(error, WorldError) and error.details:
                print(error.details, file=sys.stderr)
            print(f"{name}: {_in_one_line(str(error))}", file=sys.stderr)
            return FAILED if isinstance(error, FAILURES) else BAD_INPUT


def _in_one_line(text: str) -> str:
    """Without the middle of what is endless, such as a value of thousands of digits."""
    text = " ".join(line.strip() for line in text.splitlines() if line.strip())
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"


@contextlib.contextmanager
def _readers_may_leave() -> Iterator[None]:
    """Who reads our output, such as `head`, may end before us; the work is done all the same."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_Patient, before)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout, sys.stderr = before


class _Patient:
    """A text stream that takes what nobody reads any more."""

    def __init__(self, stream: Any):
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._forget()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._forget()

    def _forget(self) -> None:
        """What is still to come goes nowhere, and so does what was held back."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
