"""Faults of the disk, for tests: kills, torn writes, power losses and full disks, one write each.

`FaultyDisk` takes the place of `os` in the modules that write run directories, and counts what they
do to the disk; a checkpoint that TensorFlow writes counts as one operation. At the chosen
operation it acts up. After a kill nothing reaches the disk any more, whatever `finally` blocks try.
"""

import errno
import os
import threading
from pathlib import Path

import tensorflow as tf

from dimapg_tf.experiment import files, lock

KILL = "kill"  # before the operation
TORN = "torn"  # in the middle of it: half of the bytes are written
POWER = "power"  # before it, and half of what was not synced is lost
FULL = "full"  # the operation fails, half of the bytes written; the process goes on
CRASHES = (KILL, TORN, POWER)


class Killed(BaseException):
    """The process is dead; nobody catches it."""


class FaultyDisk:
    """`os`, but the operation number `at` goes wrong; without a kind, it only counts.

    Attributes:
      done: how many operations there have been.
    """

    def __init__(self, at: int = -1, kind: str | None = None):
        self.at, self.kind, self.done, self.dead = at, kind, 0, False
        self._mutex = threading.RLock()  # files.sync works in threads
        self._paths: dict[int, Path] = {}  # by open descriptor
        self._synced: dict[Path, int] = {}  # bytes that a power loss leaves

    def __getattr__(self, name):
        return getattr(os, name)

    def install(self, monkeypatch) -> "FaultyDisk":
        """In the place of the real one, until the test or the context ends."""
        for module in (files, lock):
            monkeypatch.setattr(module, "os", self)
        write = tf.train.Checkpoint.write
        monkeypatch.setattr(
            tf.train.Checkpoint, "write", lambda c, p: self._checkpoint(write, c, Path(p))
        )
        return self

    # What reaches the disk.

    def open(self, path, how, mode=0o777):
        with self._mutex:
            path = Path(path)
            if how & os.O_CREAT:
                self._operation()
            self._alive()
            descriptor = os.open(path, how, mode)
            self._paths[descriptor] = path
            if how & os.O_TRUNC or path not in self._synced:
                self._synced[path] = 0 if how & os.O_TRUNC else path.stat().st_size
            return descriptor

    def write(self, descriptor, content):
        with self._mutex:
            half = content[: len(content) // 2]
            self._operation(lambda: os.write(descriptor, half))
            return os.write(descriptor, content)

    def ftruncate(self, descriptor, size):
        with self._mutex:
            self._operation()
            os.ftruncate(descriptor, size)

    def fsync(self, descriptor):
        with self._mutex:
            self._operation()
            path = self._paths[descriptor]
            if path.is_file():
                self._synced[path] = path.stat().st_size

    def replace(self, source, target):
        with self._mutex:
            self._operation()
            os.replace(source, target)
            if Path(source) in self._synced:
                self._synced[Path(target)] = self._synced.pop(Path(source))

    def unlink(self, path):
        with self._mutex:
            if not self.dead and not os.path.lexists(path):
                raise FileNotFoundError(path)
            self._operation()
            os.unlink(path)
            self._synced.pop(Path(path), None)

    def makedirs(self, path, exist_ok=False):
        with self._mutex:
            if not os.path.isdir(path):
                self._operation()
            self._alive()
            os.makedirs(path, exist_ok=exist_ok)

    def close(self, descriptor):
        with self._mutex:
            if self._paths.pop(descriptor, None) is not None:
                os.close(descriptor)

    def _checkpoint(self, write, checkpoint, prefix):
        def parts():
            return sorted(prefix.parent.glob(f"{prefix.name}.*"))

        def torn():
            write(checkpoint, str(prefix))
            data, index = parts()
            os.truncate(data, data.stat().st_size // 2)
            os.unlink(index)

        self._operation(torn)
        write(checkpoint, str(prefix))
        self._synced |= dict.fromkeys(parts(), 0)

    # What goes wrong.

    def _alive(self):
        if self.dead:
            raise Killed

    def _operation(self, half=lambda: None):
        """Count one; if it is the one, do half of it and fail."""
        self._alive()
        number, self.done = self.done, self.done + 1
        if number != self.at:
            return
        if self.kind == FULL:
            half()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.kind == TORN:
            half()
        self.dead = True
        for descriptor in self._paths:  # as the system does, and so releases the lock
            os.close(descriptor)
        self._paths.clear()
        if self.kind == POWER:
            for path, synced in self._synced.items():
                if path.is_file():
                    size = path.stat().st_size
                    os.truncate(path, min(size, synced + (size - synced) // 2))
        raise Killed
