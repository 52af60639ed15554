"""What the paper says, claim by claim, and whether our runs agree."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from reproduction.report import paper, predator_prey
from reproduction.report.names import (
    A3C,
    COOPERATIVE_3,
    COOPERATIVE_10,
    DIMAPG,
    FINE_TUNE,
    MADDPG,
    PURSUIT_3V1,
    PURSUIT_12V4,
    TRPO,
    learner,
)
from reproduction.report.records import Results, values
from reproduction.report.scores import MINIMUM, main_learner
from reproduction.report.statistics import probability_of_improvement
from reproduction.report.table import Table, mean_and_spread, number, signed
from reproduction.report.tables import ROWS_2

AGREES, DIFFERS, OPEN, NOT_RUN = "agrees", "differs", "open", "not run"
HIGHER, LOWER = "higher", "lower"
NEAR = 0.05  # of the paper's number, within which ours agrees with it
ALIKE = 0.10  # of the return, within which θ and θₙ are alike; the paper's are within 7 %
FEWEST_EPISODES = 0.5  # of the better learner's, with which the worse one had a fair chance
FOOD = 160.0  # particles at the start, of which the share NEAR counts as none
CRITERION = (
    f"A number agrees within {NEAR:.0%} of the paper's (food left: of the {FOOD:.0f} at the "
    f"start); θ and θₙ are alike within {ALIKE:.0%}; an order of learners agrees where the means "
    "over seeds have it after training, each learner with its own number of episodes, and is open "
    "where the one that is behind had less than half as many. p is the probability that a seed of "
    "the first is better than a seed of the second. The paper's "
    "rewards are not fully stated, so a higher or lower number in Table 1 is a difference of two "
    "tasks as much as of two programs."
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
    seeds: list[float]
    episodes: float

    def __str__(self) -> str:
        digits = 1 if abs(np.mean(self.seeds)) >= 10 else 2
        words = f"seeds: {len(self.seeds)}, episodes: {self.episodes:,.0f}"
        return f"{self.title} {mean_and_spread(self.seeds, digits)} ({words})"


def all_findings(results: Results) -> list[Finding]:
    """In the paper's order."""
    return [
        *_learners_of_figure_3(results),
        *_table_1(results),
        *_figure_4(results),
        *_table_2(results),
    ]


def table(findings: Sequence[Finding]) -> Table:
    """The findings as a table."""
    rows = [[f.where, f.verdict, f.claim, f.ours] for f in findings]
    columns = ["where", "verdict", "the paper", "our runs"]
    return Table("What matches the paper", columns, rows, [CRITERION], words=4)


def counted(findings: Sequence[Finding]) -> str:
    """One sentence: how many claims agree."""
    verdicts = [finding.verdict for finding in findings]
    run = len(verdicts) - verdicts.count(NOT_RUN)
    text = f"Of {len(verdicts)} statements of the paper, {run} can be checked with these runs: "
    numbers = [f"{verdicts.count(AGREES)} agree", f"{verdicts.count(DIFFERS)} do not"]
    if OPEN in verdicts:
        numbers.append(f"{verdicts.count(OPEN)} stay open for unequal numbers of episodes")
    numbers += [
        f"{verdicts.count(word)} numbers are {word}"
        if verdicts.count(word) != 1
        else f"1 number is {word}"
        for word in (HIGHER, LOWER)
        if word in verdicts
    ]
    return text + ", ".join(numbers) + "."


def _ordered(where: str, claim: str, ours: Side, theirs: Side, fewer: bool = False) -> Finding:
    """That the first scores more than the second, or fewer where that is better."""
    missing = [side.title for side in (ours, theirs) if not side.seeds]
    if missing:
        return Finding(where, claim, f"{' and '.join(missing)}: {NOT_RUN}", NOT_RUN)
    better, worse = (theirs, ours) if fewer else (ours, theirs)
    agrees = np.mean(better.seeds) > np.mean(worse.seeds)
    chance = number(probability_of_improvement(better.seeds, worse.seeds), 2)
    ahead, behind = (ours, theirs) if agrees else (theirs, ours)
    verdict = AGREES if agrees else DIFFERS
    if behind.episodes < FEWEST_EPISODES * ahead.episodes:
        verdict = OPEN
    return Finding(where, claim, f"{ours}, {theirs}; p = {chance}", verdict)


def _compared(where: str, claim: str, ours: Sequence[float], printed: float, scale: float):
    """That a number is the paper's."""
    if not len(ours):
        return Finding(where, claim, NOT_RUN, NOT_RUN)
    gap = float(np.mean(ours)) - printed
    text = f"{mean_and_spread(ours)} (seeds: {len(ours)}), {signed(gap)}"
    if abs(gap) <= NEAR * scale:
        return Finding(where, claim, text, AGREES)
    return Finding(where, claim, text, HIGHER if gap > 0 else LOWER)


