"""TF_CONFIG: the processes of a cluster, and which of them this one is, as TensorFlow reads it."""

import json
import os
from typing import Any

from dimapg_tf.types import ConfigurationError

VARIABLE = "TF_CONFIG"
CHIEF, WORKER = "python -m dimapg_tf.train", "python -m dimapg_tf.distributed.worker"


def described() -> dict[str, Any] | None:
    """What TF_CONFIG says, where it names workers.

    Raises:
      ConfigurationError: it is no description of a cluster.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    try:
        cluster = json.loads(text)
        workers = cluster.get("cluster", {}).get("worker", [])
        if workers:
            task = cluster["task"]
            task["type"], task["index"] = str(task["type"]), int(task["index"])
            for address in (*workers, *cluster["cluster"].get("chief", [])):
                int(address.rpartition(":")[2])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f'{VARIABLE} = {text!r}: must be {{"cluster": {{"chief": ["HOST:PORT"], "worker": '
            f'["HOST:PORT", ...]}}, "task": {{"type": ..., "index": ...}}}}'
        ) from error
    return cluster if workers else None


def own_address(kind: str, purpose: str) -> str:
    """HOST:PORT of this process in the cluster, where it is a task of this kind.

    Args:
      purpose: what a task of this kind does, in the message.

    Raises:
      ConfigurationError: TF_CONFIG describes no cluster, one without chief, or another task.
    """
    cluster = described()
    if cluster is None or not cluster["cluster"].get("chief"):
        raise ConfigurationError(f"{VARIABLE}: must describe a cluster with a chief and workers")
    task, addresses = cluster["task"], cluster["cluster"].get(kind, [])
    if task["type"] != kind:
        raise ConfigurationError(
            f"{VARIABLE}: task type {task['type']!r}: must be {kind!r}, which {purpose}"
        )
    if not 0 <= task["index"] < len(addresses):
        raise ConfigurationError(
            f"{VARIABLE}: task index {task['index']}: must be below {len(addresses)}, the number "
            f"of addresses of {kind!r}"
        )
    return addresses[task["index"]]
