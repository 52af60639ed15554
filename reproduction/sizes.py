"""How long each run is in each mode, and what else follows from the mode.

Speeds are those of one run at a time on two cores of an Intel Xeon, episodes a second, as
benchmarks/learner_speed.py measures them; where they have not been measured alone they are guesses.
They serve the estimates of time, and budgets of equal minutes follow them. The figures take the
speeds of its record, in which a task may be of another machine.
"""

from collections.abc import Mapping
from typing import NamedTuple

from reproduction.learners import ABLATED, DIMAPG, LEARNERS, LETTER
from reproduction.tasks import (
    ABLATION,
    LITERAL_230,
    LITERAL_630,
    NAVIGATION_3,
    NAVIGATION_10,
    NEAR_3,
    NEAR_3V1,
    NEAR_10,
    NEAR_12V4,
    NEAR_30,
    NEAR_100,
    NEAR_300,
    PURSUIT_3V1,
    PURSUIT_12V4,
    SPREAD,
    SURVIVAL_230,
    SURVIVAL_630,
)

MODES = ("quick", "standard", "paper")


class Size(NamedTuple):
    """speed: episodes a second; then the episodes of a run in each mode, 0: it has no such run."""

    speed: float
    quick: int
    standard: int
    paper: int


# `quick` only shows that everything works, but for DiMA-PG at N = 3, which learns. In `standard`
# the learners of a particle task have as many minutes each, 3.5, so that a machine that is half as
# slow again needs no more than 8 hours for all of it; but DiMA-PG to the letter and fine tune have
# what they need to come to rest. `paper`: the
# paper names one number, that MADDPG and TRPO-Kitchensink converge after 300-400k episodes at N = 3
# (5.2.1); all learners of particle worlds get as many, and Survival, for which it names none, what
# it has in `standard`; with equal episodes, DiMA-PG's shorter runs of `standard` have no purpose.
SIZES = {
    (NAVIGATION_3, "dimapg"): Size(208, 1_000, 43_000, 400_000),
    (NAVIGATION_3, "dimapg_trpo"): Size(790, 10_000, 50_000, 400_000),
    (NAVIGATION_3, "maddpg_tuned"): Size(48, 100, 10_000, 400_000),
    (NAVIGATION_3, "a3c_kitchensink_tuned"): Size(58, 64, 12_032, 400_000),
    (NAVIGATION_3, "trpo_kitchensink_tuned"): Size(23, 16, 4_800, 400_000),
    (NAVIGATION_3, "fine_tune"): Size(1_000, 1_000, 50_000, 400_000),
    (NAVIGATION_10, "dimapg"): Size(79, 300, 16_500, 400_000),
    (NAVIGATION_10, "dimapg_trpo"): Size(500, 3_875, 150_000, 400_000),
    (NAVIGATION_10, "maddpg_tuned"): Size(11.8, 40, 2_480, 400_000),
    (NAVIGATION_10, "a3c_kitchensink_tuned_mean"): Size(13.6, 32, 2_880, 400_000),
    (NAVIGATION_10, "trpo_kitchensink_tuned_mean"): Size(5.1, 16, 1_072, 400_000),
    (NAVIGATION_10, "fine_tune"): Size(440, 1_000, 100_000, 400_000),
    (PURSUIT_3V1, "dimapg_predator_prey"): Size(290, 300, 61_000, 400_000),
    (PURSUIT_3V1, "dimapg_predator_prey_short"): Size(290, 150, 8_400, 0),
    (PURSUIT_3V1, "dimapg_predator_prey_shorter"): Size(290, 75, 2_240, 0),
    (PURSUIT_3V1, "dimapg_reinforce_predator_prey"): Size(720, 3_250, 150_000, 400_000),
    (PURSUIT_3V1, "maddpg_tuned_predator_prey"): Size(40, 100, 8_400, 400_000),
    (PURSUIT_3V1, "a3c_kitchensink_tuned_predator_prey"): Size(27, 64, 5_696, 400_000),
    (PURSUIT_3V1, "trpo_kitchensink_predator_prey"): Size(10.7, 16, 2_240, 400_000),
    (PURSUIT_12V4, "dimapg_predator_prey"): Size(126, 60, 26_400, 400_000),
    (PURSUIT_12V4, "dimapg_predator_prey_short"): Size(126, 45, 1_000, 0),
    (PURSUIT_12V4, "dimapg_predator_prey_shorter"): Size(126, 30, 384, 0),
    (PURSUIT_12V4, "dimapg_reinforce_predator_prey_12v4"): Size(350, 1_300, 75_000, 400_000),
    (PURSUIT_12V4, "maddpg_tuned_predator_prey"): Size(4.7, 40, 1_000, 400_000),
    (PURSUIT_12V4, "a3c_kitchensink_tuned_predator_prey"): Size(4.8, 32, 1_024, 400_000),
    (PURSUIT_12V4, "trpo_kitchensink_predator_prey"): Size(1.8, 16, 384, 400_000),
    # A third of the games of dimapg_survival and dimapg_survival_630.
    (SURVIVAL_230, "dimapg_survival_all_data"): Size(12, 16, 3_200, 3_200),
    (SURVIVAL_630, "dimapg_survival_630_all_data"): Size(3, 16, 2_664, 2_664),
    # Beyond the paper; as many in `paper` as in `standard`.
    (NEAR_3, "dimapg_set"): Size(135, 2_000, 20_000, 400_000),
    (NEAR_3, "dimapg_perceptron"): Size(195, 1_500, 50_000, 50_000),
    (NEAR_3, "dimapg_set_first_order"): Size(100, 1_500, 10_000, 10_000),
    (NEAR_3, "dimapg_set_plain"): Size(100, 1_500, 10_000, 10_000),
    (NEAR_3, "maddpg_tuned"): Size(46, 100, 12_000, 12_000),
    (NEAR_3, "maddpg"): Size(72, 100, 12_000, 12_000),
    (NEAR_3, "a3c_kitchensink_tuned"): Size(50, 64, 10_240, 10_240),
    (NEAR_3, "trpo_kitchensink_tuned"): Size(19.6, 16, 4_000, 4_000),
    (NEAR_10, "dimapg_set"): Size(59, 1_500, 10_000, 400_000),
    (NEAR_10, "dimapg_perceptron"): Size(81, 1_500, 80_000, 80_000),
    (NEAR_10, "dimapg_by_workers"): Size(60, 550, 80_300, 80_300),
    (NEAR_10, "maddpg_tuned"): Size(14.5, 40, 3_500, 3_500),
    (NEAR_10, "maddpg"): Size(17.8, 40, 3_500, 3_500),
    (NEAR_10, "a3c_kitchensink_tuned_mean"): Size(15.5, 32, 4_000, 4_000),
    (NEAR_10, "trpo_kitchensink_tuned_mean"): Size(6.5, 16, 640, 640),
    (NEAR_3V1, "dimapg_predator_prey"): Size(313, 1_000, 86_000, 86_000),
    (NEAR_3V1, "dimapg_predator_prey_short"): Size(313, 300, 12_000, 12_000),
    (NEAR_3V1, "dimapg_predator_prey_random_features"): Size(170, 300, 12_000, 12_000),
    (NEAR_3V1, "maddpg_tuned_predator_prey"): Size(43, 100, 12_000, 12_000),
    (NEAR_3V1, "maddpg"): Size(57, 100, 12_000, 12_000),
    (NEAR_12V4, "dimapg_predator_prey"): Size(120, 60, 24_000, 24_000),
    (NEAR_30, "dimapg_crowd"): Size(16, 300, 3_000, 3_000),
    (NEAR_30, "maddpg_pooled"): Size(20, 100, 6_000, 6_000),
    (NEAR_100, "dimapg_crowd"): Size(5, 60, 2_400, 2_400),
    (NEAR_100, "maddpg_pooled"): Size(6, 40, 1_800, 1_800),
    (NEAR_300, "dimapg_crowd"): Size(1.5, 30, 1_500, 1_500),
    (LITERAL_230, "dimapg_survival_all_data"): Size(12, 16, 3_200, 3_200),
    (LITERAL_630, "dimapg_survival_630_all_data"): Size(3, 16, 2_664, 2_664),
    **{(ABLATION, name): Size(400, 1_000, 20_000, 20_000) for name in ABLATED},
    (NAVIGATION_3, "dimapg_trpo_first_order"): Size(1000, 1_000, 50_000, 50_000),
    (NAVIGATION_3, "maddpg"): Size(77, 100, 12_000, 12_000),
    (NAVIGATION_3, "a3c_kitchensink"): Size(56, 64, 8_192, 8_192),
    (NAVIGATION_3, "trpo_kitchensink"): Size(21, 16, 3_008, 3_008),
    (NAVIGATION_10, "a3c_kitchensink"): Size(13.6, 32, 2_560, 2_560),
    (NAVIGATION_10, "trpo_kitchensink"): Size(5.1, 16, 1_136, 1_136),
    (NAVIGATION_3, "a3c_kitchensink_synchronous"): Size(20, 64, 5_120, 5_120),
    (NAVIGATION_10, "dimapg_trpo_first_order"): Size(550, 1_550, 150_350, 150_350),
    (PURSUIT_3V1, "dimapg_reinforce_predator_prey_first_order"): Size(800, 1_300, 150_000, 150_000),
    (PURSUIT_3V1, "dimapg_reinforce_0.003"): Size(800, 1_300, 150_000, 150_000),
    (PURSUIT_3V1, "maddpg"): Size(60, 100, 12_000, 12_000),
    (PURSUIT_3V1, "a3c_kitchensink_predator_prey"): Size(32, 64, 6_528, 6_528),
    (PURSUIT_3V1, "a3c_kitchensink_minimum"): Size(15, 64, 1_280, 1_280),
    (PURSUIT_3V1, "trpo_kitchensink_minimum"): Size(2.5, 16, 480, 480),
    (PURSUIT_12V4, "dimapg_reinforce_predator_prey_12v4_first_order"): Size(
        *(300, 1_300, 183_950, 183_950)
    ),
    (PURSUIT_12V4, "dimapg_reinforce_predator_prey_everybody"): Size(61, 1_225, 183_750, 183_750),
    (SURVIVAL_230, "dimapg_survival"): Size(10, 64, 9_600, 9_600),
    (SURVIVAL_230, "dimapg_survival_constant_bonus"): Size(6, 64, 9_600, 9_600),
    (SURVIVAL_630, "dimapg_survival_630"): Size(2, 32, 8_000, 8_000),
    (SURVIVAL_630, "dimapg_survival_25_sampled"): Size(3, 32, 960, 960),
    (SPREAD, "maddpg"): Size(100, 400, 60_000, 60_000),
}

