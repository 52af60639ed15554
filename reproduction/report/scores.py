"""One score a task, by which learners are compared, between random and scripted play."""

from dataclasses import dataclass

import numpy as np

from reproduction.learners import DIMAPG
from reproduction.report import predator_prey, statistics
from reproduction.report.names import foremost, learner, task
from reproduction.report.records import Results, RunRecord, values
from reproduction.tasks import (
    NAVIGATION_3,
    NAVIGATION_10,
    NEAR_3,
    NEAR_10,
    PURSUIT_3V1,
    PURSUIT_12V4,
    SPREAD,
    SURVIVAL_230,
    SURVIVAL_630,
)

MINIMUM, MEAN, TEAM = "min_return_per_episode", "return_mean", "team_return"


@dataclass
class Score:
    """One task's measure.

    seeds_by_learner: {learner: one number for each seed}, higher is better; random, scripted:
    references.
    """

    title: str
    env: str
    measure: str
    seeds_by_learner: dict[str, list[float]]
    random: float | None
    scripted: float | None

    def normalised(self, name: str) -> np.ndarray | None:
        """Of a learner's seeds, 0 for random and 1 for scripted play; None without references."""
        if self.random is None or self.scripted is None or self.random == self.scripted:
            return None
        return statistics.normalised(self.seeds_by_learner[name], self.random, self.scripted)


def all_scores(results: Results) -> list[Score]:
    """Of every task that at least one evaluated run is there of, in the paper's order."""
    scores = [
        _alone(results, NAVIGATION_3, MINIMUM, "assignment"),
        _alone(results, NAVIGATION_10, MINIMUM, "assignment"),
        _alone(results, NEAR_3, MINIMUM, "assignment"),
        _alone(results, NEAR_10, MINIMUM, "assignment"),
        *_pursuit(results, PURSUIT_3V1),
        *_pursuit(results, PURSUIT_12V4),
        _alone(results, SURVIVAL_230, TEAM, "go_to_food"),
        _alone(results, SURVIVAL_630, TEAM, "go_to_food"),
        _alone(results, SPREAD, MEAN, "assignment"),
    ]
    return [score for score in scores if score.seeds_by_learner]


MEASURES = {
    MINIMUM: "worst agent's return, mean over episodes",
    MEAN: "mean return of an agent",
    TEAM: "team return",
}


def _alone(results: Results, env: str, measure: str, scripted: str) -> Score:
    """A task of one population: what its own evaluations say."""
    seeds_by_learner = {
        name: values(results.runs_in(env, name), "theta", measure) for name in results.learners(env)
    }
    references = [reference(results.runs_in(env), name, measure) for name in ("random", scripted)]
    kept = {name: seeds for name, seeds in seeds_by_learner.items() if seeds}
    return Score(task(env), env, MEASURES[measure], kept, *references)


def _pursuit(results: Results, env: str) -> list[Score]:
    """Predators against the same fleeing prey, prey against the same greedy predators."""
    sides = (
        ("predators", (predator_prey.TRAINED, predator_prey.FLEEING), predator_prey.REWARD),
        ("prey", (predator_prey.GREEDY, predator_prey.TRAINED), predator_prey.PREY_REWARD),
    )
    scores = []
    for side, players, measure in sides:
        seeds_by_learner = {
            name: predator_prey.scores(results, results.runs_in(env, name), *players, measure)
            for name in results.learners(env)
        }
        random = predator_prey.scripted(
            results, env, *_with(players, predator_prey.RANDOM), measure
        )
        strong = predator_prey.GREEDY if side == "predators" else predator_prey.FLEEING
        scripted = predator_prey.scripted(results, env, *_with(players, strong), measure)
        opponent = "fleeing prey" if side == "predators" else "greedy predators"
        kept = {name: seeds for name, seeds in seeds_by_learner.items() if seeds}
        measure_text = (
            f"{'reward a predator' if side == 'predators' else 'reward of a prey'}, {opponent}"
        )
        scores.append(Score(f"{task(env)}: {side}", env, measure_text, kept, random, scripted))
    return scores


def _with(players: tuple[str, str], name: str) -> tuple[str, ...]:
    return tuple(name if player == predator_prey.TRAINED else player for player in players)


def reference(runs: list[RunRecord], policy: str, measure: str) -> float | None:
    """What a scripted policy scores: of the first run that was evaluated with the most episodes."""
    rows = [
        (run.eval_episodes or 0, run.value(policy, measure))
        for run in runs
        if run.value(policy, measure) is not None
    ]
    return max(rows, key=lambda row: row[0])[1] if rows else None


def main_learner(results: Results, env: str, family: str = DIMAPG) -> str | None:
    """The directory of a family's default in a task, or of its first variant in the plan."""
    of_family = [name for name in results.learners(env) if learner(name).family == family]
    return next(iter(foremost(of_family)), None)
