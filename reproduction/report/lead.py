"""How far DiMA-PG is ahead of each baseline at every equal number of episodes, and of minutes."""

from itertools import product

import numpy as np

from reproduction.learners import DIMAPG
from reproduction.report import curves, names, speeds
from reproduction.report.records import Results
from reproduction.report.scores import MINIMUM, main_learner
from reproduction.report.table import NONE, Table, number, signed
from reproduction.tasks import NEAR_3, NEAR_10, NEAR_30, NEAR_100

PERCEPTRON = "dimapg_perceptron"  # the same learner with the network of the baselines
FIRST = 1_000  # of our episodes: from then on the two are compared
MARKS = 200
NOTE = (
    f"Of training returns of the worst agent, means over the last {curves.LAST:.0%} of the "
    f"episodes or minutes before each of {MARKS} moments, from DiMA-PG's {FIRST:,}th episode to "
    "the end of the shorter runs; then means over seeds. "
)


def _curves(results: Results, env: str, learner: str, over: str) -> list[tuple]:
    """(episodes, episodes or minutes, values) of each seed that has ended, where measured."""
    found = []
    for run in results.runs_in(env, learner):
        if run.finished and MINIMUM in run.curve:
            episodes, values = run.curve["episodes"], run.curve[MINIMUM]
            spent = episodes if over == curves.EPISODES else speeds.minutes(results, run)
            measured = np.isfinite(values)
            if spent is not None and measured.any():
                found.append((episodes[measured], spent[measured], values[measured]))
    return found


def leads(
    results: Results, env: str, leader: str, other: str, over: str
) -> tuple[np.ndarray, np.ndarray] | None:
    """Moments, and by how much the one learner's return is above the other's; None without runs."""
    ours, theirs = (_curves(results, env, learner, over) for learner in (leader, other))
    if not ours or not theirs:
        return None
    episodes, spent, _ = ours[0]
    start = FIRST * spent[-1] / episodes[-1]
    end = min(spent[-1] for _, spent, _ in (*ours, *theirs))
    marks = np.geomspace(start, max(start, end), MARKS)
    means = [
        np.mean([curves.smoothed(spent, values, marks) for _, spent, values in runs], axis=0)
        for runs in (ours, theirs)
    ]
    difference = means[0] - means[1]
    there = np.isfinite(difference)
    return (marks[there], difference[there]) if there.any() else None


def table(results: Results) -> Table:
    """A row for each task, policy and baseline: the smallest lead by episodes and by minutes."""
    columns = ["N", "ahead", "beside", "episodes", "smallest lead", "minutes", "smallest lead"]
    table = Table(
        "Near things finely: DiMA-PG ahead at equal episodes, and at equal minutes",
        columns,
        text_columns=3,
    )
    for env in (NEAR_3, NEAR_10, NEAR_30, NEAR_100):
        there = results.learners(env)
        others = [name for name in there if names.learner(name).family != DIMAPG]
        ours = dict.fromkeys((main_learner(results, env, DIMAPG), PERCEPTRON))
        for leader, other in product((name for name in ours if name in there), others):
            cells = []
            for over, digits in ((curves.EPISODES, 0), (curves.MINUTES, 2)):
                found = leads(results, env, leader, other, over)
                cells += [NONE, NONE] if found is None else _cells(*found, digits)
            titles = [names.learner(name).title for name in (leader, other)]
            table.rows.append([names.size(env), *titles, *cells])
    if table.rows:
        table.notes = [NOTE + speeds.explanation(results).strip()]
    return table


def _cells(marks: np.ndarray, lead: np.ndarray, digits: int) -> list[str]:
    least = int(np.argmin(lead))
    span = f"{number(marks[0], digits)} to {number(marks[-1], digits)}"
    return [span, f"{signed(float(lead[least]))} at {number(marks[least], digits)}"]
