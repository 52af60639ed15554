"""What there is to run, as data: the experiments.

Tasks are in tasks.py, learners in learners.py, how long each run is in sizes.py; nothing else names
them.
"""

from typing import NamedTuple

from reproduction.learners import ABLATED
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

_TUNED = ("maddpg_tuned", "a3c_kitchensink_tuned", "trpo_kitchensink_tuned")
# By the number of agents of Cooperative Navigation.
BASELINES = {3: _TUNED, 10: (_TUNED[0], *(f"{name}_mean" for name in _TUNED[1:]))}
_FIRST_VALUES = ("a3c_kitchensink", "trpo_kitchensink")  # before they were tuned
# Of what was tried for TRPO-Kitchensink there, its first values are best (docs/trials.md).
OF_PURSUIT = tuple(f"{name}_predator_prey" for name in (*_TUNED[:2], _FIRST_VALUES[1]))
_REINFORCE = "dimapg_reinforce_predator_prey"
OF_MANY = ("dimapg_crowd", "maddpg_pooled")
OF_NEAR = {
    agents: ("dimapg_set", "dimapg_perceptron", *baselines, "maddpg")
    for agents, baselines in BASELINES.items()
}
# For as many minutes as MADDPG, and for as many episodes as it and the slowest learner.
OF_EQUAL_BUDGETS = tuple(f"dimapg_predator_prey{name}" for name in ("", "_short", "_shorter"))


class Experiment(NamedTuple):
    """Runs that belong together; experiments that name the same run share it.

    what: in words; runs: (task, directories of learners) pairs; where: in the paper, "" if it is
    beyond the paper; pictures: whether an episode of DiMA-PG is drawn; crossplay: whether all runs
    of its tasks play against each other; evaluated: whether policies are evaluated after training;
    teams: tasks whose policies are evaluated in teams of other sizes as well.
    """

    what: str
    runs: tuple[tuple[str, tuple[str, ...]], ...]
    where: str = ""
    pictures: bool = True
    crossplay: bool = False
    evaluated: bool = True
    teams: tuple[str, ...] = ()


