"""Survival by two readings of its rewards: do teams attack, as in the paper's Fig. 6?"""

from reproduction import tasks
from reproduction.learners import DIMAPG
from reproduction.report import paper
from reproduction.report.names import size
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.scores import reference
from reproduction.report.table import PLUS_MINUS, Cell, Table, mean_and_spread, number
from reproduction.report.tables import evaluated, of_family, record

# (task, the task of the paper's Table 2, how rewards are read)
READINGS = (
    (tasks.SURVIVAL_230, tasks.SURVIVAL_230, "hits on food pay"),
    (tasks.LITERAL_230, tasks.SURVIVAL_230, "to the letter"),
    (tasks.SURVIVAL_630, tasks.SURVIVAL_630, "hits on food pay"),
    (tasks.LITERAL_630, tasks.SURVIVAL_630, "to the letter"),
)
MEASURES = {
    "survivors": "survivors",
    "attacks": "attacks that hit an agent",
    "food_left": "food left",
    "steps": "steps",
    "team_return": "team return",
}


def table(results: Results) -> Table:
    """The recommended policies of both readings; no rows before the letter was run."""
    columns = ["N", "rewards", *MEASURES.values(), "paper's survivors", "random play", "seeds"]
    table = Table("Survival, App. C.3 to the letter", columns, text_columns=2)
    if not any(results.runs_in(env) for env in (tasks.LITERAL_230, tasks.LITERAL_630)):
        return table
    for env, of_paper, reading in READINGS:
        for name in of_family(results, env, DIMAPG)[:1]:
            runs = evaluated(results, env, name)
            table.rows.append([size(env), Cell(reading, record(runs)), *_cells(of_paper, runs)])
    table.notes = [
        "Per game, in 100 games; actions are drawn from the policy. To the letter: an attack costs "
        "0.1 only where it hits an agent, and a hit on food that is not the last earns nothing; "
        "each further agent that hits the same one in the same step earns them 1. Random play: its "
        f"team return. {PLUS_MINUS}"
    ]
    return table


def _cells(of_paper: str, runs: list[RunRecord]) -> list[str]:
    ours = [mean_and_spread(values(runs, "theta", measure)) for measure in MEASURES]
    printed = number(paper.TABLE_2[of_paper][paper.SURVIVORS], 0)
    return [*ours, printed, number(reference(runs, "random", "team_return"), 0), str(len(runs))]
