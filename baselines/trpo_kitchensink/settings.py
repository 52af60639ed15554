"""The hyper-parameters of TRPO-Kitchensink, checked when they are made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baselines.kitchensink.settings import JOINT_REWARDS, Sizes
from dimapg_tf import checks
from dimapg_tf.checks import setting
from dimapg_tf.types import ConfigurationError

if TYPE_CHECKING:
    from baselines.trpo_kitchensink.step import Constants


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters, all of them flags as well; the flagfile has the sources."""

    trajectories: int = setting(64, "episodes of an iteration")
    delta: float = setting(0.01, "largest KL divergence of a step, of the joint policy")
    cg_iterations: int = setting(10, "conjugate gradient iterations")
    cg_damping: float = setting(1e-3, "added to the diagonal of the Fisher matrix")
    fisher_trajectories: int = setting(8, "Fisher-vector products use so many of the episodes")
    gamma: float = setting(0.99, "discount (Eq. 1)")
    gae_lambda: float = setting(1.0, "lambda of the advantages; 1 is return minus value")
    bootstrap_horizon: bool = setting(
        True, "the value after the last step is V there, as if the episode went on; otherwise 0"
    )
    joint_reward: str = setting(
        "minimum",
        "what the joint learner earns in a step: the minimum over its agents (5.2.1) or the mean",
    )
    value_ridge: float = setting(0.1, "ridge of the fit of the value layer")
    conv: tuple[int, ...] = setting(Sizes().conv, "outputs of the two convolutions (App. C.1)")
    dense: int = setting(Sizes().dense, "units of the dense layer (App. C.1)")
    lstm: int = setting(Sizes().lstm, "units of the LSTM (App. C.1)")

    def __post_init__(self):
        checks.at_least("trajectories", self.trajectories, 1)
        checks.positive("delta", self.delta)
        checks.at_least("cg_iterations", self.cg_iterations, 1)
        checks.not_negative("cg_damping", self.cg_damping)
        checks.at_least("fisher_trajectories", self.fisher_trajectories, 1)
        if self.fisher_trajectories > self.trajectories:
            raise ConfigurationError(
                f"fisher_trajectories = {self.fisher_trajectories}: must be at most trajectories, "
                f"{self.trajectories}"
            )
        checks.between("gamma", self.gamma, 0.0, 1.0)
        checks.between("gae_lambda", self.gae_lambda, 0.0, 1.0)
        checks.one_of("joint_reward", self.joint_reward, JOINT_REWARDS)
        checks.positive("value_ridge", self.value_ridge)
        self.sizes.check()

    @property
    def constants(self) -> "Constants":
        """What a step of the learner depends on."""
        from baselines.trpo_kitchensink.step import Constants

        return Constants(*(getattr(self, name) for name in Constants._fields))

    @property
    def sizes(self) -> Sizes:
        """Outputs of each layer of the network."""
        return Sizes(self.conv, self.dense, self.lstm)
