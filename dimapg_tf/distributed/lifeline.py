"""What binds a process to the launcher that started it: both notice when the other is gone."""

import os
import threading
import time
from collections.abc import Callable

PARENT = "DIMAPG_PARENT"  # the launcher's process id
BEATS = "DIMAPG_BEATS"  # a file descriptor, to which a byte is written every second
LOST = 3  # the exit code of a process whose chief or launcher is gone


def end_with_parent() -> None:
    """End this process, in a thread of its own, soon after the launcher; without one, nothing."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return

    def look() -> None:
        while os.getppid() == int(parent):
            time.sleep(1.0)
        os._exit(LOST)

    threading.Thread(target=look, daemon=True).start()


def beat(well: Callable[[], bool]) -> None:
    """Tell the launcher every second that this process is alive, as long as it is well."""
    descriptor = os.environ.get(BEATS)
    if descriptor is None:
        return

    def write() -> None:
        while True:
            if well():
                os.write(int(descriptor), b".")
            time.sleep(1.0)

    threading.Thread(target=write, daemon=True).start()
