"""Real runs of every learner, as small as they can be, for the scripts that take hours."""

from typing import NamedTuple


class SmallRun(NamedTuple):
    """module: of the script; flags: of the run, but for episodes, checkpoints and logdir; episodes:
    of an iteration."""

    module: str
    flags: tuple[str, ...]
    episodes: int


WORLD = ("--env=cooperative_navigation", "--num_agents=2", "--horizon=10")
GAME = (
    *("--env=survival", "--num_agents=6", "--num_food=3", "--food_hp=5", "--agent_hp=5"),
    *("--map_size=9", "--view_range=2", "--start_spacing=1", "--placement=anywhere"),
)
RUNS = {
    "DiMA-PG": SmallRun("dimapg_tf.train", (*WORLD, "--trajectories=2", "--k=1", "--hidden=8"), 6),
    "MADDPG": SmallRun(
        "baselines.maddpg.train",
        (
            *(*WORLD, "--worlds=2", "--rollouts=2", "--steps_per_update=10", "--batch_size=16"),
            *("--learning_starts=40", "--replay_size=200", "--hidden=8"),
        ),
        4,
    ),
    "A3C": SmallRun(
        "baselines.a3c_kitchensink.train",
        (*WORLD, "--synchronous", "--worlds=2", "--dense=8", "--lstm=8", "--conv=2,2"),
        4,
    ),
    "TRPO": SmallRun(
        "baselines.trpo_kitchensink.train",
        (
            *(*WORLD, "--trajectories=4", "--fisher_trajectories=2"),
            *("--dense=8", "--lstm=8", "--conv=2,2"),
        ),
        4,
    ),
    "Survival": SmallRun(
        "dimapg_tf.train",
        (*GAME, "--horizon=12", "--trajectories=2", "--k=1", "--hidden=8"),
        14,
    ),
}
