"""Whether runs agree with a statement of the paper: decided by an interval over seeds, or not.

Five verdicts, and "not run" where there is nothing to judge. A number and an order of two learners
agree or differ only where the 95 % interval says so as a whole; one seed decides nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reproduction.report import statistics
from reproduction.report.table import mean_and_spread, number, signed

AGREES, DIFFERS, UNDECIDED = "agrees", "differs", "undecided"
NOT_COMPARABLE, TOO_FEW, NOT_RUN = "not comparable", "too few seeds", "not run"
VERDICTS = (AGREES, DIFFERS, UNDECIDED, NOT_COMPARABLE, TOO_FEW)
NEAR = 0.05  # of the paper's number, within which ours agrees with it
ALIKE = 0.10  # of the return, within which θ and θₙ are alike; the paper's are within 7 %
FEWEST_EPISODES = 0.5  # of the better learner's, with which the worse one had a fair chance
CRITERION = (
    "Decided by 95 % intervals over seeds: of the difference of two learners (Welch), of a number "
    "or of a difference within runs (Student's t). An order of learners agrees or differs where "
    "the interval of the difference leaves out 0; numbers of contacts are compared by their ratio, "
    "on the scale of logarithms. A number agrees where its interval lies within "
    f"{NEAR:.0%} of the paper's (food left: of the particles at the start), θ and θₙ are alike "
    f"where the interval lies within {ALIKE:.0%} of the return; they differ where it lies outside. "
    "Otherwise it is undecided. Learners of Fig. 3 are compared while they learn, by their returns "
    "in the last 15 % of the episodes that both have had; those of Fig. 4 after training, DiMA-PG "
    "with the runs whose number of episodes is nearest to the other's. Not comparable: the learner "
    "that is behind had less than half as many episodes. Too few seeds: one of either is one "
    "alone. The paper's rewards are not fully stated, so a different number in Table 1 is a "
    "difference of two tasks as much as of two programs."
)


class Finding(NamedTuple):
    """where: in the paper; claim: what it says; ours: what our runs say; verdict: one of above."""

    where: str
    claim: str
    ours: str
    verdict: str


class Side(NamedTuple):
    """A learner in a comparison: its title, one number for each seed, and its mean episodes."""

    title: str
    seeds: Sequence[float]
    episodes: float

    def __str__(self) -> str:
        digits = 1 if abs(np.mean(self.seeds)) >= 10 else 2
        sample = f"seeds: {len(self.seeds)}, episodes: {self.episodes:,.0f}"
        return f"{self.title} {mean_and_spread(self.seeds, digits)} ({sample})"


def ordered(where: str, claim: str, ours: Side, theirs: Side, fewer: bool = False) -> Finding:
    """That the first scores more than the second or, of counts, fewer, where that is better.

    Counts are compared by their ratio: a learner that has a hundred times as many has that much
    more spread as well, so differences of its few seeds would decide nothing.
    """
    missing = [side.title for side in (ours, theirs) if not len(side.seeds)]
    if missing:
        return Finding(where, claim, f"{' and '.join(missing)}: {NOT_RUN}", NOT_RUN)
    pair = [np.asarray(side.seeds, float) for side in (ours, theirs)]
    as_ratio = fewer and all((counts > 0).all() for counts in pair)
    if as_ratio:
        pair = [np.log(counts) for counts in pair]
    gap = float(pair[0].mean() - pair[1].mean())
    interval = statistics.interval_of_difference(*pair)
    better = -1.0 if fewer else 1.0
    ahead, behind = (ours, theirs) if better * gap > 0 else (theirs, ours)
    apart = _ratio(gap, interval) if as_ratio else f"difference {_with_interval(gap, interval)}"
    text = f"{ours}, {theirs}; {apart}"
    if behind.episodes < FEWEST_EPISODES * ahead.episodes:
        return Finding(where, claim, text, NOT_COMPARABLE)
    if interval is None:
        return Finding(where, claim, text, TOO_FEW)
    low, high = sorted(better * end for end in interval)
    verdict = AGREES if low > 0 else DIFFERS if high < 0 else UNDECIDED
    return Finding(where, claim, text, verdict)


def compared(
    where: str, claim: str, ours: Sequence[float], printed: float, scale: float
) -> Finding:
    """That a number is the paper's, within NEAR of `scale`."""
    if not len(ours):
        return Finding(where, claim, NOT_RUN, NOT_RUN)
    gaps = np.asarray(ours, float) - printed
    interval = statistics.interval_of_mean(gaps)
    gap_text = f"difference {_with_interval(float(gaps.mean()), interval)}"
    text = f"{mean_and_spread(ours)} (seeds: {len(ours)}), {gap_text}"
    return Finding(where, claim, text, _within(interval, NEAR * scale))


def alike(where: str, claim: str, theta: Sequence[float], theta_n: Sequence[float]) -> Finding:
    """That two policies of the same runs score alike: one difference for each seed."""
    if not len(theta) or len(theta) != len(theta_n):
        return Finding(where, claim, NOT_RUN, NOT_RUN)
    gaps = np.asarray(theta_n, float) - np.asarray(theta, float)
    interval = statistics.interval_of_mean(gaps)
    scale = abs(float(np.mean(theta)))
    text = f"θₙ is {_with_interval(float(gaps.mean()), interval)} from θ (seeds: {len(gaps)})"
    return Finding(where, claim, text, _within(interval, ALIKE * scale))


def _within(interval: tuple[float, float] | None, room: float) -> str:
    """Whether an interval of a difference lies within, outside or across ± room."""
    if interval is None:
        return TOO_FEW
    low, high = interval
    if -room <= low and high <= room:
        return AGREES
    return DIFFERS if high < -room or low > room else UNDECIDED


def _with_interval(gap: float, interval: tuple[float, float] | None) -> str:
    """ "−0.9 (−7.1 to +8.9)"; without interval where there is none."""
    if interval is None:
        return signed(gap)
    return f"{signed(gap)} ({' to '.join(signed(end) for end in interval)})"


def _ratio(gap: float, interval: tuple[float, float] | None) -> str:
    """ "ratio 0.24 (0.08 to 0.72)", of geometric means; from a difference of logarithms."""
    text = f"ratio {number(np.exp(gap), 2)}"
    if interval is None:
        return text
    return f"{text} ({' to '.join(number(np.exp(end), 2) for end in interval)})"


def counted(findings: Sequence[Finding]) -> str:
    """One sentence: how many statements have which verdict."""
    verdicts = [finding.verdict for finding in findings]
    run = len(verdicts) - verdicts.count(NOT_RUN)
    phrases = (
        (AGREES, "agrees", "agree"),
        (DIFFERS, "differs", "differ"),
        (UNDECIDED, "is undecided", "are undecided"),
        (
            NOT_COMPARABLE,
            "is not comparable (budgets differ)",
            "are not comparable (budgets differ)",
        ),
        (TOO_FEW, "has too few seeds", "have too few seeds"),
    )
    counts = [(verdicts.count(verdict), one, several) for verdict, one, several in phrases]
    numbers = [f"{count} {one if count == 1 else several}" for count, one, several in counts]
    text = f"Of {len(verdicts)} statements of the paper, {run} can be looked at with these runs: "
    return f"{text}{', '.join(numbers)}."