# The paper has 5 of every learner. In `standard`, DiMA-PG as we recommend it has them, too.
SEEDS = {"quick": 1, "standard": 3, "paper": 5}
SEEDS_OF_DIMAPG = {"quick": 1, "standard": 5, "paper": 5}
# Where three seeds differ so much that they decide nothing: they ended at -37, -22 and -23.
SEEDS_IN_STANDARD = {(NAVIGATION_3, "trpo_kitchensink_tuned"): 5}
# Games of hundreds of agents are long and alike.
SEEDS_OF_TASK = {SURVIVAL_230: 3, SURVIVAL_630: 2, LITERAL_230: 2, LITERAL_630: 2}


def seeds_of(mode: str, task: str, learner: str) -> tuple[int, ...]:
    """The seeds that a run has where the command line names none: 1, 2 and so on."""
    recommended = LEARNERS[learner].family == DIMAPG and learner not in LETTER
    count = (SEEDS_OF_DIMAPG if recommended else SEEDS)[mode]
    if mode == "standard":
        count = SEEDS_IN_STANDARD.get((task, learner), count)
    return tuple(range(1, min(count, SEEDS_OF_TASK.get(task, count)) + 1))


# In the paper of Table 1, Fig. 4 and Table 2.
EVALUATION_EPISODES = {"quick": 20, "standard": 100, "paper": 100}


