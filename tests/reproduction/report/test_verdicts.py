"""Verdicts: what the interval over seeds decides, and what nothing decides."""

import numpy as np
import pytest

from reproduction.report import verdicts
from reproduction.report.verdicts import (
    AGREES,
    DIFFERS,
    NOT_COMPARABLE,
    NOT_RUN,
    TOO_FEW,
    UNDECIDED,
    VERDICTS,
    Finding,
    Side,
)


def seeds(mean, spread, count=3):
    """So many numbers with this mean and this standard deviation."""
    unit = np.arange(count) - (count - 1) / 2
    return list(mean + spread * unit / unit.std(ddof=1))


def order(ours, theirs, fewer=False):
    return verdicts.ordered("x", "y", ours, theirs, fewer)


def test_worse_by_less_than_the_seeds_spread_is_undecided():
    """DiMA-PG -13.2 ± 0.6, MADDPG -12.3 ± 3.6: neither is the worse one."""
    ours, theirs = Side("a", seeds(-13.2, 0.6), 50_000), Side("b", seeds(-12.3, 3.6), 12_000)
    finding = order(ours, theirs)
    assert finding.verdict == UNDECIDED
    assert "−13.2 ± 0.6" in finding.ours
    assert "−12.3 ± 3.6" in finding.ours
    assert "difference −0.9 (−9." in finding.ours


@pytest.mark.parametrize(
    ("gap", "fewer", "verdict"),
    [(5, False, AGREES), (-5, False, DIFFERS), (1, False, UNDECIDED), (-1, False, UNDECIDED),
     (5, True, DIFFERS), (-5, True, AGREES), (1, True, UNDECIDED)],
)  # fmt: skip
def test_orders_are_decided_by_the_interval(gap, fewer, verdict):
    ours, theirs = Side("a", seeds(gap, 1.0), 100.0), Side("b", seeds(0.0, 1.0), 100.0)
    assert order(ours, theirs, fewer).verdict == verdict


def test_counts_are_compared_by_their_ratio():
    """A hundred times as many contacts, with seeds that differ by times, not by so many."""
    ours, theirs = Side("a", [2.0, 2.5, 3.0], 100.0), Side("b", [50.0, 100.0, 200.0], 100.0)
    finding = order(ours, theirs, fewer=True)
    assert finding.verdict == AGREES
    text = finding.ours.split("ratio ")[1]
    low, high = map(float, text[text.index("(") + 1 : -1].split(" to "))
    assert text.startswith("0.02 (")
    assert low < 0.02 < high < 0.2
    assert order(theirs, ours, fewer=True).verdict == DIFFERS
    assert order(ours, theirs).verdict == UNDECIDED  # by the difference: -114, -305 to +77
    none = order(Side("a", [0.0, 2.0, 3.0], 100.0), theirs, fewer=True)
    assert "difference" in none.ours
    one = order(Side("a", [2.0], 100.0), theirs, fewer=True)
    assert one.verdict == TOO_FEW
    assert one.ours.endswith("ratio 0.02")


def test_more_seeds_decide_what_few_do_not():
    few, many = (
        order(Side("a", seeds(1.5, 1.0, n), 100.0), Side("b", seeds(0.0, 1.0, n), 100.0))
        for n in (3, 8)
    )
    assert (few.verdict, many.verdict) == (UNDECIDED, AGREES)


@pytest.mark.parametrize(("ours", "theirs"), [([9.0], [0.0, 0.1]), ([9.0, 9.1], [0.0])])
def test_one_seed_decides_nothing(ours, theirs):
    assert order(Side("a", ours, 100.0), Side("b", theirs, 100.0)).verdict == TOO_FEW
    assert verdicts.compared("x", "y", [10.0], 10.0, 10.0).verdict == TOO_FEW
    assert verdicts.alike("x", "y", [10.0], [10.0]).verdict == TOO_FEW


def test_not_comparable_if_the_one_behind_had_far_fewer_episodes():
    behind, ahead = Side("b", seeds(0, 1), 100.0), Side("a", seeds(9, 1), 201.0)
    assert order(ahead, behind).verdict == NOT_COMPARABLE
    assert order(behind, ahead).verdict == NOT_COMPARABLE
    assert order(ahead, behind, fewer=True).verdict == DIFFERS  # then the other one is behind
    frugal = ahead._replace(episodes=10.0)
    assert order(frugal, behind).verdict == AGREES
    one = ahead._replace(seeds=[9.0])  # more seeds would not make it comparable
    assert order(one, behind).verdict == NOT_COMPARABLE


def test_what_was_not_run():
    finding = order(Side("a", [], 0.0), Side("b", [1.0, 2.0], 100.0))
    assert (finding.verdict, finding.ours) == (NOT_RUN, "a: not run")
    assert verdicts.compared("x", "y", [], 10.0, 10.0).verdict == NOT_RUN
    assert verdicts.alike("x", "y", [1.0, 2.0], []).verdict == NOT_RUN


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [(seeds(10.2, 0.05), AGREES), (seeds(11.0, 0.05), DIFFERS), (seeds(9.0, 0.05), DIFFERS),
     (seeds(10.0, 2.0), UNDECIDED), (seeds(10.5, 0.05), UNDECIDED), ([10.0, 10.0], AGREES)],
)  # fmt: skip
def test_numbers_agree_within_a_twentieth(ours, verdict):
    assert verdicts.compared("x", "y", ours, 10.0, 10.0).verdict == verdict


def test_two_policies_of_the_same_runs_are_compared_seed_by_seed():
    """Seeds that differ by far more than the two policies do not hide that these are alike."""
    theta = np.array([-10.0, -20.0, -30.0])
    assert verdicts.alike("x", "y", theta, theta - [0.1, 0.2, 0.15]).verdict == AGREES
    assert verdicts.alike("x", "y", theta, theta - [5.0, 5.1, 5.2]).verdict == DIFFERS
    assert verdicts.alike("x", "y", theta, theta - [0.0, 5.0, -5.0]).verdict == UNDECIDED


def test_verdicts_are_counted():
    some = [Finding("", "", "", verdict) for verdict in (*VERDICTS, AGREES, NOT_RUN)]
    text = verdicts.counted(some)
    assert "Of 7 statements of the paper, 6 can be looked at" in text
    for count in ("2 agree", "1 differs", "1 is undecided", "1 is not comparable"):
        assert count in text
    assert "1 has too few seeds" in text
