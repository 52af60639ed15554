"""Keeps TensorFlow's ports to this machine.

TensorFlow listens on all interfaces whatever address it is given, and asks nobody who he is. A
listening socket that is bound to the loopback device refuses what comes from elsewhere; Linux lets
every user do so since 5.7.
"""

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Iterable, Iterator

from dimapg_tf.types import ConfigurationError

DEVICE = b"lo"
LOOK = 0.005  # seconds: a port must not be open for longer
OPEN = "DIMAPG_OPEN_PORTS"  # set: leave the ports as TensorFlow opens them


def is_local(addresses: Iterable[str]) -> bool:
    """Whether all of these HOST:PORT are of the loopback interface."""
    hosts = {address.rpartition(":")[0] for address in addresses}
    return all(host == "localhost" or host.startswith("127.") for host in hosts)


@contextlib.contextmanager
def kept(addresses: Iterable[str]) -> Iterator[None]:
    """What is listened on in the block, and at its end, is for this machine, if addresses are.

    Raises:
      ConfigurationError: the system does not let us.
    """
    if not is_local(addresses) or os.environ.get(OPEN):
        yield
        return
    over, failures = threading.Event(), []

    def look() -> None:
        while not over.wait(LOOK):
            try:
                keep()
            except OSError as error:
                failures.append(error)
                return

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()
    try:
        if failures:
            raise failures[0]
        keep()
    except (OSError, AttributeError) as error:
        raise ConfigurationError(
            f"TensorFlow's ports cannot be kept to this machine ({error}): Linux 5.7 can; "
            f"{OPEN}=1 in the environment leaves them open to whoever reaches this machine"
        ) from error


def keep() -> None:
    """Bind every TCP socket that this process listens on to the loopback device; see `kept`."""
    for listening in _listening():
        if not listening.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, DEVICE)


def _listening() -> Iterator[socket.socket]:
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # it may have been closed since
            if not stat.S_ISSOCK(os.stat(int(name)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(name))) as found:
                ours = found.family in (socket.AF_INET, socket.AF_INET6)
                if ours and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    yield found
