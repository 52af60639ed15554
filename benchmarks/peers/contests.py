"""What is measured against what: contests of contenders, each a process."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SIDES = Path(__file__).with_name("sides")
OURS = "benchmarks.peers.sides"


@dataclass(frozen=True)
class Peer:
    """A package that has an environment of its own: what it is called, and how that is made."""

    name: str
    flag: str
    install: str
    packages: tuple[str, ...]


JAXMARL = Peer("JaxMARL", "jaxmarl_python", "'jaxmarl[algs]'", ("jaxmarl", "jax"))
VMAS = Peer("VMAS", "vmas_python", "vmas", ("vmas", "torch"))
BENCHMARL = Peer("BenchMARL", "benchmarl_python", "benchmarl vmas", ("benchmarl", "vmas", "torch"))
PEERS = (JAXMARL, VMAS, BENCHMARL)


@dataclass(frozen=True)
class Contender:
    """Who takes part: a file of `sides`, what it is told, and the Python that runs it.

    Attributes:
      side: the module's name.
      case: what it is told, JSON.
      python: None where a peer's is not known: it is left out.
      peer: whose it is; None of our own, and of mpe2, which is installed with us.
      environment: variables of its process.
    """

    name: str
    side: str
    case: Mapping[str, Any]
    python: str | None = sys.executable
    peer: Peer | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        """Without the case. A peer's script imports nothing of ours but what lies beside it."""
        if self.side.startswith("our_"):
            return [self.python, "-m", f"{OURS}.{self.side}"]
        return [self.python, str(SIDES / f"{self.side}.py")]


@dataclass(frozen=True)
class Contest:
    """Contenders who are measured in turn, once a round.

    Attributes:
      part: the chapter of the record; case: within it, such as "N = 3".
      rounds: how many.
      fresh: whether each sample is of a new process, what comes before it included.
    """

    part: str
    case: str
    contenders: tuple[Contender, ...]
    rounds: int
    fresh: bool = False
