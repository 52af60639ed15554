"""What the outputs of a policy's network mean: a distribution over actions.

Each kind of action has one object with the functions of `base.Distribution`; for a plain choice it
is the module `categorical`. All that samples, weighs or compares policies goes through these, so
that no learner asks what an action is.
"""

from dimapg_tf.distributions import categorical
from dimapg_tf.distributions.base import Distribution
from dimapg_tf.distributions.gaussian import Gaussian
from dimapg_tf.distributions.several import SeveralChoices
from dimapg_tf.types import Box, Choices

__all__ = ["Distribution", "of"]


def of(space: Choices | Box | None) -> Distribution:
    """The distribution over these actions; None stands for one choice without a mask."""
    if space is None:
        return categorical
    return Gaussian(space) if isinstance(space, Box) else SeveralChoices(space)
