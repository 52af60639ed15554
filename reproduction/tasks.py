"""The tasks: what each is called, its flagfile, and what its commands take beside training.

Seconds are those of one command at a time on two cores (AMD EPYC); they serve the estimates of
time only.
"""

from typing import NamedTuple


class Task(NamedTuple):
    """An environment as the experiments have it.

    name: the directory of its runs; title: as it is shown; size: "10" agents, or "3v1"; flagfile:
    its name in configs/env; start: seconds until a script is compiled; evaluation: seconds of
    evaluating 100 episodes; games: for Survival instead, games a second, each with the whole
    machine.
    """

    name: str
    title: str
    size: str
    flagfile: str
    start: float
    evaluation: float = 0.0
    games: float = 0.0

    @property
    def whole_machine(self) -> bool:
        """Its commands work on all cores by themselves."""
        return self.games > 0


NAVIGATION_3, NAVIGATION_10 = "cooperative_navigation_3", "cooperative_navigation_10"
NEAR_3, NEAR_10 = f"{NAVIGATION_3}_near", f"{NAVIGATION_10}_near"
NEAR_30, NEAR_100, NEAR_300 = (f"cooperative_navigation_{agents}" for agents in (30, 100, 300))
PURSUIT_3V1, PURSUIT_12V4 = "predator_prey_3v1", "predator_prey_12v4"
NEAR_3V1, NEAR_12V4 = f"{PURSUIT_3V1}_near", f"{PURSUIT_12V4}_near"
PURSUITS = (PURSUIT_3V1, PURSUIT_12V4, NEAR_3V1, NEAR_12V4)
SURVIVAL_230, SURVIVAL_630 = "survival_230", "survival_630"
LITERAL_230, LITERAL_630 = f"{SURVIVAL_230}_literal", f"{SURVIVAL_630}_literal"
SPREAD, ABLATION = "simple_spread", "ablation"

_NAVIGATION, _PURSUIT = "Cooperative Navigation, N = ", "Predator-Prey, "
_LETTER = ", rewards of App. C.3 to the letter"
TASKS = {
    task.name: task
    for task in (
        Task(NAVIGATION_3, f"{_NAVIGATION}3", "3", NAVIGATION_3, 20, 20),
        Task(NAVIGATION_10, f"{_NAVIGATION}10", "10", NAVIGATION_10, 25, 25),
        Task(NEAR_3, f"{_NAVIGATION}3, near things finely", "3", NEAR_3, 20, 20),
        Task(NEAR_10, f"{_NAVIGATION}10, near things finely", "10", NEAR_10, 25, 25),
        Task(NEAR_30, f"{_NAVIGATION}30, near things finely", "30", NEAR_30, 30, 60),
        Task(NEAR_100, f"{_NAVIGATION}100, near things finely", "100", NEAR_100, 40, 100),
        Task(NEAR_300, f"{_NAVIGATION}300, near things finely", "300", NEAR_300, 60, 150),
        Task(PURSUIT_3V1, f"{_PURSUIT}3v1", "3v1", PURSUIT_3V1, 25, 25),
        Task(PURSUIT_12V4, f"{_PURSUIT}12v4", "12v4", PURSUIT_12V4, 35, 50),
        Task(NEAR_3V1, f"{_PURSUIT}3v1, near things finely", "3v1", NEAR_3V1, 30, 30),
        Task(NEAR_12V4, f"{_PURSUIT}12v4, near things finely", "12v4", NEAR_12V4, 40, 60),
        Task(SURVIVAL_230, "Survival, N = 230", "230", SURVIVAL_230, 15, games=15),
        Task(SURVIVAL_630, "Survival, N = 630", "630", SURVIVAL_630, 20, games=6),
        Task(LITERAL_230, f"Survival, N = 230{_LETTER}", "230", LITERAL_230, 15, games=15),
        Task(LITERAL_630, f"Survival, N = 630{_LETTER}", "630", LITERAL_630, 20, games=6),
        Task(SPREAD, "simple_spread, N = 3, T = 25", "3", SPREAD, 20, 20),
        Task(ABLATION, f"{_NAVIGATION}3: ablation", "3", NAVIGATION_3, 20),
    )
}
