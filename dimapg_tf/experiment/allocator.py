"""Memory that was freed stays with the process, for it is needed again at once.

A compiled program asks for the room of all its temporary values when it begins and gives it back
when it ends, tens of megabytes each time. The C library maps such blocks anew, and Linux hands out
and clears every page again: a sixth of the processor's time of DiMA-PG with 10 agents, a fifth of
A3C-Kitchensink's.
"""

import ctypes
import os

# Parameters of glibc's mallopt, with the variables by which a user sets them.
TRIM_THRESHOLD = (-1, "MALLOC_TRIM_THRESHOLD_")
MMAP_THRESHOLD = (-3, "MALLOC_MMAP_THRESHOLD_")
ARENA_MAX = (-8, "MALLOC_ARENA_MAX")

SETTINGS = (
    # Smaller blocks come from the heap; larger ones are rare, and go back to the system.
    (*MMAP_THRESHOLD, 2**30),
    # What is free at the end of the heap is kept.
    (*TRIM_THRESHOLD, 2**31 - 1),
    # A thread's own heap could not hold them: it has 64 MiB.
    (*ARENA_MAX, 1),
)


def keep_freed_memory() -> None:
    """Do so from here on; nothing happens where the C library is another one than glibc.

    What the user has set in the environment stays as it is. A thread that has allocated before may
    go on with a heap of its own.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for parameter, variable, value in SETTINGS:
        if variable not in os.environ:
            mallopt(parameter, value)
