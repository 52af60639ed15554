"""Worker processes: results in order, failures with their traceback, and nobody left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from dimapg_tf.workers import WorkerDeath, WorkerError, Workers

# Standard library objects to hold; workers import nothing of ours but `processes`.
LIST, STRING = "builtins:list", "builtins:str"


def test_results_are_in_the_order_of_the_jobs():
    workers = Workers(STRING, ("a,b,c",), count=2)
    assert workers.map("split", [",", "b", "x"]) == [["a", "b", "c"], ["a,", ",c"], ["a,b,c"]]
    assert workers.map("split", []) == []
    assert workers.broadcast("upper") == ["A,B,C", "A,B,C"]
    workers.close()


def test_each_holds_an_object_of_its_own():
    workers = Workers(LIST, ((1, 2),), count=2)
    workers.broadcast("append", 3)
    assert workers.broadcast("copy") == [[1, 2, 3]] * 2
    workers.close()


def test_a_failure_surfaces_with_its_traceback():
    workers = Workers(LIST, ((1, 2),), count=2)
    with pytest.raises(WorkerError, match=r"(?s)Traceback.*ValueError: .*not in list"):
        workers.map("index", [1, 2, 99])
    assert not workers.close.alive  # nothing goes on with what was left over


def test_what_cannot_be_made_is_told():
    with pytest.raises(WorkerError, match="no_such_name"):
        Workers("builtins:no_such_name", count=1)


def test_a_dead_worker_is_noticed():
    workers = Workers(STRING, ("a,b",), count=2)
    os.kill(workers._processes[0].pid, signal.SIGKILL)
    with pytest.raises(WorkerDeath, match=r"killed by signal 9 \(SIGKILL\), .* memory is short"):
        workers.map("split", [","] * 4)


def test_closing_leaves_nobody():
    workers = Workers(LIST, count=2)
    pids = [process.pid for process in workers._processes]
    workers.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_die_with_the_parent(how):
    """Even when they are busy and the parent gets no chance to tell them."""
    program = """
        import signal
        from dimapg_tf.workers import Workers
        # A background job of a shell is born deaf to Ctrl-C, and the tests may run as one.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        workers = Workers("threading:Event", count=2)
        print(*[process.pid for process in workers._processes], flush=True)
        workers.broadcast("wait", 60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.send_signal(how)
    parent.wait(timeout=20)
    deadline = time.monotonic() + 20
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(psutil.pid_exists(pid) for pid in pids)
