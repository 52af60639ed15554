"""A worker that is there again when it dies: TF_CONFIG=... python -m dimapg_tf.distributed.watched.

For machines where no launcher watches it. It ends when the chief has been there and is gone.
"""

import os
import signal
import sys
import time

from dimapg_tf import tf_config
from dimapg_tf.distributed import worker
from dimapg_tf.distributed.lifeline import LOST
from dimapg_tf.distributed.supervision import LOOK, Supervised
from dimapg_tf.experiment import console
from dimapg_tf.types import ConfigurationError


def main(argv: list[str]) -> int:
    """Watch one worker until its chief is gone; returns the exit code."""
    if len(argv) > 1:
        raise ConfigurationError(f"{argv[1]!r}: a worker takes {tf_config.VARIABLE} alone")
    tf_config.own_address("worker", f"works; the chief is {tf_config.CHIEF}")
    worker.absent()
    index = tf_config.described()["task"]["index"]
    # The first process of a container ends by no signal that it has not asked for.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    watched = Supervised(f"worker {index}", worker.__name__, os.environ, final=[LOST])
    try:
        while watched.look():
            time.sleep(LOOK)
    finally:
        watched.stop()
    return 0 if watched.code == LOST else console.FAILED


if __name__ == "__main__":
    sys.exit(console.run(main))
