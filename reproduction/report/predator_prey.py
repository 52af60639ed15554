"""Predator-Prey: who plays whom, from evaluations and from cross-play."""

from collections.abc import Sequence

import numpy as np

from reproduction.report.crossplay_records import CrossPlay
from reproduction.report.names import order
from reproduction.report.records import Results, RunRecord

TRAINED, GREEDY, RANDOM, FLEEING = "trained", "greedy", "random", "fleeing"
REWARD, PREY_REWARD, CONTACTS = "predators/return_mean", "prey/return_mean", "contacts"
SCRIPTED = ("random", "greedy", "intercepting", "fleeing")  # weakest first, on either side


def match(results: Results, run: RunRecord, predators: str, prey: str) -> dict[str, float]:
    """What a pair of a run's and scripted players scores: its evaluation, else the cross-play.

    {} where neither was played, or the run has not ended.
    """
    if not run.finished:
        return {}
    name = f"theta_against_{prey}_prey" if predators == TRAINED else None
    if prey == TRAINED:
        name = "theta" if predators == TRAINED else f"theta_against_{predators}_predators"
    if name in run.evaluation:
        return run.evaluation[name]
    played = results.crossplay.get(run.env)
    label = f"{run.learner}/seed_{run.seed}"
    pair = tuple(label if player == TRAINED else player for player in (predators, prey))
    return played.pairs.get(pair, {}) if played else {}


def scores(
    results: Results, runs: Sequence[RunRecord], predators: str, prey: str, measure: str
) -> list[float]:
    """One number for each seed for which this pair was played."""
    rows = [match(results, run, predators, prey) for run in runs]
    return [row[measure] for row in rows if measure in row]


def scripted(results: Results, env: str, predators: str, prey: str, measure: str) -> float | None:
    """What two scripted players score against each other, from the cross-play."""
    played = results.crossplay.get(env)
    return played.pairs.get((predators, prey), {}).get(measure) if played else None


def between_learners(played: CrossPlay, measure: str) -> dict[tuple[str, str], list[float]]:
    """{(predators, prey): one number for each seed of the predators}, learners in place of seeds.

    A number is the mean over the seeds of the prey. Scripted predators have no seeds: then there is
    one number for each seed of the prey.
    """
    table: dict[tuple[str, str], dict[str, list[float]]] = {}
    for (predators, prey), row in played.pairs.items():
        pair = learner_of(predators), learner_of(prey)
        unit = predators if "/" in predators else prey
        if measure in row:
            table.setdefault(pair, {}).setdefault(unit, []).append(row[measure])
    return {
        pair: [float(np.mean(values)) for values in units.values()]
        for pair, units in sorted(table.items(), key=lambda item: tuple(map(_place, item[0])))
    }


def learner_of(player: str) -> str:
    """`maddpg/seed_1` is maddpg; scripted players are themselves."""
    return player.partition("/")[0]


def sides(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Who is on either side, learners first, each family's default before its variants."""
    predators, prey = ({pair[side] for pair in pairs} for side in (0, 1))
    return sorted(predators, key=_place), sorted(prey, key=_place)


def is_scripted(player: str) -> bool:
    """Not a learner's."""
    return player in SCRIPTED


def _place(player: str) -> tuple:
    if is_scripted(player):
        return 1, SCRIPTED.index(player), ""
    return 0, 0, order(player)
