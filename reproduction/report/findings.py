"""What the paper says, claim by claim, and whether our runs agree."""

from collections.abc import Callable, Sequence

import numpy as np

from reproduction.learners import A3C, DIMAPG, FINE_TUNE, MADDPG, TRPO, Learner
from reproduction.report import gradients, paper, predator_prey
from reproduction.report.names import learner, size
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.scores import MINIMUM, main_learner
from reproduction.report.table import PLUS_MINUS, Table, number
from reproduction.report.tables import ROWS_2
from reproduction.report.verdicts import CRITERION, Finding, Side, alike, compared, ordered
from reproduction.tasks import NAVIGATION_3, NAVIGATION_10, PURSUIT_3V1, PURSUIT_12V4

FOOD = 160.0  # particles at the start, of which the share NEAR counts as none


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
    return Table(
        "What matches the paper", columns, rows, [f"{CRITERION} {PLUS_MINUS}"], text_columns=4
    )


def _learners_of_figure_3(results: Results) -> list[Finding]:
    """5.2.1: who performs better in Cooperative Navigation, by the worst agent per episode.

    The figure shows training, so this compares returns in training, at equal numbers of episodes.
    """
    claims = [
        (NAVIGATION_3, DIMAPG, MADDPG, "N = 3: MADDPG performs worse than DiMA-PG"),
        (NAVIGATION_3, DIMAPG, TRPO, "N = 3: TRPO-Kitchensink performs worse than DiMA-PG"),
        (NAVIGATION_3, A3C, TRPO, "N = 3: A3C-Kitchensink does well, TRPO-Kitchensink worse"),
        (NAVIGATION_3, A3C, MADDPG, "N = 3: A3C-Kitchensink does well, MADDPG worse"),
    ]
    claims += [
        (NAVIGATION_10, DIMAPG, other, f"N = 10: only DiMA-PG learns quickly, {other} does not")
        for other in (MADDPG, A3C, TRPO)
    ]
    return [
        ordered("Fig. 3", claim, *_while_learning(results, env, first, second))
        for env, first, second, claim in claims
    ]


def _side(
    results: Results, env: str, family: str, seed_scores: Callable, episodes: float = 0.0
) -> Side:
    """A family's default, or the variant that stands in for it.

    Args:
      episodes: if above 0 and other runs differ from the default in their episodes alone, those
        which are nearest to so many.
    """
    name = main_learner(results, env, family)
    if name is None:
        return Side(family, [], 0.0)
    if episodes:
        alike = [
            other for other in results.learners(env) if _trains_as(learner(other), learner(name))
        ]
        name = min(alike, key=lambda other: abs(np.log(_episodes(results, env, other) / episodes)))
    seeds = seed_scores(results, env, name)
    return Side(learner(name).title, seeds, _episodes(results, env, name))


def _trains_as(one: Learner, other: Learner) -> bool:
    """But for how long."""
    return one == other or (
        bool(one.flagfile)
        and (one.flagfile, one.overrides, one.workers)
        == (other.flagfile, other.overrides, other.workers)
    )


def _episodes(results: Results, env: str, name: str) -> float:
    """Of a learner's finished runs, in the mean."""
    episodes = [run.episodes for run in results.runs_in(env, name) if run.finished]
    return float(np.mean(episodes)) if episodes else 0.0


def _while_learning(results: Results, env: str, *families: str) -> list[Side]:
    """Both families' defaults at the largest number of episodes that all their runs have had."""
    runs_of: dict[str, list[RunRecord]] = {}
    for family in families:
        name = main_learner(results, env, family)
        runs = results.runs_in(env, name) if name else []
        runs_of[family] = [run for run in runs if run.finished and MINIMUM in run.curve]
    mark = min((run.episodes for runs in runs_of.values() for run in runs), default=0)
    return [
        Side(
            learner(runs[0].learner).title if runs else family,
            [gradients.at(run, mark, MINIMUM) for run in runs],
            mark,
        )
        for family, runs in runs_of.items()
    ]


def _minimum(results: Results, env: str, name: str, policy: str = "theta") -> list[float]:
    return values(results.runs_in(env, name), policy, MINIMUM)


def _table_1(results: Results) -> list[Finding]:
    findings = []
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
        findings += [
            compared("Table 1", f"{n}: {row_name.lower()} {number(printed[row_name], 2)}", ours,
                      printed[row_name], abs(printed[row_name]))
            for row_name, ours in rows
        ]  # fmt: skip
        claim = f"{n}: θ and θₙ yield almost similar results"
        findings.append(alike("Table 1", claim, theta.seeds, theta_n))
        claim = f"{n}: training one agent for all (fine tune) yields poor results"
        findings.append(ordered("Table 1", claim, theta, tuned))
    return findings


def _figure_4(results: Results) -> list[Finding]:
    """5.3: DiMA-PG learns better policies than MADDPG and the kitchen sinks.

    After training, so of DiMA-PG the runs whose episodes are nearest to the other's.
    """
    findings = []
    sides: list[tuple[str, Callable, bool]] = [
        ("predators (reward against fleeing prey)", _hunting, False),
        ("prey (contacts with greedy predators, fewer is better)", _fleeing, True),
    ]
    for env in (PURSUIT_3V1, PURSUIT_12V4):
        for other in (MADDPG, A3C, TRPO):
            for players, seed_scores, fewer in sides:
                claim = f"{env.rpartition('_')[2]}: DiMA-PG's {players} are better than {other}'s"
                theirs = _side(results, env, other, seed_scores)
                ours = _side(results, env, DIMAPG, seed_scores, theirs.episodes)
                findings.append(ordered("Fig. 4", claim, ours, theirs, fewer))
    return findings


def _hunting(results: Results, env: str, name: str) -> list[float]:
    pair = predator_prey.TRAINED, predator_prey.FLEEING
    return predator_prey.scores(results, results.runs_in(env, name), *pair, predator_prey.REWARD)


def _fleeing(results: Results, env: str, name: str) -> list[float]:
    pair = predator_prey.GREEDY, predator_prey.TRAINED
    return predator_prey.scores(results, results.runs_in(env, name), *pair, predator_prey.CONTACTS)


def _table_2(results: Results) -> list[Finding]:
    findings = []
    for env, printed in paper.TABLE_2.items():
        n, name = size(env), main_learner(results, env)
        for statistic, value in printed.items():
            policy, measure = ROWS_2[statistic]
            ours = values(results.runs_in(env, name), policy, measure) if name else []
            scale = FOOD if statistic == paper.FOOD_LEFT else abs(value)
            claim = f"N = {n}: {statistic.lower()} {number(value, 0)}"
            findings.append(compared("Table 2", claim, ours, value, scale))
    return findings
