"""What a record was made with: packages, commit, machine."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from dimapg_tf import __version__

PACKAGES = ("tensorflow", "tensorflow-probability", "numpy", "scipy", "pettingzoo", "magent2")
ROOT = Path(__file__).resolve().parents[2]  # of the repository, where the package runs from one


def versions() -> dict[str, Any]:
    """Of this package, its commit, what it stands on, and the machine; no paths."""
    return {
        "dimapg_tf": __version__,
        **commit(ROOT),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
    }


def commit(root: Path) -> dict[str, Any]:
    """The commit that is checked out at `root`, and whether files differ from it.

    An installed package is no checkout, also where it lies within somebody's repository.
    """
    if not (root / ".git").exists():
        return {"commit": "not a checkout"}
    try:
        head = _git(root, "rev-parse", "HEAD")
        return {"commit": head, "uncommitted_changes": bool(_git(root, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return {"commit": "unknown: git cannot tell"}


def _git(root: Path, *arguments: str) -> str:
    """What git says of the repository at `root`, whichever one it was called from."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
