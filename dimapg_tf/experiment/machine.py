"""What compiled programs depend on beside what they compute."""

import hashlib
import importlib.metadata
import json
import os
import platform
from pathlib import Path

# They change what XLA makes of the same program.
VARIABLES = ("XLA_FLAGS", "TF_XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS")
# What /proc/cpuinfo calls the kind of processor and what it can do, on x86 and on ARM.
PROCESSOR = ("model name", "cpu family", "model", "stepping", "flags")
PROCESSOR += ("CPU implementer", "CPU part", "CPU variant", "Features")
CPUINFO = Path("/proc/cpuinfo")


def fingerprint() -> str:
    """Equal where a program compiled by one process can be run by another, with equal results.

    By the versions of TensorFlow, the processor and what it can do, the number of its cores that
    this process may use (XLA splits its work by it), and the flags of XLA.
    """
    about = {
        "tensorflow": importlib.metadata.version("tensorflow"),
        "system": [platform.system(), platform.machine(), *platform.libc_ver()],
        "processor": _processor() or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "variables": {name: os.environ.get(name, "") for name in VARIABLES},
    }
    text = json.dumps(about, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _processor() -> dict[str, str]:
    """Of the first core, where the system tells it."""
    if not CPUINFO.exists():
        return {}
    first = CPUINFO.read_text(encoding="utf-8").partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    values = {name.strip(): value.strip() for name, _, value in pairs}
    return {name: values[name] for name in PROCESSOR if name in values}
