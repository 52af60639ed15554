"""What is freed is there again without the system; what users set stays."""

import ctypes
import subprocess
import sys

import pytest

from dimapg_tf.experiment import allocator

glibc = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc"
)
# 128 MiB are more than a thread's own heap can hold.
PROGRAM = """
import resource, sys, threading
from dimapg_tf.experiment import allocator

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def use_and_free(times):
    for _ in range(times):
        assert len(b"x" * 2**27) == 2**27

allocator.keep_freed_memory()
use_and_free(1)
before = faults()
if sys.argv[1] == "here":
    use_and_free(4)
else:
    thread = threading.Thread(target=use_and_free, args=(4,))
    thread.start()
    thread.join()
print((faults() - before) * resource.getpagesize())
"""


@glibc
@pytest.mark.parametrize("where", ["here", "in a thread"])
def test_large_blocks_are_not_mapped_anew(where):
    """Mapped anew, each would take a fault for every page: four times 2^27 bytes.

    In a process of its own: threads of the test runner have heaps already.
    """
    command = [sys.executable, "-c", PROGRAM, where]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 2**27


@glibc
def test_what_the_user_has_set_stays(monkeypatch):
    given = []
    monkeypatch.setattr(
        ctypes,
        "CDLL",
        lambda _: type("Library", (), {"mallopt": lambda *_: given.append(_[-2:])})(),
    )
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    allocator.keep_freed_memory()
    assert [parameter for parameter, _ in given] == [-3, -1]


def test_without_glibc_nothing_happens(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    allocator.keep_freed_memory()
