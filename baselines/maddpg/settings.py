"""The hyper-parameters of MADDPG, checked when they are made; the defaults are the original's."""

from dataclasses import dataclass

from dimapg_tf import checks
from dimapg_tf.checks import setting

RELAXATIONS = ("straight_through", "soft")


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of MADDPG, all of them flags as well; configs/algorithm has the sources."""

    worlds: int = setting(20, "episodes rolled out side by side, with one set of actors")
    rollouts: int = setting(5, "rollouts in an iteration, the updates that are due after each")
    steps_per_update: int = setting(
        100, "time steps of a world for each update, in which every agent learns from one batch"
    )
    learning_starts: int = setting(25_600, "transitions to be stored before the first update")
    replay_size: int = setting(1_000_000, "transitions that are kept; whole episodes of them")
    batch_size: int = setting(1024, "transitions of an update")
    gamma: float = setting(0.95, "discount")
    learning_rate: float = setting(0.01, "Adam's, of actors and critics")
    gradient_clip: float = setting(0.5, "largest norm of the gradient of one weight or bias")
    polyak: float = setting(0.01, "how far the targets move towards the networks in an update")
    logit_penalty: float = setting(1e-3, "weight of the mean squared logit in the actor's loss")
    relaxation: str = setting(
        "straight_through",
        "an actor's own action, as its critic sees it: straight_through (one-hot, as the world "
        "sees it) or soft (the original's)",
    )
    hidden: tuple[int, ...] = setting((64, 64), "units of the hidden layers of actors and critics")
    share_parameters: bool = setting(
        False, "one actor and one critic for each population instead of each agent"
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
        checks.between("polyak", self.polyak, 0.0, 1.0)
        checks.not_negative("logit_penalty", self.logit_penalty)
        checks.one_of("relaxation", self.relaxation, RELAXATIONS)
        for units in self.hidden:
            checks.at_least("hidden", units, 1)
