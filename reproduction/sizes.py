"""How long each run is in each mode, and what else follows from the mode.

Speeds are those of one run at a time on two cores (AMD EPYC), episodes a second; where they have
not been measured alone they are low guesses. They serve the estimates of time only.
"""

from collections.abc import Mapping
from typing import NamedTuple

from reproduction.learners import ABLATED
from reproduction.tasks import (
    ABLATION,
    NAVIGATION_3,
    NAVIGATION_10,
    NEAR_3,
    NEAR_3V1,
    NEAR_10,
    NEAR_12V4,
    NEAR_30,
    NEAR_100,
    PURSUIT_3V1,
    PURSUIT_12V4,
    SPREAD,
    SURVIVAL_230,
    SURVIVAL_630,
)

MODES = ("quick", "standard", "paper")


class Size(NamedTuple):
    """speed: episodes a second; then the episodes of a run in each mode."""

    speed: float
    quick: int
    standard: int
    paper: int


# `quick` only shows that everything works, but for DiMA-PG at N = 3, which learns. `standard` is
# what fits into 10 hours with 3 seeds: the slower a learner, the fewer its episodes. `paper`: the
# paper names one number, that MADDPG and TRPO-Kitchensink converge after 300-400k episodes at N = 3
# (5.2.1); all learners of particle worlds get as many, and Survival, for which it names none, what
# it has in `standard`.
SIZES = {
    (NAVIGATION_3, "dimapg_trpo"): Size(609, 10_000, 50_000, 400_000),
    (NAVIGATION_3, "maddpg"): Size(55, 100, 12_000, 400_000),
    (NAVIGATION_3, "a3c_kitchensink"): Size(34, 64, 10_240, 400_000),
    (NAVIGATION_3, "trpo_kitchensink"): Size(5, 16, 4_000, 400_000),
    (NAVIGATION_3, "fine_tune"): Size(600, 1_000, 50_000, 400_000),
    (NAVIGATION_10, "dimapg_trpo"): Size(440, 3_875, 150_350, 400_000),
    (NAVIGATION_10, "maddpg"): Size(5, 40, 3_500, 400_000),
    (NAVIGATION_10, "a3c_kitchensink"): Size(6, 32, 4_000, 400_000),
    (NAVIGATION_10, "trpo_kitchensink"): Size(1, 16, 640, 400_000),
    (NAVIGATION_10, "fine_tune"): Size(400, 1_000, 150_350, 400_000),
    (PURSUIT_3V1, "dimapg_reinforce_predator_prey"): Size(449, 3_250, 150_000, 400_000),
    (PURSUIT_3V1, "maddpg"): Size(35, 100, 12_000, 400_000),
    (PURSUIT_3V1, "a3c_kitchensink_predator_prey"): Size(15, 64, 10_000, 400_000),
    (PURSUIT_3V1, "trpo_kitchensink_predator_prey"): Size(2.5, 16, 1_920, 400_000),
    (PURSUIT_12V4, "dimapg_reinforce_predator_prey_12v4"): Size(250, 1_300, 183_950, 400_000),
    (PURSUIT_12V4, "maddpg"): Size(1.3, 40, 1_000, 400_000),
    (PURSUIT_12V4, "a3c_kitchensink_predator_prey"): Size(3, 32, 2_000, 400_000),
    (PURSUIT_12V4, "trpo_kitchensink_predator_prey"): Size(0.5, 16, 320, 400_000),
    (SURVIVAL_230, "dimapg_survival"): Size(10, 64, 9_600, 9_600),
    (SURVIVAL_630, "dimapg_survival_630"): Size(2, 32, 8_000, 8_000),
    # Beyond the paper; as many in `paper` as in `standard`.
    (NEAR_3, "dimapg"): Size(90, 6_000, 50_000, 400_000),
    (NEAR_3, "dimapg_first_order"): Size(90, 1_500, 20_000, 20_000),
    (NEAR_3, "dimapg_plain"): Size(90, 1_500, 20_000, 20_000),
    (NEAR_3, "maddpg"): Size(55, 100, 12_000, 12_000),
    (NEAR_3, "a3c_kitchensink"): Size(34, 64, 10_240, 10_240),
    (NEAR_3, "trpo_kitchensink"): Size(5, 16, 4_000, 4_000),
    (NEAR_10, "dimapg"): Size(40, 1_500, 80_000, 400_000),
    (NEAR_10, "dimapg_by_workers"): Size(60, 550, 80_300, 80_300),
    (NEAR_10, "maddpg"): Size(5, 40, 3_500, 3_500),
    (NEAR_10, "a3c_kitchensink"): Size(6, 32, 4_000, 4_000),
    (NEAR_10, "trpo_kitchensink"): Size(1, 16, 640, 640),
    # As many minutes as MADDPG's 12,000, each alone (results/benchmarks/learner_speed.json).
    (NEAR_3V1, "dimapg_predator_prey_3v1"): Size(65, 1_000, 28_000, 28_000),
    (NEAR_3V1, "dimapg_predator_prey_3v1_short"): Size(65, 300, 12_000, 12_000),
    (NEAR_3V1, "dimapg_predator_prey_3v1_random_features"): Size(65, 300, 12_000, 12_000),
    (NEAR_3V1, "maddpg"): Size(35, 100, 12_000, 12_000),
    (NEAR_12V4, "dimapg_predator_prey"): Size(20, 60, 24_000, 24_000),
    (NEAR_30, "dimapg"): Size(15, 300, 20_000, 20_000),
    (NEAR_30, "maddpg_pooled"): Size(10, 100, 12_000, 12_000),
    (NEAR_100, "dimapg"): Size(4, 60, 6_000, 6_000),
    (NEAR_100, "maddpg_pooled"): Size(2, 40, 4_000, 4_000),
    **{(ABLATION, name): Size(400, 1_000, 20_000, 20_000) for name in ABLATED},
    (NAVIGATION_3, "dimapg_trpo_exact"): Size(404, 1_000, 50_000, 50_000),
    (NAVIGATION_3, "a3c_kitchensink_synchronous"): Size(20, 64, 5_120, 5_120),
    (NAVIGATION_10, "dimapg_trpo_exact"): Size(317, 1_550, 150_000, 150_000),
    (PURSUIT_3V1, "dimapg_reinforce_0.003"): Size(355, 1_300, 150_000, 150_000),
    (PURSUIT_3V1, "a3c_kitchensink_minimum"): Size(15, 64, 1_280, 1_280),
    (PURSUIT_3V1, "trpo_kitchensink_minimum"): Size(2.5, 16, 480, 480),
    (PURSUIT_12V4, "dimapg_reinforce_predator_prey_everybody"): Size(61, 1_225, 183_750, 183_750),
    (SURVIVAL_230, "dimapg_survival_constant_bonus"): Size(6, 64, 9_600, 9_600),
    # A third of the games of dimapg_survival and dimapg_survival_630.
    (SURVIVAL_230, "dimapg_survival_all_data"): Size(8, 16, 3_200, 3_200),
    (SURVIVAL_630, "dimapg_survival_630_all_data"): Size(2.5, 16, 2_664, 2_664),
    (SURVIVAL_630, "dimapg_survival_25_sampled"): Size(3, 32, 960, 960),
    (SPREAD, "maddpg"): Size(100, 400, 60_000, 60_000),
}

SEEDS = {"quick": (1,), "standard": (1, 2, 3), "paper": (1, 2, 3, 4, 5)}
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
# An episode of simple_spread has 25 steps, not 200.
SHORT = {SPREAD: 10}  # times as many

RENDER_SECONDS, REPORT_SECONDS = 12, 40
# Steps between frames, where trails of many agents would make an animation of more than a megabyte.
RENDER_EVERY = {PURSUIT_12V4: 6, NEAR_12V4: 6}
CROSSPLAY_SECONDS_A_PAIR = 2.0
SCRIPTED_PREDATORS, SCRIPTED_PREY = 3, 2
# Two at a time are each so much as fast as one alone.
TWO_AT_ONCE = 0.8
