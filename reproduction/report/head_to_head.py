"""Predator-Prey, DiMA-PG against each other learner: the same duel from both sides.

A cross-play table says who is good against whom; here the two halves of each duel stand side by
side, with what they differ by and how sure that is.
"""

from collections.abc import Sequence

import numpy as np

from reproduction.learners import DIMAPG
from reproduction.report import predator_prey, statistics
from reproduction.report.crossplay_records import CrossPlay
from reproduction.report.names import learner, order, task
from reproduction.report.records import Results
from reproduction.report.table import NONE, Table, number, signed

NOTE = (
    "Each learner plays predators against the other's prey. Rewards per episode: of a predator, "
    "which is paid for contacts, and of the prey, which pays for contacts and for being outside "
    "the arena. A difference is DiMA-PG's reward minus the other's, in the mean over all pairs of "
    "runs; in brackets its 95 % interval over DiMA-PG's seeds (Student's t), the other's runs "
    "being what they are."
)


def both_rewards(
    played: CrossPlay, ours: Sequence[str], theirs: Sequence[str]
) -> dict[str, np.ndarray]:
    """{predators or prey: [seeds of ours, 2]}: our reward and theirs, means over their runs.

    Empty where a pair of runs did not meet on both sides.

    Args:
      ours, theirs: names of runs in the cross-play, as dimapg/seed_1.
    """
    found = {}
    for side, measure in (
        ("predators", predator_prey.REWARD),
        ("prey", predator_prey.PREY_REWARD),
    ):
        rows = []
        for run in ours:
            hunting = [played.pairs.get((run, other), {}) for other in theirs]
            hunted = [played.pairs.get((other, run), {}) for other in theirs]
            if not all(measure in row for row in (*hunting, *hunted)):
                return {}
            own, other = (hunting, hunted) if side == "predators" else (hunted, hunting)
            rows.append([np.mean([row[measure] for row in rows_of]) for rows_of in (own, other)])
        found[side] = np.array(rows)
    return found


def table(results: Results, env: str) -> Table:
    """A row for each of DiMA-PG's learners and each other one it played both sides against."""
    columns = [
        *("DiMA-PG", "the other", "own predators", "the other's", "difference"),
        *("own prey", "the other's", "difference", "seeds"),
    ]
    made = Table(f"Head to head, {task(env)}", columns, text_columns=2)
    played = results.crossplay.get(env)
    if played is None:
        return made
    runs: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for pair in played.pairs for name in pair):
        if not predator_prey.is_scripted(name):
            runs.setdefault(predator_prey.learner_of(name), []).append(name)
    ours = [name for name in sorted(runs, key=order) if learner(name).family == DIMAPG]
    others = [name for name in sorted(runs, key=order) if learner(name).family != DIMAPG]
    for name in ours:
        for other in others:
            found = both_rewards(played, runs[name], runs[other])
            if found:
                cells = [cell for side in ("predators", "prey") for cell in _cells(found[side])]
                seeds = f"{len(runs[name])}, {len(runs[other])}"
                made.rows.append([learner(name).title, learner(other).title, *cells, seeds])
    made.notes = [NOTE]
    return made


def _cells(rewards: np.ndarray) -> list[str]:
    """Ours, theirs, and the difference with its interval, of [seeds, 2]."""
    gaps = rewards[:, 0] - rewards[:, 1]
    interval = statistics.interval_of_mean(gaps)
    between = (
        f" ({signed(interval[0], 2)} to {signed(interval[1], 2)})" if interval else f" ({NONE})"
    )
    return [*(number(value, 2) for value in rewards.mean(axis=0)), signed(gaps.mean(), 2) + between]
