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
    """Hyper-parameters, all of them flags as well; the defaults are what is recommended."""

    # Not in the paper; 3,200 time steps for a step of the policy.
    trajectories: int = setting(16, "episodes of an iteration")
    # Not in the paper; rllab's, on which the paper's experiments stand (5.2), is 0.01 for one
    # policy. The joint policy's KL is the sum over its agents: this is 0.01 for each of three.
    delta: float = setting(0.03, "largest KL divergence of a step, of the joint policy")
    # Not in the paper; rllab has 10, at a damping that is much smaller. Products with the Fisher
    # matrix are most of the time of an iteration.
    cg_iterations: int = setting(5, "conjugate gradient iterations; 10 in rllab")
    # Not in the paper; rllab has 1e-5 on all episodes, OpenAI's spinningup 0.1. On a share of the
    # episodes the small eigenvalues are too small, steps too long (1e-2 took 3 to 7 shortenings in
    # the first iterations), and each shortening costs a forward pass over all episodes.
    cg_damping: float = setting(0.1, "added to the diagonal of the Fisher matrix; 1e-5 in rllab")
    # Not in the paper: some of the episodes are enough for the curvature.
    fisher_trajectories: int = setting(4, "Fisher-vector products use so many of the episodes")
    # Not in the paper; DiMA-PG's, so that all learn with the same horizon.
    gamma: float = setting(0.95, "discount (Eq. 1)")
    # Not in the paper; rllab's is 1. The return of a joint policy is noisier than an agent's.
    gae_lambda: float = setting(0.95, "lambda of the advantages; 1 is return minus value")
    # Not in the paper; rllab's baseline sees the time and has no value after the end of an episode.
    # Here the horizon only cuts an episode off, and the network does not see the time: without the
    # value of what would follow, most of the variance of the returns is the time that is left.
    bootstrap_horizon: bool = setting(
        True, "the value after the last step is V there, as if the episode went on; otherwise 0"
    )
    # 5.2.1; for Predator-Prey see trpo_kitchensink_predator_prey.flags.
    joint_reward: str = setting(
        "minimum",
        "what the joint learner earns in a step: the minimum over its agents (5.2.1) or the mean",
    )
    # Not in the paper: with less, the value of episodes that it was not fitted to was worse than a
    # constant at the start.
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
