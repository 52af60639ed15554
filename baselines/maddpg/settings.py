"""The hyper-parameters of MADDPG, checked when they are made; the defaults are the original's."""

from dataclasses import dataclass

from dimapg_tf import checks
from dimapg_tf.checks import setting
from dimapg_tf.types import ConfigurationError

CRITICS = ("joint", "pooled")
RELAXATIONS = ("straight_through", "soft")


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of MADDPG, all of them flags as well.

    The defaults are those of the authors' code, openai/maddpg (experiments/train.py and
    maddpg/trainer/maddpg.py), but where a comment says otherwise.
    """

    # Not the original's, which steps one world: 20 worlds side by side with one set of actors. The
    # ratio of updates to steps is the original's all the same; the actors that collect are 5
    # updates old at most with 25 steps an episode, 40 with 200.
    worlds: int = setting(20, "episodes rolled out side by side, with one set of actors")
    # Not the original's: what is reported as one iteration, 100 episodes.
    rollouts: int = setting(5, "rollouts in an iteration, the updates that are due after each")
    # maddpg.py: "only update every 100 steps".
    steps_per_update: int = setting(
        100, "time steps of a world for each update, in which every agent learns from one batch"
    )
    # maddpg.py: none before batch size x episode length = 1024 x 25 transitions are stored.
    learning_starts: int = setting(25_600, "transitions to be stored before the first update")
    # maddpg.py: ReplayBuffer(1e6).
    replay_size: int = setting(1_000_000, "transitions that are kept; whole episodes of them")
    # train.py: --batch-size 1024, --gamma 0.95, --lr 1e-2 (Adam, for actors and critics).
    batch_size: int = setting(1024, "transitions of an update")
    gamma: float = setting(0.95, "discount")
    learning_rate: float = setting(0.01, "Adam's, of actors and critics")
    # maddpg.py: grad_norm_clipping=0.5, by the single variable; polyak = 1 - 1e-2, which is 1 - τ;
    # p_reg * 1e-3.
    gradient_clip: float = setting(0.5, "largest norm of the gradient of one weight or bias")
    tau: float = setting(
        0.01, "rate of the target networks in an update: θ' ← τ θ + (1 - τ) θ'; 1 copies θ"
    )
    logit_penalty: float = setting(1e-3, "weight of the mean squared logit in the actor's loss")
    # Not the original's, which is soft: its worlds take relaxed actions. In ours actions are
    # discrete, and the critics learn from one-hot actions only. On simple_spread, one exploratory
    # run of each of which soft's record is not kept, straight_through ended at -422, soft at -437.
    relaxation: str = setting(
        "straight_through",
        "an actor's own action, as its critic sees it: straight_through (one-hot, as the world "
        "sees it) or soft (the original's)",
    )
    # train.py: --num-units 64, two hidden layers of them.
    hidden: tuple[int, ...] = setting((64, 64), "units of the hidden layers of actors and critics")
    # The original's: every agent has an actor and a critic of its own.
    share_parameters: bool = setting(
        False, "one actor and one critic for each population instead of each agent"
    )
    # The original's sees everybody's observation and action side by side, so that its first layer
    # and the time of an update grow with the square of the number of agents.
    critic: str = setting(
        "joint",
        "joint, or pooled: embeddings of all agents, averaged, for any number of them (PIC: Liu et "
        "al. 2019); with share_parameters",
    )

    def __post_init__(self):
        for name in (
            "worlds",
            "rollouts",
            "steps_per_update",
            "learning_starts",
            "replay_size",
            "batch_size",
        ):
            checks.at_least(name, getattr(self, name), 1)
        checks.between("gamma", self.gamma, 0.0, 1.0)
        checks.positive("learning_rate", self.learning_rate)
        checks.positive("gradient_clip", self.gradient_clip, infinite=True)
        checks.between("tau", self.tau, 0.0, 1.0)
        checks.not_negative("logit_penalty", self.logit_penalty)
        checks.one_of("relaxation", self.relaxation, RELAXATIONS)
        checks.one_of("critic", self.critic, CRITICS)
        if self.critic == "pooled" and not self.share_parameters:
            raise ConfigurationError(
                "critic = pooled: agents share it, and their actor as well; set share_parameters"
            )
        if self.critic == "pooled" and not self.hidden:
            raise ConfigurationError(
                "hidden = (): a pooled critic needs a hidden layer, as in 64,64"
            )
        for units in self.hidden:
            checks.at_least("hidden", units, 1)
