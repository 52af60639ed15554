"""The two kinds of critics behind one interface: joint (networks.py) and pooled (pooled.py)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from baselines.maddpg import networks, pooled
from baselines.maddpg.settings import Settings
from dimapg_tf.types import EnvSpec

ByPopulation = dict[str, tf.Tensor]


class Critics(NamedTuple):
    """What an update asks of a kind of critics; M is the batch.

    seen: (observations {population: [n, M, O]}, actions {population: [n, M, A]}) -> inputs;
    values: (critic, inputs, population) -> Q_i [n, M];
    values_of_own_action: (critic, inputs, population, change [n, M, A]) -> Q_i [n, M] where each
    agent's own action, and it alone, is another by that much.
    """

    seen: Callable[[ByPopulation, ByPopulation], Any]
    values: Callable[[Any, Any, str], tf.Tensor]
    values_of_own_action: Callable[[Any, Any, str, tf.Tensor], tf.Tensor]


def of(spec: EnvSpec, settings: Settings) -> Critics:
    """The kind that the settings name."""
    if settings.critic == "pooled":
        return Critics(pooled.seen, pooled.values, pooled.values_of_own_action)
    return Critics(
        networks.joint,
        lambda critic, inputs, _name: networks.values(critic, inputs),
        lambda critic, inputs, name, change: networks.values_of_own_action(
            critic, inputs, change, networks.own_action_rows(spec, name)
        ),
    )
