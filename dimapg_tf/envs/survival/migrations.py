"""What Survival's runs from before a flag were: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def start_square(flags: Flags) -> Flags:
    """Schema 1 has no line for a flag without a value: agents start on the whole map."""
    return {"start_square": "none", **flags}


MIGRATIONS = {1: (start_square,)}
