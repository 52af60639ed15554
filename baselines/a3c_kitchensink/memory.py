"""What an iteration of A3C-Kitchensink needs in memory, at least."""

from baselines.a3c_kitchensink.settings import Settings
from baselines.kitchensink import memory
from dimapg_tf.experiment.memory import Need
from dimapg_tf.types import EnvSpec


def needs(spec: EnvSpec, settings: Settings) -> list[Need]:
    """The joint networks and one unroll of each worker."""
    worlds, names = settings.workers * settings.worlds, ("workers", "worlds", "n_steps")
    return memory.needs(spec, settings.sizes, worlds, settings.n_steps, names)