class Team(NamedTuple):
    """Another team in which a task's policies are evaluated.

    settings: of the environment; seconds: of its episodes.
    """

    settings: Mapping[str, int]
    episodes: int
    seconds: float


def _as_dense(agents: int, episodes: int, seconds: float) -> Team:
    """In an arena as dense as that of 10 agents; an episode of many agents has as many returns."""
    return Team({"num_agents": agents, "arena_agents": 10}, episodes, seconds)


def _of_survival(agents: int, start_square: int, games: int, seconds: float) -> Team:
    """Agents start in a square as in that size's flagfile."""
    return Team({"num_agents": agents, "start_square": start_square}, games, seconds)


OTHER_TEAMS = {
    NEAR_10: (
        *(_as_dense(3, 100, 20), _as_dense(30, 100, 40), _as_dense(100, 50, 80)),
        *(_as_dense(300, 20, 150), _as_dense(1000, 5, 300)),
    ),
    SURVIVAL_230: (_of_survival(630, 97, 100, 90),),
    SURVIVAL_630: (_of_survival(230, 68, 100, 40),),
}
QUICK_TEAMS = {
    NEAR_10: (_as_dense(100, 5, 30),),
    SURVIVAL_230: (_of_survival(630, 97, 2, 30),),
    SURVIVAL_630: (_of_survival(230, 68, 2, 30),),
}
# So many times as many: an episode of simple_spread has 25 steps, not 200; one of many agents has
# as many returns.
TIMES_EVALUATED = {SPREAD: 10, NEAR_100: 0.5, NEAR_300: 0.2}

RENDER_SECONDS, REPORT_SECONDS = 12, 40
# Steps between frames, where trails of many agents would make an animation of more than a megabyte.
RENDER_EVERY = {PURSUIT_12V4: 6, NEAR_12V4: 6}
CROSSPLAY_SECONDS_A_PAIR = 2.0
SCRIPTED_PREDATORS, SCRIPTED_PREY = 3, 2
# Two at a time are each so much as fast as one alone.
TWO_AT_ONCE = 0.6
