"""Calls that do nothing, through TensorFlow's coordinator, with so many workers.

  python -m benchmarks.scaling.echo --workers=2 --output=FILE.json

What is left is what the coordinator costs: packing, queue, two messages, unpacking. Workers run on
this machine, and a call takes longer than it would elsewhere where they and the chief wait for a
core. The processor time of the chief is what is left if they do not.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from dimapg_tf import tf_config
from dimapg_tf.experiment import console

ROOT = Path(__file__).parents[2]
SIZES = (0, 60_000, 1_000_000)  # bytes that go to a worker; θ of 100, 100 units is 60,000
RESTS = (0.0, 0.005, 0.05)  # seconds of a worker
CALLS, ROUNDS = 200, 50


class Echo:
    """Gives back what it is asked for."""

    def echo(self, common: bytes, key: int, returned: int, seconds: float) -> bytes:
        """So many bytes, after so many seconds."""
        time.sleep(seconds)
        return bytes(returned)

    def holds(self, common: bytes, key: int) -> bool:
        """Everything, so that all who are asked rest."""
        return True


@contextlib.contextmanager
def cluster(workers: int, cores: Sequence[int], log: Path) -> Iterator[None]:
    """Processes that work for this one, worker i on core i of these; `connect` finds them."""
    from dimapg_tf.distributed.cluster import free_ports

    chief, *works = (f"127.0.0.1:{port}" for port in free_ports(1 + workers))
    named = {"chief": [chief], "worker": works}
    before = os.sched_getaffinity(0)
    with contextlib.ExitStack() as ending, open(log, "ab") as output:
        for index in range(workers):
            task = {"cluster": named, "task": {"type": "worker", "index": index}}
            environment = {
                **os.environ,
                "PYTHONPATH": str(ROOT),
                tf_config.VARIABLE: json.dumps(task),
            }
            os.sched_setaffinity(0, {cores[index % len(cores)]})
            command = [sys.executable, "-m", "dimapg_tf.distributed.worker"]
            worker = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
            os.sched_setaffinity(0, before)
            ending.callback(worker.wait)
            ending.callback(worker.kill)
        task = {"cluster": named, "task": {"type": "chief", "index": 0}}
        os.environ[tf_config.VARIABLE] = json.dumps(task)
        yield


def measure(workers: int) -> dict:
    """Seconds of a call alone, of one among many, and who answers where each is asked once."""
    from dimapg_tf.distributed.cluster import ClusterExecutor
    from dimapg_tf.distributed.executor import Recipe

    executor = ClusterExecutor(Recipe("benchmarks.scaling.echo:Echo", ()))
    sizes = []
    for size in SIZES:
        common, calls = bytes(size), CALLS if size < 1e6 else CALLS // 4

        def send(count, common=common, size=size):
            executor.map("echo", common, range(count), size, 0.0)

        send(4 * workers)
        alone, _ = _timed(ROUNDS, partial(send, 1))
        among = [[s / calls for s in found] for found in _timed(5, partial(send, calls))]
        names = ("alone", "among_many", "cpu_among_many")
        found = zip(names, map(_rounded, (alone, *among)))
        sizes.append({"bytes": size, **dict(found)})
    asked = []
    for rest in RESTS:
        answered = []

        def ask(rest=rest, answered=answered):
            executor.status()
            executor.again("echo", bytes(SIZES[1]), [0], 0, rest)
            answered.append(int(executor.status().split()[0]))

        seconds, _ = _timed(ROUNDS, ask)
        asked.append({"rest": rest, "seconds": _rounded(seconds), "answered": answered})
    return {"workers": workers, "sizes": sizes, "ask_each": asked}


def _timed(times: int, call: Callable[[], object]) -> tuple[list[float], list[float]]:
    """(seconds, seconds of this process's processor time) of each time."""
    seconds, cpu = [], []
    for _ in range(times):
        begun, used = time.perf_counter(), time.process_time()
        call()
        seconds.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
    return seconds, cpu


def _rounded(seconds: Sequence[float]) -> list[float]:
    return [float(f"{value:.4g}") for value in seconds]


def main(argv: list[str]) -> int:
    """Measure and write; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks
    from dimapg_tf.distributed.cluster import connect
    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_integer("workers", 2, "how many", flag_values=fv)
    flags.DEFINE_string("output", "echo.json", "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    checks.at_least("workers", fv.workers, 1)
    output = Path(fv.output)
    with cluster(fv.workers, sorted(os.sched_getaffinity(0)), output.with_suffix(".log")):
        console.prepare_tensorflow()
        connect()
        files.write(output, json.dumps(measure(fv.workers)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
