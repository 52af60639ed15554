"""Seconds and memory of an iteration of DiMA-PG.

Case: env, algorithm (names of flagfiles), settings. Sample: {"seconds", "mib": memory that an
iteration takes at most, beyond what the process holds between iterations}.
"""

import ctypes
import gc
import re
import time
from pathlib import Path

from benchmarks.peers.sides.serving import serve

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FORGET_THE_PEAK = "5"  # see proc(5)


def memory(name: str) -> float:
    """MiB of this process now ("VmRSS") or at most since the peak was forgotten ("VmHWM")."""
    (kilobytes,) = re.findall(rf"^{name}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    return int(kilobytes) / 1024.0


def settle() -> float:
    """Give back what is free, forget the peak; MiB that are left."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    CLEAR.write_text(FORGET_THE_PEAK)
    return memory("VmRSS")


def prepare(case: dict):
    """The first iteration, which compiles."""
    from dimapg_tf.experiment import console

    console.prepare_tensorflow()
    from dimapg_tf.experiment.config import load_config

    config = load_config(case["env"], case["algorithm"], **case["settings"])
    learner = config.make_learner(config.make_env())
    learner.update(0)
    done = 1

    def measure() -> dict:
        nonlocal done
        before, started = settle(), time.perf_counter()
        learner.update(done)
        seconds = time.perf_counter() - started
        done += 1
        return {"seconds": seconds, "mib": max(0.0, memory("VmHWM") - before)}

    return measure


if __name__ == "__main__":
    serve(prepare)
