"""DiMA-PG after the paper's 400,000 episodes, beside the shorter runs of the same learners."""

from reproduction.report import records
from reproduction.report.names import learner
from reproduction.report.records import Results
from reproduction.report.scores import Score, all_scores
from reproduction.report.table import NONE, PLUS_MINUS, Cell, Table, mean_and_spread, span
from reproduction.report.tables import BUDGET, budget, evaluated, record

DIRECTORY = "paper"  # of these records, beside the tasks of the shorter ones
COMMAND = "./run_experiments.sh paper"


def table(results: Results) -> Table:
    """A row for each learner and measure that there are records of in the paper's length."""
    columns = ["task", "learner", "measure", "shorter", "episodes", "the paper's length", *BUDGET]
    table = Table("After 400,000 episodes, the paper's number", columns, text_columns=3)
    if not any((results.root / DIRECTORY).glob("*/*/seed_*")):
        return table
    longer = records.read(results.root / DIRECTORY)
    shorter = {score.title: score for score in all_scores(results)}
    for score in all_scores(longer):
        for name, seeds in score.seeds_by_learner.items():
            runs = evaluated(longer, score.env, name)
            table.rows.append(
                [
                    Cell(score.title, record(runs)),
                    *(learner(name).title, score.measure),
                    *_before(results, shorter.get(score.title), name),
                    *(mean_and_spread(seeds), *budget(runs)),
                ]
            )
    table.notes = [
        "The paper names one number of episodes: by 300,000 to 400,000, MADDPG and "
        f"TRPO-Kitchensink have converged at N = 3 (5.2.1). `{COMMAND}` makes these runs. "
        "Shorter: the same learner in the tables above. " + PLUS_MINUS
    ]
    return table


def _before(results: Results, score: Score | None, name: str) -> list[str]:
    """What a learner has reached in the shorter runs, and in how many episodes."""
    if score is None or name not in score.seeds_by_learner:
        return [NONE, NONE]
    runs = evaluated(results, score.env, name)
    return [mean_and_spread(score.seeds_by_learner[name]), span([run.episodes for run in runs])]