def _learners_of_figure_3(results: Results) -> list[Finding]:
    """5.2.1: who performs better in Cooperative Navigation, by the worst agent per episode."""
    claims = [
        (COOPERATIVE_3, DIMAPG, MADDPG, "N = 3: MADDPG performs worse than DiMA-PG"),
        (COOPERATIVE_3, DIMAPG, TRPO, "N = 3: TRPO-Kitchensink performs worse than DiMA-PG"),
        (COOPERATIVE_3, A3C, TRPO, "N = 3: A3C-Kitchensink does well, TRPO-Kitchensink worse"),
        (COOPERATIVE_3, A3C, MADDPG, "N = 3: A3C-Kitchensink does well, MADDPG worse"),
    ]
    claims += [
        (COOPERATIVE_10, DIMAPG, other, f"N = 10: only DiMA-PG learns quickly, {other} does not")
        for other in (MADDPG, A3C, TRPO)
    ]
    return [
        _ordered("Fig. 3", claim, *(_side(results, env, f, _minimum) for f in (first, second)))
        for env, first, second, claim in claims
    ]


def _side(results: Results, env: str, family: str, of: Callable) -> Side:
    """A family's default, or the variant that stands in for it."""
    name = main_learner(results, env, family)
    if name is None:
        return Side(family, [], 0.0)
    episodes = [run.episodes for run in results.of(env, name) if run.finished]
    seeds = of(results, env, name)
    return Side(learner(name).title, seeds, float(np.mean(episodes)) if episodes else 0.0)


def _minimum(results: Results, env: str, name: str, policy: str = "theta") -> list[float]:
    return values(results.of(env, name), policy, MINIMUM)


def _table_1(results: Results) -> list[Finding]:
    found = []
    for env, printed in paper.TABLE_1.items():
        n = f"N = {env.rpartition('_')[2]}"
        name = main_learner(results, env)
        theta, tuned = (_side(results, env, f, _minimum) for f in (DIMAPG, FINE_TUNE))
        theta_n = _minimum(results, env, name, "theta_n") if name else []
        rows = (
            (paper.USING_THETA, theta.seeds),
            (paper.USING_THETA_N, theta_n),
            (paper.FINE_TUNE, tuned.seeds),
        )
        found += [
            _compared("Table 1", f"{n}: {words.lower()} {number(printed[words], 2)}", ours,
                      printed[words], abs(printed[words]))
            for words, ours in rows
        ]  # fmt: skip
        found.append(_alike(f"{n}: θ and θₙ yield almost similar results", theta.seeds, theta_n))
        claim = f"{n}: training one agent for all (fine tune) yields poor results"
        found.append(_ordered("Table 1", claim, theta, tuned))
    return found


def _alike(claim: str, theta: Sequence[float], theta_n: Sequence[float]) -> Finding:
    if not len(theta) or not len(theta_n):
        return Finding("Table 1", claim, NOT_RUN, NOT_RUN)
    gap = float(np.mean(theta_n) - np.mean(theta))
    share = abs(gap / np.mean(theta))
    text = f"θₙ is {signed(gap)} from θ, {share:.0%}"
    return Finding("Table 1", claim, text, AGREES if share <= ALIKE else DIFFERS)


def _figure_4(results: Results) -> list[Finding]:
    """5.3: DiMA-PG learns better policies than MADDPG and the kitchen sinks."""
    found = []
    sides: list[tuple[str, Callable, bool]] = [
        ("predators (reward against fleeing prey)", _hunting, False),
        ("prey (contacts with greedy predators, fewer is better)", _fleeing, True),
    ]
    for env in (PURSUIT_3V1, PURSUIT_12V4):
        for other in (MADDPG, A3C, TRPO):
            for words, of, fewer in sides:
                claim = f"{env.rpartition('_')[2]}: DiMA-PG's {words} are better than {other}'s"
                both = (_side(results, env, family, of) for family in (DIMAPG, other))
                found.append(_ordered("Fig. 4", claim, *both, fewer))
    return found


def _hunting(results: Results, env: str, name: str) -> list[float]:
    pair = predator_prey.TRAINED, predator_prey.FLEEING
    return predator_prey.scores(results, results.of(env, name), *pair, predator_prey.REWARD)


def _fleeing(results: Results, env: str, name: str) -> list[float]:
    pair = predator_prey.GREEDY, predator_prey.TRAINED
    return predator_prey.scores(results, results.of(env, name), *pair, predator_prey.CONTACTS)


def _table_2(results: Results) -> list[Finding]:
    found = []
    for env, printed in paper.TABLE_2.items():
        n, name = env.rpartition("_")[2], main_learner(results, env)
        for words, value in printed.items():
            policy, measure = ROWS_2[words]
            ours = values(results.of(env, name), policy, measure) if name else []
            scale = FOOD if words == paper.FOOD_LEFT else abs(value)
            claim = f"N = {n}: {words.lower()} {number(value, 0)}"
            found.append(_compared("Table 2", claim, ours, value, scale))
    return found
