"""Evaluation: any policy on the same episodes, in the three readings of the return."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dimapg_tf.envs.base import Env
from dimapg_tf.experiment.columns import aligned
from dimapg_tf.experiment.metrics import three_returns
from dimapg_tf.rollouts.collect import collect, collect_scripted
from dimapg_tf.types import Params


def evaluate_thetas(
    env: Env, thetas: Mapping[str, Params], seed: int, episodes: int
) -> dict[str, float]:
    """Play with parameters, one θ a population or a stack of one for each agent.

    Returns:
      The three returns and the task's own measures, means over episodes. Equal seeds play equal
      episodes, whatever the policy.
    """
    collected = collect(env, thetas, seed, episodes, record_states=env.spec.compiled)
    return _row(collected.returns, collected.measures)


def evaluate_player(env: Env, player: Any, seed: int, episodes: int) -> dict[str, float]:
    """The same for a player of `base.Env` that all populations follow."""
    return evaluate_match(env, dict.fromkeys(env.spec.populations, player), seed, episodes)


def evaluate_match(
    env: Env, players: Mapping[str, Any], seed: int, episodes: int
) -> dict[str, float]:
    """The same for any players against one another: {population: who decides for it}.

    Scripted players and what `Policy.player(episodes)` returns can be mixed as one likes.
    """
    return _row(*collect_scripted(env, players, seed, episodes))


def _row(returns: Mapping[str, np.ndarray], measures: Mapping[str, np.ndarray]) -> dict[str, float]:
    means = {name: float(values.mean()) for name, values in measures.items()}
    return {**three_returns(returns), **means}


def normalise(env: Env, rows: Mapping[str, dict[str, float]]) -> None:
    """Add each row's normalised mean return: 0 is random play, 1 the scripted `env.reference`.

    So tasks of other sizes can be compared. Without a reference nothing is added.
    """
    reference = getattr(env, "reference", None)
    if reference is None:
        return
    none, all_of_it = (rows[name]["return_mean"] for name in ("random", reference))
    if none == all_of_it:
        return
    for row in rows.values():
        row["normalised_return"] = (row["return_mean"] - none) / (all_of_it - none)


TITLES = {
    "return_mean": "mean",
    "min_return_per_episode": "worst agent, per episode",
    "min_mean_return": "worst agent's mean",
}


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """The rows as text in columns, one line for each policy.

    Of two populations or more, only the mean return of each is shown.
    """
    columns = list(next(iter(rows.values())))
    if any("/" in name for name in columns):
        means = [name for name in columns if name.endswith("/return_mean")]
        columns = means + [name for name in columns if name.rpartition("/")[2] not in TITLES]
    cells = [["policy", *map(_title, columns)]]
    cells += [[name, *(f"{row[column]:.2f}" for column in columns)] for name, row in rows.items()]
    return aligned(cells)


def _title(column: str) -> str:
    population, _, name = column.rpartition("/")
    return f"{population} {TITLES.get(name, name)}".strip().replace("_", " ")
