"""The workers that TF_CONFIG names: whether a training has work for them, and reaching them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dimapg_tf import tf_config
from dimapg_tf.experiment.config import Config
from dimapg_tf.types import ConfigurationError


class ClusterUse(NamedTuple):
    """How a learner uses workers.

    refusal: (settings) -> why it has nothing to share out, or "". gather: waits for the workers
    and keeps the connection for learners that are made afterwards.
    """

    refusal: Callable[[Any], str]
    gather: Callable[[], None]


def check(config: Config, given: bool) -> None:
    """Refuse workers who would have nothing to do, before anything starts.

    Args:
      given: whether the environment is given from Python.

    Raises:
      ConfigurationError: the training cannot be shared out, or this process does not lead.
    """
    if tf_config.described() is None:
        return
    alone = f"; without {tf_config.VARIABLE} this process trains alone"
    kind = config.kind()
    if not kind.cluster:
        raise ConfigurationError(
            f"algorithm = {config.algorithm!r}: runs on one machine, not with the workers of "
            f"{tf_config.VARIABLE}{alone}"
        )
    reason = kind.part("cluster").refusal(config.settings)
    if reason:
        raise ConfigurationError(reason + alone)
    if given:
        raise ConfigurationError(
            "workers cannot make an environment that is given from Python: name its module by "
            f"--module{alone}"
        )
    tf_config.own_address("chief", f"leads the training; a worker is {tf_config.WORKER}")


def gather(config: Config) -> None:
    """Wait for the workers, if there are any: before there are variables, as TensorFlow wants."""
    if tf_config.described() is not None:
        config.kind().part("cluster").gather()
