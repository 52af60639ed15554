"""Statistics over seeds (Agarwal et al. 2021; Gorsane et al. 2022).

A seed is the unit: every function takes one number for each seed, never episodes. With one or two
seeds there is no interval.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

FEWEST = 3  # seeds that an interval can be drawn from
ENUMERATED = 50_000  # up to so many resamples are all taken, so that nothing is left to chance
SAMPLED = 20_000


class Summary(NamedTuple):
    """Of the seeds of one learner; spread is None with one seed, interval with one or two."""

    seeds: int
    mean: float
    spread: float | None
    iqm: float
    interval: tuple[float, float] | None


def summary(values: Sequence[float]) -> Summary:
    """Mean ± spread, as in the paper, and the interquartile mean with its 95 % interval."""
    values = np.asarray(values, float)
    enough = len(values) >= FEWEST
    return Summary(
        len(values),
        float(values.mean()),
        float(values.std(ddof=1)) if len(values) > 1 else None,
        interquartile_mean(values),
        bootstrap_interval([values]) if enough else None,
    )


def interquartile_mean(values: Sequence[float]) -> float:
    """Mean of what is left without the lowest and the highest quarter (whole numbers of values).

    Of three values it is the mean.
    """
    return float(stats.trim_mean(np.asarray(values, float), 0.25))


def bootstrap_interval(
    tasks: Sequence[np.ndarray],
    statistic: Callable[[np.ndarray], np.ndarray] | None = None,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a statistic, stratified: each task's seeds by themselves.

    Args:
      tasks: of each task the values of its seeds [n_t].
      statistic: [resamples, sum of n_t] -> [resamples]; the interquartile mean by default.

    Small samples are enumerated: with three seeds there are 27 resamples, and the interval reaches
    from the worst seed to the best one.
    """
    if statistic is None:
        statistic = _interquartile_means
    resampled = np.concatenate(_resamples([np.asarray(task, float) for task in tasks]), axis=1)
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(statistic(resampled), [tail, 100.0 - tail])
    return float(low), float(high)


def interval_of_mean(values: Sequence[float], level: float = 0.95) -> tuple[float, float] | None:
    """Student's t interval of the mean over seeds; None for one seed."""
    values = np.asarray(values, float)
    if len(values) < 2:
        return None
    if np.ptp(values) == 0.0:  # equal to the last digit: SciPy would divide by zero
        return float(values[0]), float(values[0])
    interval = stats.ttest_1samp(values, 0.0).confidence_interval(level)
    return float(interval.low), float(interval.high)


def interval_of_difference(
    ours: Sequence[float], theirs: Sequence[float], level: float = 0.95
) -> tuple[float, float] | None:
    """Welch's t interval of mean(ours) - mean(theirs); None where either side has one seed.

    Not a bootstrap: of three seeds it would hardly leave the range of the seeds, far too narrow.
    """
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    if min(len(ours), len(theirs)) < 2:
        return None
    if np.ptp(ours) == np.ptp(theirs) == 0.0:
        gap = float(ours[0] - theirs[0])
        return gap, gap
    interval = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(level)
    return float(interval.low), float(interval.high)


def _interquartile_means(values: np.ndarray) -> np.ndarray:
    return stats.trim_mean(values, 0.25, axis=1)


def _resamples(tasks: list[np.ndarray]) -> list[np.ndarray]:
    """Draws with replacement of each task: [resamples, n_t], all there are or SAMPLED of them."""
    counts = [len(task) ** len(task) for task in tasks]
    if np.prod([float(count) for count in counts]) <= ENUMERATED:
        every = [list(itertools.product(task, repeat=len(task))) for task in tasks]
        rows = list(itertools.product(*every))
        return [np.array([row[index] for row in rows]) for index in range(len(tasks))]
    generator = np.random.default_rng(0)  # equal records give equal reports
    return [
        task[generator.integers(0, len(task), (SAMPLED, len(task)), dtype=np.int64)]
        for task in tasks
    ]


def probability_of_improvement(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The share of pairs of seeds in which ours is higher; ties count half (Mann-Whitney U)."""
    ours, theirs = np.asarray(ours, float)[:, None], np.asarray(theirs, float)[None]
    return float(np.mean((ours > theirs) + 0.5 * (ours == theirs)))


def mean_probability_of_improvement(
    pairs: Sequence[tuple[Sequence[float], Sequence[float]]],
) -> float:
    """The mean over tasks of the probability of improvement."""
    return float(np.mean([probability_of_improvement(*pair) for pair in pairs]))


def normalised(values: Sequence[float], random: float, scripted: float) -> np.ndarray:
    """0 is random play, 1 is scripted play; beyond both where it is so."""
    return (np.asarray(values, float) - random) / (scripted - random)
