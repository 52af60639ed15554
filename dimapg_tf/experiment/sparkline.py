"""A learning curve in one line of text. Needs nothing but Python, as run_experiments.sh does."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

LEVELS = "▁▂▃▄▅▆▇█"
WIDTH = 80  # where the terminal does not say
OF_ONE_POPULATION = "min_return_per_episode"
OF_SEVERAL = "/return_mean"


def column(names: Iterable[str]) -> str | None:
    """The column of metrics.csv that is drawn: the first population's mean return where there are
    several, else the worst agent's return; None where there is neither."""
    names = list(names)
    several = [name for name in names if name.endswith(OF_SEVERAL)]
    alone = [name for name in names if name == OF_ONE_POPULATION]
    return next(iter([*several, *alone]), None)


def curve(name: str, values: Sequence[float], width: int) -> str:
    """ "worst agent ▁▃▆█ -174.2 to -31.0": the values over time, in at most `width` characters.

    Each character is the mean of as many values; the lowest and the highest of them take the whole
    height. Empty where there are fewer than two values, or no room.
    """
    label = "worst agent" if name == OF_ONE_POPULATION else name.replace("/", " ").replace("_", " ")
    if len(values) < 2:
        return ""
    numbers = f"{values[0]:.1f} to {values[-1]:.1f}"
    room = min(width - len(label) - len(numbers) - 2, len(values))
    if room < 2:
        return ""
    edges = [i * len(values) // room for i in range(room + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(LEVELS) - 1) / (high - low) if high > low else 0.0
    drawn = "".join(LEVELS[round((mean - low) * scale)] for mean in means)
    return f"{label} {drawn} {numbers}"
