"""The paper's tables from the records, the paper's numbers beside ours."""

from collections.abc import Sequence
from pathlib import Path

from dimapg_tf.experiment.config import NOT_WHAT_IS_LEARNED
from reproduction.learners import DIMAPG, FINE_TUNE
from reproduction.report import paper
from reproduction.report.names import learner, size, task
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.scores import reference
from reproduction.report.table import (
    NONE,
    PLUS_MINUS,
    Cell,
    Table,
    difference,
    mean_and_spread,
    number,
    signed,
    span,
)

BUDGET = ("seeds", "episodes", "minutes")
READINGS = ("min_return_per_episode", "min_mean_return", "return_mean")
RETURNS = ("worst agent, per episode", "worst agent's mean", "mean over agents")
UNEQUAL = 1.5  # times; seeds whose minutes differ by more had other work beside them
MINUTES = (
    "Minutes are of training one seed; the records do not say whether a run was "
    f"alone on its machine, so there are none where seeds differ by more than {UNEQUAL:g} times, "
    "nor where there is one seed."
)
SPREAD = f"{PLUS_MINUS} {MINUTES}"


def budget(runs: Sequence[RunRecord]) -> list[str]:
    """The cells of BUDGET."""
    if not runs:
        return ["0", NONE, NONE]
    return [
        str(len(runs)),
        span([run.episodes for run in runs]),
        minutes(runs),
    ]


def minutes(runs: Sequence[RunRecord]) -> str:
    """Of training one seed, where the seeds bear each other out; see MINUTES."""
    seed_minutes = [run.minutes for run in runs]
    if len(seed_minutes) < 2 or max(seed_minutes) > UNEQUAL * min(seed_minutes):
        return NONE
    return span(seed_minutes, 1)


def evaluated(results: Results, env: str, name: str) -> list[RunRecord]:
    """The runs of a learner that have ended and been evaluated."""
    return [run for run in results.runs_in(env, name) if run.evaluated]


def record(runs: Sequence[RunRecord]) -> Path:
    """Where the records of one learner's seeds are."""
    return runs[0].path if len(runs) == 1 else runs[0].path.parent


def of_family(results: Results, env: str, family: str) -> list[str]:
    """The directories of a family's learners that have been evaluated."""
    names = results.learners(env)
    return [n for n in names if learner(n).family == family and evaluated(results, env, n)]


# Of each row of Table 1 whose policies, and which of them.
ROWS_1 = {
    paper.USING_THETA: (DIMAPG, "theta"),
    paper.USING_THETA_N: (DIMAPG, "theta_n"),
    paper.FINE_TUNE: (FINE_TUNE, "theta"),
}


def table_1(results: Results) -> Table:
    """Table 1 in both readings of the minimum, and the mean."""
    columns = ["policy", "N", "paper", RETURNS[0], "difference", RETURNS[1], "difference"]
    table = Table("Table 1: minimum reward across all agents", [*columns, RETURNS[2], *BUDGET])
    for env, numbers in paper.TABLE_1.items():
        agents = size(env)
        for row_name, printed in numbers.items():
            family, policy = ROWS_1[row_name]
            names = of_family(results, env, family)
            for name in names:
                runs = [r for r in evaluated(results, env, name) if policy in r.evaluation]
                if runs:
                    variant = learner(name).variant
                    title = f"{row_name} ({variant})" if variant else row_name
                    cells = _readings(runs, policy, printed)
                    head = [Cell(title, record(runs)), agents, number(printed, 2)]
                    table.rows.append([*head, *cells, *budget(runs)])
            if not names:
                empty = [agents, number(printed, 2), *[NONE] * 5, *budget([])]
                table.rows.append([f"{row_name}: not run", *empty])
    table.notes = [
        "The paper's minimum over agents can be read in two ways: the mean over episodes of the "
        "worst agent's return, or the worst agent's mean return over episodes. " + SPREAD,
        "The paper does not state its rewards in full (sizes of the penalties, sum or mean over "
        "goals, radius of the agents), so these numbers compare only roughly.",
    ]
    return table


def _readings(runs: list[RunRecord], policy: str, printed: float) -> list[str]:
    """Both minima with their differences from the paper, and the mean."""
    per_episode, of_means, mean = (values(runs, policy, name) for name in READINGS)
    return [
        *(mean_and_spread(per_episode), difference(per_episode, printed)),
        *(mean_and_spread(of_means), difference(of_means, printed)),
        mean_and_spread(mean),
    ]


