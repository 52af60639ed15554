"""The paper's figures and tables for the README: pictures, and what is in print beside ours."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from reproduction.learners import DIMAPG
from reproduction.report import paper
from reproduction.report.names import learner, size
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.scores import MINIMUM
from reproduction.report.sections import wrapped
from reproduction.report.table import PLUS_MINUS, Table, mean_and_spread, number
from reproduction.report.tables import ROWS_1, ROWS_2, evaluated, of_family

LETTER = "to the letter"
FIGURES = (
    "![Fig. 3: the return of the worst agent over episodes and over minutes, with 3 and 10 agents]"
    "(docs/fig3.png)\n"
    "![Fig. 4: rewards of predators and prey, and learning over episodes and minutes]"
    "(docs/fig4.png)\n"
)


def section(results: Results) -> str:
    """Fig. 3 and 4, then Tables 1 and 2."""
    note = (
        f"Table 1: the return of the worst agent in each episode. {PLUS_MINUS} A dash: not run. "
        "[All tables](docs/results.md)."
    )
    tables = [table.markdown(results.root) for table in (table_1(results), table_2(results))]
    return "\n".join([FIGURES, *tables, wrapped(note)])


def table_1(results: Results) -> Table:
    """Rows of Table 1; Fine tune has no variants."""

    def found(env: str, row: str) -> list[str]:
        family, policy = ROWS_1[row]
        return [mean_and_spread(values(r, policy, MINIMUM)) for r in _two(results, env, family)]

    return _table("Table 1", paper.TABLE_1, 2, found)


def table_2(results: Results) -> Table:
    """Rows of Table 2."""

    def found(env: str, row: str) -> list[str]:
        return [mean_and_spread(values(r, *ROWS_2[row])) for r in _two(results, env, DIMAPG)]

    return _table("Table 2", paper.TABLE_2, 0, found)


def _table(
    title: str,
    printed: Mapping[str, Mapping[str, float]],
    digits: int,
    found: Callable[[str, str], list[str]],
) -> Table:
    """The paper's numbers and ours, of one size beside those of the other.

    printed: {environment: {row: number}}; found: of an environment and a row, the cells for what we
    recommend and for the letter.
    """
    columns = [title]
    for env in printed:
        columns += [f"paper, N = {size(env)}", "here", LETTER]
    table = Table("", columns)
    for row in next(iter(printed.values())):
        cells = [[number(printed[env][row], digits), *found(env, row)] for env in printed]
        table.rows.append([row, *chain.from_iterable(cells)])
    return table


def _two(results: Results, env: str, family: str) -> list[Sequence[RunRecord]]:
    """The seeds of a family's default and those of its letter."""
    by_variant = {
        learner(name).variant: evaluated(results, env, name)
        for name in of_family(results, env, family)
    }
    return [by_variant.get(variant, []) for variant in ("", LETTER)]
