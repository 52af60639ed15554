"""Learning in large teams: curves, and when they reach what a small team's policy does there."""

from collections.abc import Sequence

import numpy as np

from reproduction import tasks
from reproduction.report import curves, names, scale, speeds
from reproduction.report.charts import Chart
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.scores import MEAN, reference
from reproduction.report.table import NONE, PLUS_MINUS, Cell, Table, mean_and_spread, number, span
from reproduction.report.tables import evaluated, record

SIZES = (tasks.NEAR_30, tasks.NEAR_100, tasks.NEAR_300)
LABEL = "mean return of an agent"
# Of the way from random play to what is carried over. While they train, policies act a little at
# random, and so stay a little below it.
NEARLY = 0.98


def carried_over(results: Results, env: str) -> float | None:
    """The mean return in a task of the policies that were learned with 10 agents, as they are."""
    runs = scale.moved(results)
    found = scale.seeds(runs, int(names.size(env)), "theta", MEAN)
    return float(np.mean(found)) if found else None


def nearly(results: Results, env: str) -> float | None:
    """The mean return that is as good as `carried_over` but for a fiftieth of its gain."""
    best, random = carried_over(results, env), reference(results.runs_in(env), "random", MEAN)
    return None if best is None or random is None else random + NEARLY * (best - random)


def minutes_to(results: Results, run: RunRecord, level: float) -> float | None:
    """The first moment at which the mean of the last 15 % of a run's minutes is that high.

    None if it never is, or where there are no minutes.
    """
    spent, returns = speeds.minutes(results, run), run.curve.get(MEAN)
    if spent is None or returns is None:
        return None
    there = np.isfinite(returns)
    reached = curves.smoothed(spent[there], returns[there], spent[there]) >= level
    return float(spent[there][np.argmax(reached)]) if reached.any() else None


def chart(results: Results) -> Chart:
    """A panel for each size: what its learners learn over minutes."""
    panels = []
    for env in SIZES:
        lines = {
            f"learned with {scale.AT_HOME}": carried_over(results, env),
            "assignment": reference(results.runs_in(env), "assignment", MEAN),
            "nearest goal": reference(results.runs_in(env), "nearest", MEAN),
        }
        name, title = f"crowds_{names.size(env)}", f"{names.size(env)} agents"
        panel = curves.panel(results, env, name, _mean, LABEL, lines, title, curves.MINUTES)
        panels.append(panel)
    caption = (
        "Learning in large teams. Thin lines are seeds, thick ones their means. Dotted: the "
        f"policies that were learned with {scale.AT_HOME} agents, played there as they are, and "
        f"scripted play. {speeds.explanation(results)}"
    )
    return Chart("crowds", caption, panels)


def _mean(run: RunRecord) -> np.ndarray | None:
    return run.curve.get(MEAN)


def there(results: Results) -> bool:
    """Whether anybody learned in a large team."""
    return any(results.runs_in(env) for env in SIZES)


def table(results: Results) -> Table:
    """A row for each size and learner."""
    columns = ["agents", "learner", "episodes", "minutes", "normalised return"]
    title = "Learned in large teams"
    last = f"minutes to {NEARLY} of what those learned with {scale.AT_HOME} have"
    table = Table(title, [*columns, "goals covered, %", last, "seeds"], text_columns=2)
    for env in SIZES:
        level = nearly(results, env)
        for name in results.learners(env):
            if runs := evaluated(results, env, name):
                table.rows.append([names.size(env), *_cells(results, name, runs, level)])
    table.notes = [
        "Normalised return: 0 is random play and 1 the Hungarian assignment. The last but one "
        f"column: when the mean return of the last {curves.LAST:.0%} of the minutes, while "
        f"training, has come {NEARLY} of the way from random play to what the policies that were "
        f"learned with {scale.AT_HOME} agents have there; of how many seeds, where it is not all. "
        f"{PLUS_MINUS} {speeds.explanation(results).strip()}"
    ]
    return table


def _cells(
    results: Results, name: str, runs: Sequence[RunRecord], level: float | None
) -> list[Cell | str]:
    ends = [spent[-1] for run in runs if (spent := speeds.minutes(results, run)) is not None]
    covered = [100 * share for share in values(runs, "theta", scale.COVERED)]
    return [
        Cell(names.learner(name).title, record(runs)),
        span([run.episodes for run in runs]),
        span(ends, 1),
        mean_and_spread(values(runs, "theta", scale.NORMALISED), 2),
        mean_and_spread(covered, 0),
        _reached(results, runs, level),
        str(len(runs)),
    ]


def _reached(results: Results, runs: Sequence[RunRecord], level: float | None) -> str:
    """The mean over the seeds that reach it; "never" if none does."""
    if level is None or any(speeds.minutes(results, run) is None for run in runs):
        return NONE
    found = [minutes_to(results, run, level) for run in runs]
    reached = [minutes for minutes in found if minutes is not None]
    if not reached:
        return "never"
    text = number(float(np.mean(reached)), 1)
    return text if len(reached) == len(runs) else f"{text}; {len(reached)} of {len(runs)} seeds"
