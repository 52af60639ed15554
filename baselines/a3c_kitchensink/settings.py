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
    """Hyper-parameters, all of them flags as well; the defaults are what is recommended.

    What the paper leaves open is taken from the public A3C implementations of its time with the
    same network (ELU, LSTM 256, Adam 1e-4): awjuliani/DeepRL-Agents, A3C-Doom ("the tutorial"), and
    openai/universe-starter-agent.
    """

    # Not in the paper; one for each core of our machine.
    workers: int = setting(2, "threads, each with worlds and gradients of its own")
    # Not in the paper; the original has one world and an unroll of five steps. Thirty-two worlds by
    # five steps are as many samples for a gradient as eight by twenty, in about 15 % less time
    # (measured at N = 3).
    worlds: int = setting(32, "worlds that a worker plays side by side; 1 in the original")
    # Not in the paper; workers meet after each episode, so that returns and checkpoints are of
    # whole ones.
    episodes_per_world: int = setting(1, "that a worker plays, one after another, in an iteration")
    synchronous: bool = setting(
        False, "A2C: one step with the mean gradient of all workers; bit-reproducible"
    )
    n_steps: int = setting(5, "steps of an unroll; must divide the horizon")
    learning_rate: float = setting(1e-4, "of Adam (App. C.1)")
    # Not in the paper; DiMA-PG's, so that all learn with the same horizon.
    gamma: float = setting(0.95, "discount (Eq. 1)")
    # Not in the paper; the original has no value after the end of an episode. Here the horizon only
    # cuts an episode off, and the network does not see the time: without the value of what would
    # follow, most of the variance of the returns is the time that is left.
    bootstrap_horizon: bool = setting(
        True, "the value after the last step is V there, as if the episode went on; otherwise 0"
    )
    # 5.2.1; for Predator-Prey see a3c_kitchensink_predator_prey.flags.
    joint_reward: str = setting(
        "minimum",
        "what the joint learner earns in a step: the minimum over its agents (5.2.1) or the mean",
    )
    # Not in the paper; chosen so that values lie in [-2, 2] and their squared errors do not drown
    # the policy's gradient in the layers that both share.
    reward_scale: float = setting(0.1, "rewards are multiplied by it for the learner")
    # Not in the paper; the tutorial's and universe-starter-agent's is 0.01. Lowered with the
    # rewards' scale, not in proportion; not tuned further.
    entropy_bonus: float = setting(0.003, "weight of the joint policy's entropy")
    # Not in the paper; the tutorial's and universe-starter-agent's: loss = 0.25 (R - V)^2 +
    # policy's loss, summed over time, the gradient's norm clipped at 40.
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
