"""Random play, the reference that every environment has."""

from collections.abc import Mapping

import numpy as np

from dimapg_tf.envs.base import Choose
from dimapg_tf.types import EnvSpec


def random_player(spec: EnvSpec) -> Choose:
    """Every action with the same probability."""

    def choose(name, _observations, _state, noise):
        return (noise.T * spec.populations[name].num_actions).astype(np.int32)

    return choose


def with_random(
    spec: EnvSpec,
    players: Mapping[str, Choose],
    players_of: Mapping[str, Mapping[str, Choose]],
) -> tuple[dict[str, Choose], dict[str, dict[str, Choose]]]:
    """The scripted players of `base.Env` with random play before them."""
    random = {"random": random_player(spec)}
    of_each = {name: random | dict(players_of.get(name, {})) for name in spec.populations}
    return random | dict(players), of_each
