"""Statistics over seeds against plain loops, SciPy and known cases."""

import itertools

import numpy as np
import pytest
from scipy import stats

from reproduction.report import statistics


def test_interquartile_mean_of_known_numbers():
    assert statistics.interquartile_mean([0, 1, 2, 3, 4, 5, 6, 700]) == pytest.approx(3.5)
    assert statistics.interquartile_mean([3.0, 1.0, 8.0]) == pytest.approx(4.0)


def test_interquartile_mean_is_that_of_what_is_left(generator):
    values = generator.normal(size=21)
    assert statistics.interquartile_mean(values) == pytest.approx(np.mean(sorted(values)[5:-5]))


def test_few_seeds_have_no_interval():
    one, two = statistics.summary([4.0]), statistics.summary([4.0, 6.0])
    assert (one.seeds, one.mean, one.spread, one.interval) == (1, 4.0, None, None)
    assert (two.mean, two.interval) == (5.0, None)
    assert two.spread == pytest.approx(np.sqrt(2.0))
    assert statistics.summary([4.0, 6.0, 5.0]).interval is not None


def test_three_seeds_are_enumerated():
    seeds = [1.0, 2.0, 9.0]
    means = sorted(np.mean(draw) for draw in itertools.product(seeds, repeat=3))
    assert len(means) == 27
    expected = np.percentile(means, [2.5, 97.5])
    assert statistics.bootstrap_interval([np.array(seeds)]) == pytest.approx(tuple(expected))


def test_many_seeds_agree_with_scipy(generator):
    seeds = generator.normal(size=12)
    interval = statistics.bootstrap_interval([seeds])
    other = stats.bootstrap(
        (seeds,),
        lambda values, axis: stats.trim_mean(values, 0.25, axis=axis),
        n_resamples=20_000,
        method="percentile",
    ).confidence_interval
    assert interval == pytest.approx(tuple(other), abs=0.05)
    # The same report from the same records.
    assert interval == statistics.bootstrap_interval([seeds])


def test_tasks_are_resampled_by_themselves():
    """Without strata, draws of three zeros and three ones would spread."""
    tasks = [np.zeros(3), np.ones(3)]
    assert statistics.bootstrap_interval(tasks) == pytest.approx((0.5, 0.5))
    wide = statistics.bootstrap_interval([np.array([0.0, 1.0, 2.0]), np.ones(3)])
    assert wide[0] < 1.0 < wide[1]


def test_interval_covers(generator):
    hits = 0
    for _ in range(60):
        low, high = statistics.bootstrap_interval([generator.normal(3.0, 2.0, size=10)])
        hits += low <= 3.0 <= high
    assert 48 <= hits <= 60


def test_interval_of_a_mean_by_its_formula(generator):
    values = generator.normal(3.0, 2.0, size=5)
    half = stats.t.ppf(0.975, 4) * values.std(ddof=1) / np.sqrt(5)
    expected = values.mean() - half, values.mean() + half
    assert statistics.interval_of_mean(values) == pytest.approx(expected)
    assert statistics.interval_of_mean([1.0]) is None
    assert statistics.interval_of_mean([2.0, 2.0]) == (2.0, 2.0)


def test_interval_of_a_difference_by_welchs_formula(generator):
    ours, theirs = generator.normal(1.0, 3.0, size=4), generator.normal(0.0, 0.5, size=3)
    parts = ours.var(ddof=1) / 4, theirs.var(ddof=1) / 3
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(parts))
    gap = ours.mean() - theirs.mean()
    interval = statistics.interval_of_difference(ours, theirs)
    assert interval == pytest.approx((gap - half, gap + half))
    assert statistics.interval_of_difference([1.0], [1.0, 2.0]) is None
    assert statistics.interval_of_difference([3.0, 3.0], [1.0, 1.0]) == (2.0, 2.0)


def test_interval_of_a_difference_covers(generator):
    """Three seeds a side with very unequal spreads: 95 of 100 intervals hold the truth."""
    hits = 0
    for _ in range(300):
        ours, theirs = generator.normal(1.0, 4.0, size=3), generator.normal(0.0, 0.5, size=3)
        low, high = statistics.interval_of_difference(ours, theirs)
        hits += low <= 1.0 <= high
    assert 0.92 <= hits / 300 <= 1.0


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [([2, 3], [0, 1], 1.0), ([0, 1], [2, 3], 0.0), ([1, 2], [1, 2], 0.5), ([1, 1], [1], 0.5)],
)
def test_probability_of_improvement(ours, theirs, expected):
    assert statistics.probability_of_improvement(ours, theirs) == expected


def test_probability_of_improvement_is_mann_whitneys(generator):
    ours, theirs = generator.normal(0.5, size=7), generator.normal(size=5)
    u = stats.mannwhitneyu(ours, theirs).statistic / 35
    assert statistics.probability_of_improvement(ours, theirs) == pytest.approx(u)
    mean = statistics.mean_probability_of_improvement([(ours, theirs), (theirs, ours)])
    assert mean == pytest.approx(0.5)


def test_normalised():
    values = statistics.normalised([-190.0, -32.0, 126.0], random=-190.0, scripted=-32.0)
    assert values == pytest.approx([0.0, 1.0, 2.0])
