"""The policies that DiMA-PG trains: of which network, by its settings."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from dimapg_tf import policy
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.types import ConfigurationError, Kind, Params, Population


def kinds_of(settings: Settings, population: Population) -> tuple[Kind, ...]:
    """The things that a policy over sets attends to; none for a multilayer perceptron.

    Raises:
      ConfigurationError: policy = set, and the environment does not say what is observed.
    """
    if settings.policy == "mlp":
        return ()
    if not population.kinds:
        raise ConfigurationError(
            "policy = 'set': needs an environment that says of what things its observations are, "
            "as Cooperative Navigation and Predator-Prey do with --observed_neighbours; "
            "elsewhere it must be 'mlp'"
        )
    return population.kinds


def new(settings: Settings, population: Population, generator: np.random.Generator) -> Params:
    """A new θ."""
    return policy.init(
        generator,
        population.observation_size,
        population.num_actions,
        settings.hidden,
        space=population.space,
        kinds=kinds_of(settings, population),
        entity_units=settings.entity_units,
    )


def from_flat(settings: Settings, population: Population, tensors: Sequence[tf.Tensor]) -> Params:
    """θ of its tensors, in the order in which `tf.nest.flatten` gives them."""
    kinds = kinds_of(settings, population)
    return policy.from_flat(tensors, population.space, population.observation_size, kinds)
