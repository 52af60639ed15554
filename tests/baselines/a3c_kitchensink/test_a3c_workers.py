"""Threads side by side: failures surface and nothing hangs."""

import signal
import threading
import time
import traceback

import pytest

from baselines.a3c_kitchensink import workers


def until_stopped(stop):
    """A worker with much to do, that looks at the event now and then."""
    for _ in range(2_000):
        if stop.is_set():
            return
        time.sleep(0.005)


def test_all_work_at_once():
    meeting = threading.Barrier(3, timeout=10)
    workers.run_all([lambda _stop: meeting.wait() for _ in range(3)])


def test_a_failure_ends_all_with_its_traceback():
    def fails_here(_stop):
        time.sleep(0.05)
        raise RuntimeError("no more coffee")

    started = time.perf_counter()
    with pytest.raises(RuntimeError, match="no more coffee") as caught:
        workers.run_all([until_stopped, fails_here, until_stopped])
    assert time.perf_counter() - started < 5.0
    assert "fails_here" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert not [t for t in threading.enumerate() if t.name.startswith("worker")]


@pytest.fixture
def heeds_interrupts():
    """A background job of a shell is born deaf to Ctrl-C, and the tests may run as one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
def test_an_interrupt_ends_all():
    """As a second Ctrl-C in the training loop does."""
    started = time.perf_counter()
    timer = threading.Timer(0.1, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        workers.run_all([until_stopped, until_stopped])
    assert time.perf_counter() - started < 5.0
    assert not [t for t in threading.enumerate() if t.name.startswith("worker")]
