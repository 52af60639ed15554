"""Worker processes that each hold one object and call its methods.

They are started as programs of their own, not forked: TensorFlow's threads do not survive a fork,
and multiprocessing's spawn would import the user's main script again. What a worker imports is
decided by its object's module alone.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

ROOT = str(Path(__file__).parents[1])
PROGRAM = "from dimapg_tf.workers import serve; serve({fd})"


class WorkerError(RuntimeError):
    """A worker failed or died; the message holds its traceback."""


class WorkerDeath(WorkerError):
    """A worker ended without an answer: somebody killed it, perhaps for want of memory."""


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


class Workers:
    """Processes that each hold an object of their own.

    They end with this object, with the process that made it (however it ends), and when anything
    goes wrong. Ctrl-C does not reach them: whoever made them decides.

    Args:
      factory: "module:name" of the callable that makes the object, with `arguments`.
      count: of processes; by default one for each core that may be used.

    Raises:
      WorkerError: the object cannot be made; WorkerDeath: a process ended.
    """

    def __init__(self, factory: str, arguments: Sequence[Any] = (), count: int | None = None):
        self._processes: list[subprocess.Popen] = []
        self._connections: list[Connection] = []
        self.close = weakref.finalize(self, _stop, self._processes, self._connections)
        for _ in range(count or available_cores()):
            self._start()
        self.broadcast("__init__", factory, tuple(arguments))

    def _start(self) -> None:
        mine, theirs = Pipe()
        # One thread each: a matrix product must not take the other workers' cores.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([ROOT, os.environ.get("PYTHONPATH", "")]),
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        }
        self._processes.append(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM.format(fd=theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,  # closes when this process ends, however it ends
                env=environment,
                start_new_session=True,  # out of the reach of Ctrl-C
            )
        )
        theirs.close()
        self._connections.append(mine)

    def broadcast(self, method: str, *arguments: Any) -> list[Any]:
        """Call a method in every worker with the same arguments; returns all results."""
        message = pickle.dumps((method, arguments), pickle.HIGHEST_PROTOCOL)
        return self._all([message] * len(self._connections))

    def each(self, method: str, arguments: Sequence[Sequence[Any]]) -> list[Any]:
        """Call a method in every worker, each with arguments of its own; returns all results."""
        return self._all(
            [pickle.dumps((method, tuple(own)), pickle.HIGHEST_PROTOCOL) for own in arguments]
        )

    def _all(self, messages: Sequence[bytes]) -> list[Any]:
        """Send each worker its message; returns all answers."""
        try:
            for worker, message in enumerate(messages):
                self._send(worker, message)
            return [self._receive(worker) for worker in range(len(self._connections))]
        except BaseException:
            self.close()
            raise

    def map(self, method: str, jobs: Iterable[Any]) -> list[Any]:
        """Call a method once for each job, in whichever worker is free; results in order."""
        jobs = list(jobs)
        results: list[Any] = [None] * len(jobs)
        try:
            waiting = iter(range(len(jobs)))
            busy: dict[int, int] = {}  # worker: job
            for worker, job in zip(range(len(self._connections)), waiting):
                self._hand_out(worker, method, jobs[job])
                busy[worker] = job
            while busy:
                ready = wait([self._connections[worker] for worker in busy])
                for worker in [w for w in busy if self._connections[w] in ready]:
                    results[busy.pop(worker)] = self._receive(worker)
                    job = next(waiting, None)
                    if job is not None:
                        self._hand_out(worker, method, jobs[job])
                        busy[worker] = job
        except BaseException:  # Ctrl-C as well: results that are still to come belong to nobody
            self.close()
            raise
        return results

    def _hand_out(self, worker: int, method: str, job: Any) -> None:
        self._send(worker, pickle.dumps((method, (job,)), pickle.HIGHEST_PROTOCOL))

    def _send(self, worker: int, message: bytes) -> None:
        try:
            self._connections[worker].send_bytes(message)
        except (BrokenPipeError, ConnectionResetError, OSError) as error:
            raise self._death(worker) from error

    def _receive(self, worker: int) -> Any:
        try:
            failed, value = self._connections[worker].recv()
        except (EOFError, ConnectionResetError) as error:
            raise self._death(worker) from error
        if failed:
            raise WorkerError(f"a worker process failed:\n{value}")
        return value

    def _death(self, worker: int) -> WorkerDeath:
        process = self._processes[worker]
        who = f"worker process {process.pid}"
        try:
            code = process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return WorkerDeath(f"{who} does not answer any more")
        if code >= 0:
            return WorkerDeath(f"{who} ended by itself, with exit code {code}")
        name = signal.Signals(-code).name if -code in set(signal.Signals) else "unknown"
        cause = ", as the system does where memory is short" if -code == signal.SIGKILL else ""
        return WorkerDeath(f"{who} was killed by signal {-code} ({name}){cause}")


def _stop(processes: list[subprocess.Popen], connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()
    for process in processes:
        process.stdin.close()
        process.kill()
        process.wait()
    processes.clear()
    connections.clear()


def serve(fd: int) -> None:
    """A worker's main program: make an object, then call its methods until nobody asks."""
    connection = Connection(fd)
    threading.Thread(target=_die_with_the_parent, daemon=True).start()
    held = None
    while True:
        try:
            method, arguments = connection.recv()
        except (EOFError, ConnectionResetError):  # the latter where an answer was not read
            return
        try:
            if method == "__init__":
                held, value = resolve_name(arguments[0])(*arguments[1]), None
            else:
                value = getattr(held, method)(*arguments)
            answer = (False, value)
        except Exception:
            answer = (True, traceback.format_exc())
        try:
            connection.send(answer)
        except (BrokenPipeError, ConnectionResetError):
            return


def _die_with_the_parent() -> None:
    """The pipe at standard input is never written to; it ends when the other side is gone."""
    os.read(0, 1)
    os._exit(1)
