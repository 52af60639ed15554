"""What learners and tasks are called, and the colour of each, the same in every figure."""

from collections.abc import Iterable

from dimapg_tf.drawing import colours
from reproduction.learners import A3C, DIMAPG, FAMILIES, FINE_TUNE, LEARNERS, MADDPG, TRPO, Learner
from reproduction.tasks import TASKS

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


def learner(directory: str) -> Learner:
    """The plan's entry for a run directory; of one that is not in the plan, its name in words."""
    return LEARNERS.get(directory) or Learner(directory, directory.replace("_", " "))


def colour(directory: str) -> str:
    """The family's colour."""
    return COLOURS.get(learner(directory).family, OTHER)


def order(directory: str) -> tuple:
    """To sort learners by: family, the default before its variants."""
    name = learner(directory)
    place = FAMILIES.index(name.family) if name.family in FAMILIES else len(FAMILIES)
    return place, name.variant, directory


def foremost(directories: Iterable[str]) -> set[str]:
    """One of each family: its default, or of its variants the first in the plan."""
    # The plan has defaults, then variants, those that are closest to them first.
    place = {name: index for index, name in enumerate(LEARNERS)}
    first: dict[str, str] = {}
    for name in sorted(directories, key=lambda name: place.get(name, len(place))):
        first.setdefault(learner(name).family, name)
    return set(first.values())


def dashes(directories: list[str]) -> dict[str, object]:
    """A line style for each learner: full for the first of its family, then dashed, dotted."""
    seen: dict[str, int] = {}
    styles = {}
    for directory in sorted(directories, key=order):
        family = learner(directory).family
        styles[directory] = DASHES[min(seen.get(family, 0), len(DASHES) - 1)]
        seen[family] = seen.get(family, 0) + 1
    return styles


def task(directory: str) -> str:
    """The title of a task; of one that is not in the plan, its name in words."""
    return TASKS[directory].title if directory in TASKS else directory.replace("_", " ")


def size(directory: str) -> str:
    """Of a task: how many agents, "10" or "3v1"."""
    return TASKS[directory].size
