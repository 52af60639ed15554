"""What MADDPG's runs from before a flag did: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def tau(flags: Flags) -> Flags:
    """In schema 1 the rate τ was named polyak, as in the original its complement 1 - τ is."""
    return {("tau" if name == "polyak" else name): text for name, text in flags.items()}


def _joint_critic(flags: Flags) -> Flags:
    """Up to schema 9 every critic saw everybody side by side."""
    return {"critic": "joint", **flags}


MIGRATIONS = {1: (tau,), 9: (_joint_critic,)}
