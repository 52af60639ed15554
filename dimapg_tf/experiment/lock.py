"""One process at a time trains in a run directory."""

import contextlib
import errno
import fcntl
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.files import storage_errors

NAME = "lock"
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the lock of a run directory, which must be there.

    The system's lock decides: it ends with its process, however that ends, so that a file that a
    kill left behind stops nobody. What the file says, "PID on HOST", is for people, and for file
    systems that know no locks.

    Raises:
      RunDirectoryError: another process trains there.
      StorageError: its file cannot be written.
    """
    path = directory / NAME
    with storage_errors(path):
        descriptor = _acquire(path)
    try:
        with storage_errors(path):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)  # while it is held: who waits for nothing makes a new one
        os.close(descriptor)


def _acquire(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            if error.errno not in NO_LOCKS:
                raise _refused(path, holder or "another", "") from error
            if holder and _may_be_alive(holder):
                advice = f"; if it does not, remove {path}"
                raise _refused(path, holder, advice) from error
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        # Whoever held it may have removed the file since we opened it.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        os.close(descriptor)


def _refused(path: Path, holder: str, advice: str) -> RunDirectoryError:
    return RunDirectoryError(f"{path.parent}: process {holder} trains here{advice}")


def _holder(descriptor: int) -> str:
    """Who wrote the file: "PID on HOST", or nothing."""
    text = os.pread(descriptor, 1000, 0).decode("utf-8", errors="replace").strip()
    return text if re.fullmatch(r"\d+ on \S+", text) else ""


def _may_be_alive(holder: str) -> bool:
    """Whether "PID on HOST" is a process of this machine, or of one that cannot be asked."""
    pid, _, host = holder.partition(" on ")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return int(pid) != os.getpid()
