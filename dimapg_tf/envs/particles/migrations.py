"""What the particle worlds of runs from before a flag were: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def observation_order(flags: Flags) -> Flags:
    """The first runs of schema 1 observed goals and others in the library's order."""
    return {"observation_order": "index", **flags}


MIGRATIONS = {1: (observation_order,)}