def variant_notes(results: Results, env: str) -> list[str]:
    """What sets a variant's flags apart from its family's default, by the records of both."""
    notes = []
    runs = {name: results.runs_in(env, name)[0] for name in results.learners(env)}
    for name, run in runs.items():
        _, family, variant, *_ = learner(name)
        default = next((r for n, r in runs.items() if learner(n)[1:3] == (family, "")), None)
        if variant and default and run.flags and default.flags:
            other = [
                f"--{flag}={value} instead of {default.flags.get(flag)}"
                for flag, value in run.flags.items()
                if flag not in ("seed", *NOT_WHAT_IS_LEARNED) and default.flags.get(flag) != value
            ]
            notes.append(f"{learner(name).title}: {', '.join(other) or 'the same flags'}.")
    return notes


def after_training(results: Results, env: str) -> Table:
    """All learners of Cooperative Navigation beside scripted play, on the same episodes."""
    measures = ("goals_covered", "collisions")
    columns = ["policy", *RETURNS, "goals covered", "collisions", *BUDGET]
    table = Table(f"{task(env)}: after training", columns)
    for name in results.learners(env):
        runs = evaluated(results, env, name)
        if runs:
            cells = [mean_and_spread(values(runs, "theta", m)) for m in (*READINGS, *measures)]
            head = Cell(learner(name).title, record(runs))
            table.rows.append([head, *cells, *budget(runs)])
    if table.rows:
        scripted = {
            "assignment": "Hungarian assignment",
            "nearest": "nearest goal",
            "random": "random play",
        }
        for policy, title in scripted.items():
            cells = [
                number(reference(results.runs_in(env), policy, name))
                for name in (*READINGS, *measures)
            ]
            table.rows.append([title, *cells, *[NONE] * 3])
    table.notes = [
        "Actions are drawn from the policy. Goals covered: with an agent nearer than 0.1 after the "
        "last step; collisions: pairs in contact, summed over the steps of an episode. " + SPREAD,
        *variant_notes(results, env),
    ]
    return table


ROWS_2 = {
    paper.FOOD_LEFT: ("theta", "food_left"),
    paper.SURVIVORS: ("theta", "survivors"),
    paper.AVERAGE: ("theta", "team_return"),
    paper.INITIAL: ("theta_initial", "team_return"),
}


def table_2(results: Results) -> Table:
    """Table 2: Survival after training, and the initial reward of its caption."""
    others = {"theta_greedy": "most probable actions", "random": "random play"}
    others["go_to_food"] = "scripted, go to food"
    columns = ["statistic", "N", "paper", "ours", "difference", *others.values(), *BUDGET]
    table = Table("Table 2: Survival after training", columns)
    for env, numbers in paper.TABLE_2.items():
        agents = size(env)
        names = of_family(results, env, DIMAPG)
        for statistic, printed in numbers.items():
            for name in names:
                runs = evaluated(results, env, name)
                table.rows.append([*_row_2(runs, statistic, name, agents, printed), *budget(runs)])
            if not names:
                empty = [NONE] * (2 + len(others))
                row = [f"{statistic}: not run", agents, number(printed, 0), *empty, *budget([])]
                table.rows.append(row)
    table.notes = [
        "Average reward: the sum over agents of a game, averaged over games, which is the reading "
        "under which the paper's initial rewards are those of random play. The difference is ours "
        "minus the paper's. " + SPREAD,
        *(note for env in paper.TABLE_2 for note in variant_notes(results, env)),
    ]
    return table


def _row_2(runs: list[RunRecord], statistic: str, name: str, agents: str, printed: float) -> list:
    policy, measure = ROWS_2[statistic]
    ours = values(runs, policy, measure)
    variant = learner(name).variant
    title = f"{statistic} ({variant})" if variant else statistic
    beside = [NONE] * 3
    if policy == "theta":
        beside = [
            mean_and_spread(values(runs, "theta_greedy", measure)),
            number(reference(runs, "random", measure)),
            number(reference(runs, "go_to_food", measure)),
        ]
    head = [Cell(title, record(runs)), agents, number(printed, 0)]
    return [*head, mean_and_spread(ours), difference(ours, printed), *beside]


def simple_spread(results: Results) -> Table:
    """Known ground, not in the paper: the library's simple_spread."""
    env = "simple_spread"
    columns = ["run", "mean return of an agent", "most probable actions", "in the unit of 2018"]
    table = Table(task(env), [*columns, "its most probable actions", "episodes"])
    for run in results.runs_in(env):
        if run.evaluated:
            mean, probable = (run.value(p, "return_mean") for p in ("theta", "theta_greedy"))
            returns = [signed(mean), signed(probable)]
            old = [number(_unit_of_2018(value), 0) for value in (mean, probable)]
            name = Cell(f"{learner(run.learner).title}, seed {run.seed}", run.path)
            table.rows.append([name, *returns, *old, number(run.episodes, 0)])
    return table


def _unit_of_2018(mean: float | None) -> float | None:
    """Printed by the code of 2018 for N = 3, T = 25: the sum over agents of all agents' rewards.

    Its reward is twice ours and counts each agent as colliding with itself: 2 N² m - N² T.
    """
    return None if mean is None else 2 * 9 * mean - 9 * 25
