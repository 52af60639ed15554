"""Evaluation of games that are played in worker processes, as in the paper's Table 2."""

from collections.abc import Mapping

from dimapg_tf import parallel_rollout
from dimapg_tf.envs.base import GameEnv
from dimapg_tf.experiment.metrics import three_returns
from dimapg_tf.parallel_rollout import Games
from dimapg_tf.types import Params


def evaluate_all(
    env: GameEnv, policies: Mapping[str, Mapping[str, Params]], seed: int, episodes: int
) -> dict[str, dict[str, float]]:
    """A row for each policy {population: θ}, then for each scripted player of the environment.

    A row has the three returns, and means over games of the game's own measures. Equal seeds start
    equal games, whoever plays.
    """
    rows = {
        name: _row(parallel_rollout.collect(env, thetas, seed, episodes))
        for name, thetas in policies.items()
    }
    for name, player in env.players.items():
        rows[name] = _row(parallel_rollout.collect_scripted(env, player, seed, episodes))
    return rows


def _row(games: Games) -> dict[str, float]:
    measures = {name: float(values.mean()) for name, values in games.measures.items()}
    return {**three_returns(games.returns), **measures}
