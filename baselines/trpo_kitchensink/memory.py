"""What an iteration of TRPO-Kitchensink needs in memory, at least."""

from baselines.kitchensink import memory
from baselines.trpo_kitchensink.settings import Settings
from dimapg_tf.experiment.memory import Need
from dimapg_tf.types import EnvSpec


def needs(spec: EnvSpec, settings: Settings) -> list[Need]:
    """The joint networks and whole episodes."""
    names = ("trajectories",)
    return memory.needs(spec, settings.sizes, settings.trajectories, spec.horizon, names)
