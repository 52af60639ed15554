"""Numbers for the README that are not in the paper, each beside what to compare it with."""

from collections.abc import Sequence

import numpy as np

from reproduction.learners import DIMAPG
from reproduction.report import ablation, names, predator_prey, scores, statistics
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.sections import wrapped
from reproduction.report.table import Table, number
from reproduction.tasks import (
    ABLATION,
    NEAR_3,
    NEAR_10,
    PURSUIT_3V1,
)

NOTE = (
    "Means over seeds, in brackets 95 % intervals (Student's t over seeds); one seed has none. "
    "[All results](docs/results.md)."
)
PLAIN, OURS = "plain", "first_order_advantage"


def section(results: Results) -> str:
    """The table and its note, in Markdown; what was not run is left out."""
    columns = ["task", "measure", "DiMA-PG here", "to compare with"]
    table = Table("", columns, text_columns=2)
    for env in (NEAR_3, NEAR_10):
        table.rows += _near(results, env)
    table.rows += [*_pursuit(results), *_ablation(results)]
    return f"{table.markdown(results.root)}\n{wrapped(NOTE)}"


def _near(results: Results, env: str) -> list[list[str]]:
    """The recommended values where agents see near things finely; the paper has no such task."""
    runs, rows = _runs(results, env), []
    measures = ((scores.MINIMUM, "return of the worst agent"), ("goals_covered", "goals covered"))
    for column, measure in measures:
        score = scores.reference(results.runs_in(env), "assignment", column)
        beside = f"Hungarian assignment {number(score)}"
        rows += _row(runs, measure, values(runs, "theta", column), beside)
    return rows


def _pursuit(results: Results) -> list[list[str]]:
    env, players = PURSUIT_3V1, (predator_prey.TRAINED, predator_prey.FLEEING)
    runs = _runs(results, env)
    seeds = predator_prey.scores(results, runs, *players, predator_prey.CONTACTS)
    greedy = predator_prey.scripted(
        results, env, predator_prey.GREEDY, predator_prey.FLEEING, predator_prey.CONTACTS
    )
    measure = "contacts of its predators with scripted fleeing prey"
    return _row(runs, measure, seeds, f"greedy predators {number(greedy)}")


def _ablation(results: Results) -> list[list[str]]:
    """The default gradient beside one that does not adapt, on equal numbers of episodes."""
    variants = ablation.variants(results)
    if not {PLAIN, OURS} <= variants.keys():
        return []
    ours, plain = (ablation.ends(variants[name], scores.MINIMUM) for name in (OURS, PLAIN))
    measure = "return of the worst agent at the end of training"
    return _row(variants[OURS], measure, ours, f"plain parameter sharing {_mean(plain)}")


def _runs(results: Results, env: str) -> list[RunRecord]:
    name = scores.main_learner(results, env, DIMAPG)
    return [run for run in results.runs_in(env, name) if run.finished] if name else []


def _row(
    runs: Sequence[RunRecord], measure: str, seeds: Sequence[float], beside: str
) -> list[list[str]]:
    """A row, or none without seeds."""
    if not len(seeds):
        return []
    variant = names.learner(runs[0].learner).variant
    who = [variant] if variant and runs[0].env != ABLATION else []
    head = ", ".join(
        [names.task(runs[0].env), *who, f"{max(run.episodes for run in runs):,} episodes"]
    )
    return [[head, measure, _mean(seeds), beside]]


def _mean(seeds: Sequence[float]) -> str:
    """ "−13.2 (−14.7 to −11.7; seeds: 3)"."""
    interval = statistics.interval_of_mean(seeds)
    ends = "" if interval is None else f"{' to '.join(number(end) for end in interval)}; "
    return f"{number(float(np.mean(seeds)))} ({ends}seeds: {len(seeds)})"
