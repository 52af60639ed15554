"""The hyper-parameters of A3C-Kitchensink, checked when they are made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baselines.kitchensink.settings import JOINT_REWARDS, Sizes
from dimapg_tf import checks
from dimapg_tf.checks import setting
from dimapg_tf.types import ConfigurationError, EnvSpec

if TYPE_CHECKING:
    from baselines.a3c_kitchensink.loss import Weights


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters, all of them flags as well; the flagfile has the sources."""

    workers: int = setting(2, "threads, each with worlds and gradients of its own")
    worlds: int = setting(8, "worlds that a worker plays side by side; 1 in the original")
    episodes_per_world: int = setting(1, "that a worker plays, one after another, in an iteration")
    synchronous: bool = setting(
        False, "A2C: one step with the mean gradient of all workers; bit-reproducible"
    )
    n_steps: int = setting(20, "steps of an unroll; must divide the horizon")
    learning_rate: float = setting(1e-4, "of Adam (App. C.1)")
    gamma: float = setting(0.99, "discount (Eq. 1)")
    bootstrap_horizon: bool = setting(
        True, "the value after the last step is V there, as if the episode went on; otherwise 0"
    )
    joint_reward: str = setting(
        "minimum",
        "what the joint learner earns in a step: the minimum over its agents (5.2.1) or the mean",
    )
    reward_scale: float = setting(1.0, "rewards are multiplied by it for the learner")
    entropy_bonus: float = setting(0.01, "weight of the joint policy's entropy")
    value_weight: float = setting(0.25, "weight of the squared error of the value")
    max_gradient_norm: float = setting(40.0, "a longer gradient of a worker is shortened to it")
    conv: tuple[int, ...] = setting(Sizes().conv, "outputs of the two convolutions (App. C.1)")
    dense: int = setting(Sizes().dense, "units of the dense layer (App. C.1)")
    lstm: int = setting(Sizes().lstm, "units of the LSTM (App. C.1)")

    def __post_init__(self):
        checks.at_least("workers", self.workers, 1)
        checks.at_least("worlds", self.worlds, 1)
        checks.at_least("episodes_per_world", self.episodes_per_world, 1)
        checks.at_least("n_steps", self.n_steps, 1)
        checks.positive("learning_rate", self.learning_rate)
        checks.between("gamma", self.gamma, 0.0, 1.0)
        checks.one_of("joint_reward", self.joint_reward, JOINT_REWARDS)
        checks.positive("reward_scale", self.reward_scale)
        checks.not_negative("entropy_bonus", self.entropy_bonus)
        checks.not_negative("value_weight", self.value_weight)
        checks.positive("max_gradient_norm", self.max_gradient_norm, infinite=True)
        self.sizes.check()

    @property
    def sizes(self) -> Sizes:
        """Outputs of each layer of the network."""
        return Sizes(self.conv, self.dense, self.lstm)

    @property
    def weights(self) -> "Weights":
        """The constants of the objective."""
        from baselines.a3c_kitchensink.loss import Weights

        return Weights(*(getattr(self, name) for name in Weights._fields))

    def unrolls(self, spec: EnvSpec) -> int:
        """Unrolls in an episode; raises ConfigurationError where they do not fit it."""
        if spec.horizon % self.n_steps:
            raise ConfigurationError(
                f"n_steps = {self.n_steps}: must divide the horizon of {spec.name}, {spec.horizon}"
            )
        return spec.horizon // self.n_steps
