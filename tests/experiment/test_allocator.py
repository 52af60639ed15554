"""What is freed is there again without the system; what users set stays."""

import ctypes
import resource
import threading

import pytest

from dimapg_tf.experiment import allocator

PAGE = resource.getpagesize()
SIZE = 2**27  # more than a thread's own heap can hold

glibc = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc"
)


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def use_and_free(times):
    for _ in range(times):
        assert len(b"x" * SIZE) == SIZE


@glibc
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in a thread"])
def test_large_blocks_are_not_mapped_anew(elsewhere):
    """`prepare_tensorflow` has set this up. Mapped anew, each would take a fault for every page."""
    use_and_free(1)
    before = faults()
    if elsewhere:
        thread = threading.Thread(target=use_and_free, args=(4,))
        thread.start()
        thread.join()
    else:
        use_and_free(4)
    assert faults() - before < SIZE // PAGE


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
