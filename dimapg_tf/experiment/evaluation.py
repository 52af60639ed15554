"""Evaluation: any policy on the same episodes, in the three readings of the return."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from dimapg_tf import rollout
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment.metrics import three_returns
from dimapg_tf.experiment.scripted import Choose
from dimapg_tf.types import Params


def evaluate_thetas(
    env: Env, thetas: Mapping[str, Params], seed: int, episodes: int
) -> dict[str, float]:
    """Play with parameters, one θ a population or a stack of one for each agent.

    Returns:
      The three returns and the task's own measures, means over episodes. Equal seeds play equal
      episodes, whatever the policy.
    """
    collected, states = rollout.collect(
        env, thetas, seed, episodes, record_states=env.spec.compiled
    )
    returns = {
        name: np.sum(np.asarray(t.rewards) * np.asarray(t.alive), axis=2)
        for name, t in collected.items()
    }
    return _row(env, returns, states)


def evaluate_scripted(env: Env, choose: Choose, seed: int, episodes: int) -> dict[str, float]:
    """The same for a scripted policy that all populations follow."""
    return evaluate_match(env, dict.fromkeys(env.spec.populations, choose), seed, episodes)


def evaluate_match(
    env: Env, choose_of: Mapping[str, Choose], seed: int, episodes: int
) -> dict[str, float]:
    """The same for any policies against one another: {population: who decides for it}.

    Scripted policies and what `Policy.start(episodes)` returns can be mixed as one likes.
    """
    returns = dict.fromkeys(env.spec.populations, 0.0)
    states = []

    def step(name, observations, state, noise):
        return choose_of[name](name, observations, state, noise), None

    for _, rewards, alive, state in rollout.host_steps(env, step, seed, episodes):
        states.append(state)
        for name, reward in rewards.items():
            returns[name] = returns[name] + (reward * alive[name]).T
    stacked = None
    if env.spec.compiled:
        stacked = tf.nest.map_structure(lambda *v: np.stack(v), *states)
    return _row(env, returns, stacked)


def _row(env: Env, returns: Mapping[str, np.ndarray], states: Any) -> dict[str, float]:
    row = three_returns(returns)
    if states is not None:
        row.update({name: float(v.mean()) for name, v in env.measures(states).items()})
    return row


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


def aligned(cells: list[list[str]]) -> str:
    """Rows of cells as text: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in cells
    )
