"""Whether a policy fits: the flags.txt of its run, or another environment."""

from collections.abc import Mapping
from pathlib import Path

from dimapg_tf.envs.base import Env
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.flags import as_text
from dimapg_tf.experiment.policy_file import Origin
from dimapg_tf.types import ConfigurationError, EnvSpec, Population

SAID_BY_BOTH = ("algorithm", "env", "seed")


def check_fit(run: Path, origin: Origin, config: Config, env: Env) -> None:
    """Raise CheckpointError unless the configuration is that of the policy in this run directory.

    Settings that only one of them knows were added or dropped since; episodes and checkpoint_every
    may change.
    """
    pairs = [(name, getattr(origin, name), getattr(config, name)) for name in SAID_BY_BOTH]
    for kept, wanted in (
        (origin.settings, vars(config.settings)),
        (origin.env_settings, dict(env.settings)),
        (
            {"populations": _sizes(origin.populations)},
            {"populations": _sizes(env.spec.populations)},
        ),
    ):
        pairs += [(name, kept[name], wanted[name]) for name in kept if name in wanted]
    for name, kept, wanted in pairs:
        if kept != wanted and as_text(kept) != as_text(wanted):  # JSON has lists for tuples
            raise CheckpointError(
                f"{run}: flags.txt does not fit the checkpoint: {name} = {wanted!r}, but it was "
                f"trained with {kept!r}"
            )


def _sizes(populations: Mapping[str, Population]) -> dict[str, Population]:
    """Populations without what their observations are of, which a policy's file does not say."""
    return {name: population._replace(kinds=()) for name, population in populations.items()}


def check_elsewhere(own: EnvSpec, there: EnvSpec, for_any_team: bool) -> None:
    """Raise ConfigurationError unless policies of one environment can play in another.

    for_any_team: whether they are one for all agents of a population, each of whom decides alone.
    """
    for name, mine in own.populations.items():
        other = there.populations[name]
        if not for_any_team and other.num_agents != mine.num_agents:
            raise ConfigurationError(
                f"{name}: would be {other.num_agents}, and the policies of this run are for a team "
                f"of {mine.num_agents}"
            )
        if other.observation_size != mine.observation_size:
            raise ConfigurationError(
                f"{name}: would observe {other.observation_size} numbers each, and the policy is "
                f"for {mine.observation_size}; in particle worlds one that is trained with "
                "--observed_neighbours is for teams of any size"
            )
        if other.space != mine.space:
            raise ConfigurationError(f"{name}: would have other actions than in training")
