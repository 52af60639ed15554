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
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import dimapg_tf
from dimapg_tf import tf_config
from dimapg_tf.distributed import lifeline, loopback
from dimapg_tf.distributed.executor import Recipe
from dimapg_tf.distributed.remote import TOKEN, Call, packed, unpacked


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
    """

    def __init__(self, recipe: Recipe):
        import tensorflow as tf

        self._recipe = recipe
        self._coordinator, self._workers, _ = gathered()
        self._answered: set[int] = set()
        self._again, self._waited = 0, 0.0

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
        calls = [self._asked(method, common, (key,), arguments, held=False) for key in keys]
        return [answer[0] for answer in self._answers(calls)]

    def again(
        self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any
    ) -> list[Any]:
        """See `Executor.again`.

        Each worker is asked for what it holds. The coordinator chooses who answers, so that one
        may answer twice, or be dead: the blocks that are missing then are computed anew.
        """
        asked = self._asked(method, common, tuple(keys), arguments, held=True)
        found: dict[int, Any] = {}
        for answer in self._answers([asked] * self._workers):
            found |= answer
        missing = [index for index in range(len(keys)) if index not in found]
        if missing:
            self._again += len(missing)
            lost = self.map(method, common, [keys[index] for index in missing], *arguments)
            found |= zip(missing, lost)
        return [found[index] for index in range(len(keys))]

    def _asked(self, method, common, keys, arguments, held: bool) -> bytes:
        version = dimapg_tf.__version__
        return packed(Call(version, self._recipe, method, common, keys, arguments, held))

    def _answers(self, calls: Sequence[bytes]) -> list[dict[int, Any]]:
        """Answers in the order of the calls."""
        import tensorflow as tf

        begun = time.monotonic()
        pending = [self._coordinator.schedule(self._call, (tf.constant(c),)) for c in calls]
        self._coordinator.join()
        texts = [_text(value) for value in self._coordinator.fetch(pending)]
        self._waited += time.monotonic() - begun
        answers = [unpacked(text) for text in texts]
        self._answered.update(worker for _, worker in answers)
        return [results for results, _ in answers]


def _text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.item()