# Of the paper: these are run where no experiment is named, but in `quick`.
PAPER = {
    "fig3_n3": Experiment(
        "Fig. 3, left: learning Cooperative Navigation, N = 3",
        ((NAVIGATION_3, ("dimapg", "dimapg_trpo", *BASELINES[3])),),
        "Fig. 3",
    ),
    "fig3_n10": Experiment(
        "Fig. 3, right: the same, N = 10",
        ((NAVIGATION_10, ("dimapg", "dimapg_trpo", *BASELINES[10])),),
        "Fig. 3",
    ),
    "table1": Experiment(
        "Table 1: using theta, theta_n, or one agent's policy",
        (
            (NAVIGATION_3, ("dimapg", "dimapg_trpo", "fine_tune")),
            (NAVIGATION_10, ("dimapg", "dimapg_trpo", "fine_tune")),
        ),
        "Table 1",
        pictures=False,
    ),
    "fig4_3v1": Experiment(
        "Fig. 4, left and right: 3 predators against 1 prey",
        ((PURSUIT_3V1, (*OF_EQUAL_BUDGETS, _REINFORCE, *OF_PURSUIT)),),
        "Fig. 4",
        crossplay=True,
    ),
    "fig4_12v4": Experiment(
        "Fig. 4, center: 12 predators against 4 prey",
        (
            (
                PURSUIT_12V4,
                (*OF_EQUAL_BUDGETS, f"{_REINFORCE}_12v4", *OF_PURSUIT),
            ),
        ),
        "Fig. 4",
        crossplay=True,
    ),
    "table2_230": Experiment(
        "Table 2: Survival, N = 230",
        ((SURVIVAL_230, ("dimapg_survival_all_data",)),),
        "Table 2",
        pictures=False,
    ),
    "table2_630": Experiment(
        "Table 2: Survival, N = 630",
        ((SURVIVAL_630, ("dimapg_survival_630_all_data",)),),
        "Table 2",
        pictures=False,
    ),
    "fig5": Experiment(
        "Fig. 5: a game of table2_230's policy",
        ((SURVIVAL_230, ("dimapg_survival_all_data",)),),
        "Fig. 5",
    ),
    "fig6": Experiment(
        "Fig. 6: a game of table2_630's policy",
        ((SURVIVAL_630, ("dimapg_survival_630_all_data",)),),
        "Fig. 6",
    ),
}
# What `quick` runs where no experiment is named: a run that learns, then one look at every other
# part. The other sizes of the tasks run the same code.
FIRST_LOOK = {
    "look_dimapg": Experiment(
        "DiMA-PG learns Cooperative Navigation, N = 3", ((NEAR_3, ("dimapg_set",)),)
    ),
    "look_learners": Experiment(
        "every other learner there, too briefly to learn",
        ((NAVIGATION_3, (*BASELINES[3], "fine_tune")),),
        pictures=False,
        evaluated=False,
    ),
    "look_pursuit": Experiment(
        "two populations, and cross-play between runs",
        ((PURSUIT_3V1, ("dimapg_predator_prey", "maddpg_tuned_predator_prey")),),
        crossplay=True,
        evaluated=False,
    ),
    "look_survival": Experiment(
        "hundreds of agents in worker processes", ((SURVIVAL_230, ("dimapg_survival_all_data",)),)
    ),
    "look_launcher": Experiment(
        "blocks of agents by a chief and two workers",
        ((NEAR_10, ("dimapg_by_workers",)),),
        pictures=False,
        evaluated=False,
    ),
}
# Beyond the paper: run where they are named. Cross-play takes in those variants that are named
# beside fig4_3v1 or fig4_12v4.
BEYOND = {
    "near": Experiment(
        "DiMA-PG as we recommend it, where agents see near things finely",
        ((NEAR_3, OF_NEAR[3]), (NEAR_10, OF_NEAR[10])),
    ),
    "near_3v1": Experiment(
        "the same in Predator-Prey, 3v1: as many minutes as MADDPG, and as many episodes",
        (
            (
                NEAR_3V1,
                (
                    *(*OF_EQUAL_BUDGETS[:2], "dimapg_predator_prey_random_features"),
                    *("maddpg_tuned_predator_prey", "maddpg"),
                ),
            ),
        ),
        crossplay=True,
    ),
    "near_12v4": Experiment(
        "the same in Predator-Prey, 12v4, against scripted players",
        ((NEAR_12V4, ("dimapg_predator_prey",)),),
        crossplay=True,
    ),
    "scale": Experiment(
        "one policy for any number of agents: learned with 10, played by 3 to 1,000; Survival",
        (
            *((NEAR_3, ("dimapg_set",)), (NEAR_10, ("dimapg_set", "dimapg_perceptron"))),
            *((NEAR_30, OF_MANY), (NEAR_100, OF_MANY), (NEAR_300, OF_MANY[:1])),
            (SURVIVAL_230, ("dimapg_survival_all_data",)),
            (SURVIVAL_630, ("dimapg_survival_630_all_data",)),
        ),
        teams=(NEAR_10, SURVIVAL_230, SURVIVAL_630),
    ),
    "fig6_literal": Experiment(
        "Fig. 5 and 6 with the rewards of App. C.3 to the letter: do teams attack?",
        (
            (LITERAL_230, ("dimapg_survival_all_data",)),
            (LITERAL_630, ("dimapg_survival_630_all_data",)),
        ),
    ),
    "ablation": Experiment(
        "which parts of the gradient learn (docs/gradient.md)",
        ((ABLATION, ABLATED),),
        pictures=False,
        evaluated=False,
    ),
    "variants": Experiment(
        "learners with one thing changed, beside the paper's",
        (
            (
                NAVIGATION_3,
                (
                    *("dimapg_trpo_first_order", "maddpg", *_FIRST_VALUES),
                    "a3c_kitchensink_synchronous",
                ),
            ),
            (NAVIGATION_10, ("dimapg_trpo_first_order", *_FIRST_VALUES)),
            (NEAR_3, ("dimapg_set_first_order", "dimapg_set_plain")),
            (
                PURSUIT_3V1,
                (
                    *(f"{_REINFORCE}_first_order", "dimapg_reinforce_0.003"),
                    *("maddpg", "a3c_kitchensink_predator_prey"),
                    *(f"{name}_minimum" for name in _FIRST_VALUES),
                ),
            ),
            (
                PURSUIT_12V4,
                tuple(f"{_REINFORCE}_{name}" for name in ("12v4_first_order", "everybody")),
            ),
            (SURVIVAL_230, ("dimapg_survival", "dimapg_survival_constant_bonus")),
            (SURVIVAL_630, ("dimapg_survival_630", "dimapg_survival_25_sampled")),
        ),
        pictures=False,
    ),
    "simple_spread": Experiment(
        "MADDPG on the task of its authors", ((SPREAD, ("maddpg",)),), pictures=False
    ),
}
EXPERIMENTS = PAPER | FIRST_LOOK | BEYOND
