"""Fig. 4's numbers: predators and prey of every learner, beside scripted ones."""

from reproduction.report import predator_prey
from reproduction.report.names import learner, task
from reproduction.report.records import Results, RunRecord
from reproduction.report.table import PLUS_MINUS, Cell, Table, mean_and_spread, number
from reproduction.report.tables import BUDGET, SPREAD, budget, record, variant_notes

PAIRS = (
    (predator_prey.TRAINED, predator_prey.TRAINED, "own predators, own prey"),
    (predator_prey.GREEDY, predator_prey.TRAINED, "greedy predators, own prey"),
    (predator_prey.GREEDY, predator_prey.FLEEING, "greedy predators, fleeing prey"),
    (predator_prey.TRAINED, predator_prey.FLEEING, "own predators, fleeing prey"),
)


def figure_4(results: Results, env: str) -> Table:
    """Fig. 4's numbers: each learner's predators and prey, beside scripted ones."""
    contacts = [f"contacts: {players}" for *_, players in PAIRS]
    table = Table(f"Fig. 4, {task(env)}", ["learner", "reward a predator", *contacts, *BUDGET])
    for name in results.learners(env):
        runs = [r for r in results.runs_in(env, name) if _against_own_prey(results, r)]
        if runs:
            reward = [_against_own_prey(results, run)[predator_prey.REWARD] for run in runs]
            cells = [_contacts(results, env, runs, *pair[:2]) for pair in PAIRS]
            head = Cell(learner(name).title, record(runs))
            table.rows.append([head, mean_and_spread(reward), *cells, *budget(runs)])
    table.notes = [
        "Each learner's predators against the prey that it trained with, per episode: the reward "
        "of a predator, and contacts of all predators. Predators have learned to hunt where they "
        "make more contacts than greedy ones with the same prey; prey have learned to flee where "
        "greedy predators make no more contacts with them than with scripted fleeing prey. "
        + SPREAD,
        *variant_notes(results, env),
        "The paper shows bars and curves but prints no numbers for Fig. 4, and does not state the "
        "sizes of its rewards: what can be compared is the order of the learners.",
    ]
    return table


def _against_own_prey(results: Results, run: RunRecord) -> dict[str, float]:
    return predator_prey.match(results, run, predator_prey.TRAINED, predator_prey.TRAINED)


def _contacts(results: Results, env: str, runs: list[RunRecord], predators: str, prey: str) -> str:
    if predator_prey.TRAINED not in (predators, prey):
        return number(predator_prey.scripted(results, env, predators, prey, predator_prey.CONTACTS))
    return mean_and_spread(
        predator_prey.scores(results, runs, predators, prey, predator_prey.CONTACTS)
    )


def between(results: Results, env: str) -> Table:
    """Every learner's predators against every learner's prey: the reward of a predator."""
    table = Table(f"Cross-play, {task(env)}: reward of a predator", ["predators"])
    played = results.crossplay.get(env)
    if played is None:
        return table
    cells = predator_prey.between_learners(played, predator_prey.REWARD)
    predators, prey = predator_prey.sides(list(cells))
    table.columns = ["predators", *(f"{player(name)} prey" for name in prey)]
    for row in predators:
        texts = [mean_and_spread(cells.get((row, column), [])) for column in prey]
        table.rows.append([player(row), *texts])
    table.notes = [
        f"Learners in rows play predators, in columns prey; {played.episodes} episodes a pair of "
        "runs, the same for all. A cell is the mean over the seeds of the predators of their mean "
        f"over the seeds of the prey. {PLUS_MINUS} Scripted predators have none: with them it is "
        "over the seeds of the prey."
    ]
    return table


def player(name: str) -> str:
    """The name to show of a learner or a scripted player."""
    return name if predator_prey.is_scripted(name) else learner(name).title
