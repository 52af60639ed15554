"""What a user's environment was before a flag: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def populations(flags: Flags) -> Flags:
    """Up to schema 3 populations followed from the agents' names alone."""
    return {"populations": "{}", **flags}


def one_process(flags: Flags) -> Flags:
    """Up to schema 5 all worlds were stepped in one process."""
    return {"world_processes": "1", **flags}


MIGRATIONS = {3: (populations,), 5: (one_process,)}
