"""What an iteration of the kitchen sinks needs in memory, at least."""

from collections.abc import Sequence

from baselines.kitchensink.settings import Sizes
from dimapg_tf.experiment.memory import FLOAT32, Need, step_bytes, trajectory_bytes
from dimapg_tf.types import EnvSpec

COPIES = 3  # of each parameter: its own, and two moments or search directions
NAMES = ("conv", "dense", "lstm")


def needs(spec: EnvSpec, sizes: Sizes, worlds: int, steps: int, names: Sequence[str]) -> list[Need]:
    """The joint networks, and what is differentiated at once.

    Args:
      worlds, steps: so many of them at once; names: the settings that say so.
    """
    if not spec.compiled:  # refused by the learners, with their own words
        return []
    parameters = rollouts = activations = noise = 0
    for p in spec.populations.values():
        pixels = p.num_agents * p.observation_size
        count = pixels * sizes.conv[1] * sizes.dense + (sizes.dense + sizes.lstm) * 4 * sizes.lstm
        count += sizes.lstm * p.num_agents * p.num_actions + 4 * sizes.conv[0] * sizes.conv[1]
        parameters += FLOAT32 * COPIES * count
        rollouts += trajectory_bytes(spec, p, p.num_agents, worlds) // spec.horizon * steps
        units = pixels * sum(sizes.conv) + sizes.dense + 4 * sizes.lstm
        activations += FLOAT32 * worlds * steps * units
        noise += FLOAT32 * worlds * spec.horizon * p.num_agents
    return [
        Need("the joint networks", NAMES, parameters),
        Need("the trajectories", names, rollouts),
        Need("the layers of the gradient", (*names, *NAMES), activations),
        Need("the noise of an episode", names, noise),
        Need("one step of all worlds", names, step_bytes(spec, worlds)),
    ]
