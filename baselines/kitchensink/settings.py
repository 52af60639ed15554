"""What the settings of both kitchen sinks share.

This module does without TensorFlow, so that a command line is read at once.
"""

from typing import NamedTuple

from dimapg_tf import checks
from dimapg_tf.types import ConfigurationError

# What a joint learner earns in a step.
JOINT_REWARDS = ("minimum", "mean")


class Sizes(NamedTuple):
    """Outputs of each layer; the defaults are those of App. C.1."""

    conv: tuple[int, ...] = (16, 32)
    dense: int = 256
    lstm: int = 256

    def check(self) -> None:
        """Raise ConfigurationError unless there are two convolutions and each layer has outputs."""
        if len(self.conv) != 2:
            raise ConfigurationError(f"conv = {','.join(map(str, self.conv))}: must be two numbers")
        for outputs in self.conv:
            checks.at_least("conv", outputs, 1)
        checks.at_least("dense", self.dense, 1)
        checks.at_least("lstm", self.lstm, 1)


PAPER = Sizes()
