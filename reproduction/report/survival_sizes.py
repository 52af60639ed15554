"""Survival's policies, played by another number of agents than they were learned with."""

from collections.abc import Sequence

from reproduction.learners import DIMAPG
from reproduction.report import paper
from reproduction.report.names import learner, size
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.table import NONE, PLUS_MINUS, Cell, Table, mean_and_spread, number
from reproduction.report.tables import ROWS_2, evaluated, of_family, record

SCRIPTED = {"random": "random play", "go_to_food": "scripted, go to food"}


def table(results: Results) -> Table:
    """Table 2 of policies that a team of another size has learned."""
    columns = ["statistic", "N", "learned with", "ours", "learned with as many", "paper"]
    table = Table("Survival across sizes", [*columns, *SCRIPTED.values(), "seeds"])
    for env in paper.TABLE_2:
        for name in of_family(results, env, DIMAPG):
            moved = [run for run in evaluated(results, env, name) if run.elsewhere]
            for agents in sorted({agents for run in moved for agents in run.elsewhere}):
                table.rows += _rows(results, moved, size(env), agents)
    table.notes = [
        "A policy is played as it is by the other number of agents, who start in a square as large "
        "as that number's own. " + PLUS_MINUS
    ]
    return table


def _rows(results: Results, moved: Sequence[RunRecord], home: str, agents: int) -> list[list]:
    """The statistics of policies that were learned with `home` agents."""
    there = next((env for env in paper.TABLE_2 if size(env) == str(agents)), None)
    native = [run for run in results.runs_in(there) if not learner(run.learner).variant]
    rows = []
    for statistic, (policy, measure) in ROWS_2.items():
        if policy == "theta":
            ours = _elsewhere(moved, agents, policy, measure)
            expected = values(native, policy, measure)
            printed = paper.TABLE_2[there][statistic] if there else None
            rows.append(
                [
                    *(Cell(statistic, record(list(moved))), f"{agents:,}", home),
                    mean_and_spread(ours),
                    mean_and_spread(expected) if expected else NONE,
                    number(printed, 0),
                    *(number(_first(_elsewhere(moved, agents, p, measure))) for p in SCRIPTED),
                    str(len(ours)),
                ]
            )
    return rows


def _elsewhere(runs: Sequence[RunRecord], agents: int, policy: str, measure: str) -> list[float]:
    found = [run.elsewhere.get(agents, {}).get(policy, {}).get(measure) for run in runs]
    return [value for value in found if value is not None]


def _first(found: Sequence[float]) -> float | None:
    return found[0] if found else None
