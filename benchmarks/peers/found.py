"""Peers on this machine: whether they are there, and which versions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.contests import JAXMARL, PEERS, Peer
from dimapg_tf.experiment.versions import commit
from dimapg_tf.types import ConfigurationError

SCRIPT = "baselines/IPPO/ippo_ff_mpe.py"
# Run by the peer's own Python; the last package may be missing, the first may not.
ASK = """
import importlib, importlib.metadata, json, platform, sys
found = {"python": platform.python_version()}
found.update((name, importlib.metadata.version(name)) for name in sys.argv[1:])
print(json.dumps(found))
"""


def peers(
    pythons: dict[str, str | None], clone: str | None, tell: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """{peer: versions} of those who are there.

    Args:
      pythons: {flag: Python}; None: this peer is left out, and a line says so.
      clone: of JaxMARL's repository; its commit is kept.

    Raises:
      ConfigurationError: a Python or the clone is named but is not what it should be.
    """
    found = {"mpe2": _versions(sys.executable, "mpe2_python", ("mpe2",))}
    for peer in PEERS:
        python = pythons.get(peer.flag)
        if python is None:
            tell(f"{peer.name} is left out: {_how(peer)}")
            continue
        found[peer.name] = _versions(python, peer.flag, peer.packages)
    if clone is None:
        if JAXMARL.name in found:
            tell("JaxMARL's IPPO is left out: --jaxmarl_clone=DIRECTORY names a clone of JaxMARL")
    elif not (Path(clone) / SCRIPT).is_file():
        raise ConfigurationError(f"jaxmarl_clone = {clone}: has no {SCRIPT}; name a clone")
    else:
        found["JaxMARL's clone"] = {"commit": commit(Path(clone))["commit"]}
    return found


def _how(peer: Peer) -> str:
    folder = f"peers/{peer.name.lower()}"
    return (
        f"python3 -m venv {folder} && {folder}/bin/pip install {peer.install}, then "
        f"--{peer.flag}={folder}/bin/python"
    )


def _versions(python: str, flag: str, packages: tuple[str, ...]) -> dict[str, str]:
    name = f"{flag} = {python}"
    if not os.access(python, os.X_OK):
        raise ConfigurationError(f"{name}: no such program; name a Python that has {packages[0]}")
    done = subprocess.run(
        [python, "-c", ASK, *packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        raise ConfigurationError(f"{name}: must have {', '.join(packages)} ({why[0]})")
    return json.loads(done.stdout.splitlines()[-1])
