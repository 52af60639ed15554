"""The settings of the stub, without TensorFlow: a command line is read at once."""

from dataclasses import dataclass

from dimapg_tf import checks
from dimapg_tf.checks import setting
from dimapg_tf.experiment.learners import LearnerKind


@dataclass(frozen=True)
class Settings:
    """Of the stub."""

    rate: float = setting(0.5, "of its steps")

    def __post_init__(self):
        checks.positive("rate", self.rate)


STUB = LearnerKind(settings="stub_settings:Settings", learner="stub_learner:StubLearner")
