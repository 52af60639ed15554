"""A worker of a cluster: TF_CONFIG=... python -m dimapg_tf.distributed.worker.

It ends when its chief does: once it has been reached, a chief that cannot be for ABSENT seconds is
gone; DIMAPG_ABSENT in the environment says another number. A chief that is started again within
them, with --resume, finds the worker as it is. A launcher that started it can watch it, and it ends
with that, too (`lifeline`).
"""

import contextlib
import math
import os
import socket
import sys
import threading
import time

from dimapg_tf import tf_config
from dimapg_tf.distributed import lifeline, loopback
from dimapg_tf.distributed.lifeline import LOST
from dimapg_tf.distributed.remote import Answers
from dimapg_tf.experiment import console
from dimapg_tf.types import ConfigurationError

ABSENT, LOOK = 20.0, 2.0  # seconds
VARIABLE = "DIMAPG_ABSENT"
LONGEST = 900.0  # seconds of one block, compilation included; a worker that takes more hangs


def main(argv: list[str]) -> int:
    """Serve until the chief is gone; returns the exit code."""
    if len(argv) > 1:
        raise ConfigurationError(f"{argv[1]!r}: a worker takes {tf_config.VARIABLE} alone")
    tf_config.own_address("worker", f"works; the chief is {tf_config.CHIEF}")
    cluster = tf_config.described()
    addresses, index = cluster["cluster"], cluster["task"]["index"]
    lifeline.end_with_parent()
    end_with_chief(addresses["chief"][0], absent())
    console.prepare_tensorflow()
    import tensorflow as tf

    answers = Answers(index)
    kept = answers.register()
    # A call waits in a thread of the server, which must not be its only one.
    config = tf.compat.v1.ConfigProto(inter_op_parallelism_threads=4)
    with loopback.kept([*addresses["chief"], *addresses["worker"]]):
        server = tf.distribute.Server(
            tf.train.ClusterSpec({"worker": addresses["worker"], "chief": addresses["chief"]}),
            job_name="worker",
            task_index=index,
            config=config,
            start=True,
        )
    print(f"worker {index}: process {os.getpid()} at {server.target}", flush=True)
    lifeline.beat(lambda: answers.seconds() < LONGEST)
    answers.serve()
    return 0 if kept else LOST


def absent() -> float:
    """For how many seconds a chief is waited for that was there.

    Raises:
      ConfigurationError: the environment says no positive number.
    """
    text = os.environ.get(VARIABLE, "")
    with contextlib.suppress(ValueError):
        if not text or 0 < float(text) < math.inf:
            return float(text or ABSENT)
    raise ConfigurationError(f"{VARIABLE} = {text!r}: must be a positive number of seconds")


def end_with_chief(chief: str, absent: float) -> None:
    """End this process, in a thread of its own, when the chief at HOST:PORT is gone for so many
    seconds."""

    def look() -> None:
        host, _, port = chief.rpartition(":")
        last_seen = None
        while True:
            try:
                socket.create_connection((host, int(port)), timeout=LOOK).close()
                last_seen = time.monotonic()
            except OSError:
                if last_seen is not None and time.monotonic() - last_seen > absent:
                    print(f"the chief at {chief} is gone", file=sys.stderr, flush=True)
                    os._exit(LOST)
            time.sleep(LOOK)

    threading.Thread(target=look, daemon=True).start()


if __name__ == "__main__":
    sys.exit(console.run(main))
