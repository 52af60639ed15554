"""How much is measured, and by which Pythons."""

from dataclasses import asdict, dataclass, field
from typing import Any

PARTS = ("worlds", "training", "ceiling", "growth", "quality")


@dataclass(frozen=True)
class Options:
    """What a record depends on, but for the peers.

    Attributes:
      seconds: of a speed, about.
      smallest: the smallest sizes, only to see that all works.
      max_minutes: of a training to a quality.
    """

    seconds: float = 0.5
    smallest: bool = False
    max_minutes: float = 10.0
    rounds: int = 5
    quality_rounds: int = 1
    pythons: dict[str, str | None] = field(default_factory=dict)
    clone: str | None = None

    def lasting(self) -> dict[str, Any]:
        """What all samples of a record must have in common; more rounds may follow."""
        kept = asdict(self)
        return {name: kept[name] for name in ("seconds", "smallest", "max_minutes")}
