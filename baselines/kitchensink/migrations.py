"""What kitchen sinks' runs from before a flag did: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def joint_reward(flags: Flags) -> Flags:
    """In schema 1, before it could be the mean, the joint learner earned the minimum (5.2.1)."""
    return {"joint_reward": "minimum", **flags}


MIGRATIONS = {1: (joint_reward,)}
