"""The processes of TF_CONFIG work for this one, by TensorFlow's ClusterCoordinator.

A worker that dies costs its block, which the coordinator gives to another; when the process is
there again, at the same address, it takes part again.
"""

import contextlib
import logging
import re
import socket
import sys
import time
from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import dimapg_tf
from dimapg_tf import tf_config
from dimapg_tf.distributed import lifeline, loopback
from dimapg_tf.distributed.executor import Recipe, Work
from dimapg_tf.distributed.remote import TOKEN, Call, packed, unpacked
from dimapg_tf.experiment import machine


class Gathered(NamedTuple):
    """The workers that this process leads; idle: what must be kept as long as they are."""

    coordinator: Any
    workers: int
    idle: Any


_gathered: list[Gathered] = []  # at most one: TensorFlow allows one cluster in a process
_lost: list[str] = []  # workers that were lost since the last status, once for each time


def gathered() -> Gathered | None:
    """What `connect` has gathered in this process."""
    return _gathered[0] if _gathered else None


def connect() -> None:
    """Wait for all workers of TF_CONFIG, once in a process.

    Variables of TensorFlow that are there already would be lost.

    Raises:
      ConfigurationError: TF_CONFIG describes no cluster that this process can lead, or its ports
        cannot be kept to this machine.
    """
    if _gathered:
        return
    lifeline.end_with_parent()
    tf_config.own_address("chief", "leads the training")
    addresses = dict(tf_config.described()["cluster"])
    workers = len(addresses["worker"])
    print(f"waiting for {workers} workers", file=sys.stderr, flush=True)
    with loopback.kept([*addresses["chief"], *addresses["worker"]]):
        _gathered.append(_gather(addresses))


def _gather(addresses: dict[str, list[str]]) -> Gathered:
    """TensorFlow's strategy wants a parameter server, which nothing uses: θ stays with the chief.
    It lives in this process, so that it cannot die alone.
    """
    import tensorflow as tf

    idle = None
    if "ps" not in addresses:
        addresses = {**addresses, "ps": [f"127.0.0.1:{port}" for port in free_ports(1)]}
        idle = tf.distribute.Server(
            tf.train.ClusterSpec(addresses), job_name="ps", task_index=0, start=True
        )
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(addresses), task_type="chief", task_id=0, rpc_layer="grpc"
    )
    tf.get_logger().addFilter(_in_one_line)
    strategy = tf.distribute.experimental.ParameterServerStrategy(resolver)
    coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
    return Gathered(coordinator, len(addresses["worker"]), idle)


def _in_one_line(record: logging.LogRecord) -> bool:
    """TensorFlow tells at length of a worker that is gone; a filter of its messages."""
    gone = re.search(r"task:(\d+) failed with (\w+)", record.getMessage())
    if gone:
        _lost.append(gone[1])
        text = f"worker {gone[1]} is gone ({gone[2]}); its blocks are computed by another"
        print(text, file=sys.stderr, flush=True)
    return gone is None


def free_ports(count: int) -> list[int]:
    """Different ports of the loopback interface that nobody listens on."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class ClusterExecutor:
    """Whatever worker is free works on a block; see `executor.Executor`.

    Args:
      recipe: of the work; each worker makes it when it is first asked.
      own: the work of this process, for the keys that are `here`.
    """

    def __init__(self, recipe: Recipe, own: Work | None = None, here: Container[Hashable] = ()):
        import tensorflow as tf

        self._recipe, self._own, self._here = recipe, own, here
        self._coordinator, self._workers, _ = gathered()
        self._answered: set[int] = set()
        self._again, self._waited = 0, 0.0
        self._machine, self._compared = machine.fingerprint(), set()

        @tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
        def call(text):
            return tf.raw_ops.PyFunc(input=[text], token=TOKEN, Tout=[tf.string])[0]

        self._call = call

    def status(self) -> str:
        """See `Executor.status`: who answered and how long this process waited since the last
        time, and the blocks that were computed again for lost workers so far."""
        self._again += len(_lost)
        text = f"{len(self._answered)} of {self._workers} workers, waited {self._waited:.1f} s"
        if self._again:
            text += f", {self._again} blocks again"
        _lost.clear()
        self._answered.clear()
        self._waited = 0.0
        return text

    def map(self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any) -> list[Any]:
        """See `Executor.map`."""
        away = [key for key in keys if key not in self._here]
        answers = self._begin(
            [self._asked(method, common, (key,), arguments, held=False) for key in away]
        )
        found = self._found_here(method, common, keys, arguments)
        found |= {key: answer[0] for key, answer in zip(away, answers())}
        return [found[key] for key in keys]

    def again(
        self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any
    ) -> list[Any]:
        """See `Executor.again`.

        Each worker is asked for what it holds. The coordinator chooses who answers, so that one
        may answer twice, or be dead: the blocks that are missing then are computed anew.
        """
        away = tuple(key for key in keys if key not in self._here)
        asked = self._asked(method, common, away, arguments, held=True)
        answers = self._begin([asked] * self._workers if away else [])
        found = self._found_here(method, common, keys, arguments)
        for answer in answers():
            found |= {away[index]: value for index, value in answer.items()}
        missing = [key for key in away if key not in found]
        if missing:
            self._again += len(missing)
            found |= zip(missing, self.map(method, common, missing, *arguments))
        return [found[key] for key in keys]

    def _found_here(self, method, common, keys, arguments) -> dict[Hashable, Any]:
        here = [key for key in keys if key in self._here]
        return {key: getattr(self._own, method)(common, key, *arguments) for key in here}

    def _asked(self, method, common, keys, arguments, held: bool) -> bytes:
        version = dimapg_tf.__version__
        return packed(Call(version, self._recipe, method, common, keys, arguments, held))

    def _compare(self, machines: Mapping[int, str]) -> None:
        """Tell of workers that may round otherwise than this process, once of each."""
        for worker in sorted(machines.keys() - self._compared):
            self._compared.add(worker)
            if machines[worker] != self._machine:
                text = f"worker {worker} has another processor, number of cores or TensorFlow than "
                text += "the chief: θ may differ in its last digits from what one process finds"
                print(text, file=sys.stderr, flush=True)

    def _begin(self, calls: Sequence[bytes]) -> Callable[[], list[dict[int, Any]]]:
        """Let the workers begin; what it returns waits for the answers, in the order of calls."""
        import tensorflow as tf

        pending = [self._coordinator.schedule(self._call, (tf.constant(c),)) for c in calls]

        def answers() -> list[dict[int, Any]]:
            begun = time.monotonic()
            self._coordinator.join()
            texts = [_text(value) for value in self._coordinator.fetch(pending)]
            self._waited += time.monotonic() - begun
            told = [unpacked(text) for text in texts]
            self._answered.update(answer.worker for answer in told)
            self._compare({answer.worker: answer.machine for answer in told})
            return [answer.value for answer in told]

        return answers


def _text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.item()
