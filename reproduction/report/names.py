"""What learners and tasks are called, and the colour of each, the same in every figure."""

from typing import NamedTuple

from dimapg_tf.drawing import colours

DIMAPG, MADDPG, A3C, TRPO, FINE_TUNE = (
    *("DiMA-PG", "MADDPG", "A3C-Kitchensink", "TRPO-Kitchensink", "Fine tune"),
)
# Beginnings of directory names: the family, and what sets it apart within the family.
LEARNERS = {
    "dimapg_reinforce_predator_prey_12v4": (DIMAPG, ""),
    "dimapg_reinforce_predator_prey": (DIMAPG, ""),
    "dimapg_reinforce": (DIMAPG, "REINFORCE"),
    "dimapg_survival_630": (DIMAPG, ""),
    "dimapg_survival": (DIMAPG, ""),
    "dimapg_trpo": (DIMAPG, ""),
    "maddpg": (MADDPG, ""),
    "a3c_kitchensink_predator_prey": (A3C, ""),
    "a3c_kitchensink": (A3C, ""),
    "trpo_kitchensink_predator_prey": (TRPO, ""),
    "trpo_kitchensink": (TRPO, ""),
    "fine_tune": (FINE_TUNE, ""),
}
FAMILIES = (DIMAPG, MADDPG, A3C, TRPO, FINE_TUNE)
COLOURS = {
    DIMAPG: colours.BLUE,
    MADDPG: colours.ORANGE,
    A3C: colours.GREEN,
    TRPO: colours.PURPLE,
    FINE_TUNE: colours.VERMILLION,
}
OTHER = colours.SKY_BLUE
# Members of a family share its colour and differ in these.
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))

COOPERATIVE_3, COOPERATIVE_10 = "cooperative_navigation_3", "cooperative_navigation_10"
PURSUIT_3V1, PURSUIT_12V4 = "predator_prey_3v1", "predator_prey_12v4"
SURVIVAL_230, SURVIVAL_630 = "survival_230", "survival_630"
SPREAD = "simple_spread"
TASKS = {
    COOPERATIVE_3: "Cooperative Navigation, N = 3",
    COOPERATIVE_10: "Cooperative Navigation, N = 10",
    PURSUIT_3V1: "Predator-Prey, 3v1",
    PURSUIT_12V4: "Predator-Prey, 12v4",
    SURVIVAL_230: "Survival, N = 230",
    SURVIVAL_630: "Survival, N = 630",
    SPREAD: "simple_spread, N = 3, T = 25",
}


class Learner(NamedTuple):
    """family: one of FAMILIES, or the directory's name; variant: "" for the family's default."""

    family: str
    variant: str

    @property
    def title(self) -> str:
        """The name to show: "DiMA-PG (exact)"."""
        return f"{self.family} ({self.variant})" if self.variant else self.family

    @property
    def colour(self) -> str:
        """The family's colour."""
        return COLOURS.get(self.family, OTHER)


def learner(directory: str) -> Learner:
    """The learner that a directory's name says: `dimapg_trpo_exact` is DiMA-PG, variant exact."""
    for beginning, (family, variant) in LEARNERS.items():
        if directory == beginning or directory.startswith(beginning + "_"):
            rest = directory[len(beginning) :].strip("_").replace("_", " ")
            return Learner(family, ", ".join(filter(None, [variant, rest])))
    return Learner(directory.replace("_", " "), "")


def order(directory: str) -> tuple:
    """To sort learners by: family, the default before its variants."""
    name = learner(directory)
    place = FAMILIES.index(name.family) if name.family in FAMILIES else len(FAMILIES)
    return place, name.variant, directory


def dashes(directories: list[str]) -> dict[str, object]:
    """A line style for each learner: full for the first of its family, then dashed, dotted."""
    seen: dict[str, int] = {}
    styles = {}
    for directory in sorted(directories, key=order):
        family = learner(directory).family
        styles[directory] = DASHES[min(seen.get(family, 0), len(DASHES) - 1)]
        seen[family] = seen.get(family, 0) + 1
    return styles


def task(env: str) -> str:
    """The name to show of an environment's directory."""
    return TASKS.get(env, env.replace("_", " "))
