"""What the particle worlds of runs from before a flag were: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def observation_order(flags: Flags) -> Flags:
    """The first runs of schema 1 observed goals and others in the library's order."""
    return {"observation_order": "index", **flags}


def discrete(flags: Flags) -> Flags:
    """Up to schema 2 there were discrete actions alone."""
    return {"actions": "discrete", **flags}


def everybody_is_seen(flags: Flags) -> Flags:
    """Up to schema 3 all saw all, and the arena was the same for any number of agents."""
    flags = {"observed_neighbours": "none", **flags}
    if flags["env"] == "cooperative_navigation":
        flags = {"observed_goals": "open", "arena_agents": "none", **flags}
    return flags


def as_they_are(flags: Flags) -> Flags:
    """Up to schema 6 the numbers of an observation were shown as they are."""
    return {"observation_squash": "none", **flags}


def alike(flags: Flags) -> Flags:
    """Up to schema 7 all agents of Cooperative Navigation were alike."""
    if flags["env"] == "cooperative_navigation":
        flags = {"heterogeneity": "0", "team": "0", **flags}
    return flags


def anywhere(flags: Flags) -> Flags:
    """Up to schema 11 goals of Cooperative Navigation started anywhere."""
    return {"goal_distance": "0", **flags} if flags["env"] == "cooperative_navigation" else flags


MIGRATIONS = {
    1: (observation_order,),
    2: (discrete,),
    3: (everybody_is_seen,),
    6: (as_they_are,),
    7: (alike,),
    11: (anywhere,),
}
