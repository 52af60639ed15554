"""Programs that XLA has compiled, kept for later processes: they save time and change no result.

TensorFlow can keep compiled programs in a directory, but whatever is wrong there stops it: an entry
that is cut short, one that another process deletes while it is read, a directory that cannot be
written. So each process has a working directory of its own. Entries whose checksum is right are
linked into it before TensorFlow looks; what TensorFlow compiles anew is taken over into the store
by `publish`. Entries of other versions, processors or flags are in other directories.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dimapg_tf.experiment import machine
from dimapg_tf.types import ConfigurationError

VARIABLE = "DIMAPG_XLA_CACHE"  # a directory, or OFF; scripts take it as --xla_cache
OFF = "off"
HELP = "directory for compiled programs, which start the next command faster; or off"
MAX_BYTES = 256 * 2**20  # of all entries; about 60 configurations
MIN_FREE_BYTES = 256 * 2**20  # TensorFlow fails where it cannot write
TENSORFLOW_FLAGS = "TF_XLA_FLAGS"
DIGEST_SIZE = 16  # bytes


def default_directory() -> str:
    """Within the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "dimapg_tf", "xla")


def choose(value: str | None) -> None:
    """Take a directory, or OFF, for this process and those that it starts; None leaves all as is.

    Raises:
      ConfigurationError: the directory cannot be used.
    """
    if value is None:
        return
    if value != OFF:
        try:
            _make(Path(value))
        except OSError as error:
            raise ConfigurationError(
                f"xla_cache = {value}: must be a directory that can be written, or {OFF}: "
                f"{error.strerror}"
            ) from error
    os.environ[VARIABLE] = value


@contextlib.contextmanager
def told_to_tensorflow() -> Iterator[None]:
    """TensorFlow must compile its first program in the block: it reads its flags then.

    It has no cache where it is off, cannot be used, or the user has told TensorFlow of one. The
    flags are set within the block only, so that processes that this one starts have working
    directories of their own.
    """
    before = os.environ.get(TENSORFLOW_FLAGS, "")
    chosen = os.environ.get(VARIABLE) or default_directory()
    store = None
    if chosen != OFF and "persistent_cache" not in before:
        # A cache that cannot be used costs time, nothing else.
        with contextlib.suppress(OSError):
            store = Store(Path(chosen))
    if store is None:
        yield
        return
    _stores.append(store)
    ours = [
        f"--tf_xla_persistent_cache_directory={store.work}",
        # Of other devices the key does not know enough.
        "--tf_xla_persistent_cache_device_types=CPU",
    ]
    os.environ[TENSORFLOW_FLAGS] = " ".join([before, *ours]).strip()
    try:
        yield
    finally:
        if before:
            os.environ[TENSORFLOW_FLAGS] = before
        else:
            del os.environ[TENSORFLOW_FLAGS]
    atexit.register(store.close)


def publish() -> None:
    """Let other processes have what this one has compiled so far."""
    for store in _stores:
        store.publish()


_stores: list["Store"] = []  # of this process, at most one


class Store:
    """The entries for this machine, and the working directory that this process sees of them.

    An entry's name begins with the checksum of what it holds; it is written whole or not at all.

    Args:
      root: of entries for all versions and machines; made if it is not there.

    Raises:
      OSError: it cannot be used.
    """

    def __init__(self, root: Path):
        _make(root)
        if shutil.disk_usage(root).free < MIN_FREE_BYTES:
            raise OSError(f"{root}: the disk is full")
        self.root, self.directory = root, root / machine.fingerprint()
        _make(self.directory)
        self._owner, self._known = os.getpid(), set()
        with open(self.directory / "lock", "w", encoding="utf-8") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            self._remove_left_behind()
            self.work = Path(tempfile.mkdtemp(prefix="work-", dir=self.directory))
            # Held as long as this process lives, so that others can tell.
            self._lock = open(self.work / "lock", "w", encoding="utf-8")  # noqa: SIM115
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        for entry in self.directory.glob("*.pb"):
            self._link_if_whole(entry)

    def publish(self) -> None:
        """Take over what TensorFlow has compiled since; the oldest entries make room."""
        there = {entry.name.partition(".")[2] for entry in self.directory.glob("*.pb")}
        for path in self.work.glob("*.pb"):
            if path.name not in self._known | there:
                self._known.add(path.name)
                with contextlib.suppress(OSError):  # another process was first, or the disk is full
                    os.link(path, self.directory / f"{_checksum(path)}.{path.name}")
        self._evict()

    def close(self) -> None:
        """Publish, and remove the working directory; a forked process leaves it alone."""
        if os.getpid() != self._owner:
            return
        with contextlib.suppress(OSError):
            self.publish()
        self._lock.close()
        shutil.rmtree(self.work, ignore_errors=True)

    def _link_if_whole(self, entry: Path) -> None:
        """Let TensorFlow see this entry, or delete it if it is not what was written."""
        checksum, _, name = entry.name.partition(".")
        with contextlib.suppress(OSError):  # another process has deleted it, or linked its twin
            if _checksum(entry) != checksum:
                entry.unlink()
            elif name not in self._known:
                os.link(entry, self.work / name)
                self._known.add(name)

    def _remove_left_behind(self) -> None:
        """Working directories of processes that were killed."""
        for work in self.directory.glob("work-*"):
            with contextlib.suppress(OSError), open(work / "lock", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(work, ignore_errors=True)

    def _evict(self) -> None:
        entries = []
        for path in self.root.glob("*/*.pb"):
            with contextlib.suppress(OSError):
                status = path.stat()
                entries.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= MAX_BYTES:
                break
            total -= size
            path.unlink(missing_ok=True)


def _make(directory: Path) -> None:
    """Make a directory of this user's, into which nobody else can put programs; raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o002:
        raise PermissionError(0, "others can write into it", str(directory))
    with tempfile.TemporaryFile(dir=directory):  # raises where nothing can be written
        pass


def _checksum(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=DIGEST_SIZE).hexdigest()
