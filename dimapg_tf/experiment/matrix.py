"""Cross-play: everybody who can play one population against everybody who can play the other."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf
import tqdm

from dimapg_tf.envs.base import Choose, Env
from dimapg_tf.experiment import evaluation
from dimapg_tf.experiment.policies import Policy
from dimapg_tf.types import ConfigurationError

# Settings that say what an agent sees: policies that were trained with others play together, and
# each sees the world as it did in training.
SEEN = ("observation_order", "observed_neighbours", "observation_squash", "reward")
# Settings that say what an agent is paid: one run's are paid to all. `reward` is in both lists, for
# the library's comes with an observation of its own.
PAID = ("reward", "team_reward", "contact_reward", "contact_penalty", "boundary_penalty")


class Contestant(NamedTuple):
    """Who plays a population: `player(num_worlds)` plays new episodes, as `Policy.player` does."""

    name: str
    player: Callable[[int], Choose]


def whose_rewards(runs: Mapping[str, Policy], rewards_of: str | None = None) -> str:
    """The run in whose environment, and so for whose rewards, all play.

    Args:
      rewards_of: its name; None where all runs were paid alike, which is then the first of them.

    Raises:
      ConfigurationError: there is no such run, or none was named and they were paid differently.
    """
    if rewards_of is not None:
        if rewards_of not in runs:
            raise ConfigurationError(
                f"rewards_of = {rewards_of!r}: must be one of the runs, {', '.join(runs)}"
            )
        return rewards_of
    first, *others = runs
    for other in others:
        here, there = runs[first].env.settings, runs[other].env.settings
        for name in PAID:  # that they play the same game at all is checked by `contestants`
            if here.get(name) != there.get(name):
                raise ConfigurationError(
                    f"{name} = {here.get(name)!r} in {first}, {there.get(name)!r} in {other}: runs "
                    "were paid differently; --rewards_of=RUN says whose rewards are paid here"
                )
    return first


def contestants(env: Env, runs: Mapping[str, Policy]) -> dict[str, list[Contestant]]:
    """Who can play each population of `env`: the policies of the runs, then the scripted ones.

    Raises:
      ConfigurationError: a run was trained in another world.
    """
    trained = [
        Contestant(name, _seeing_as_in_training(env, policy)) for name, policy in runs.items()
    ]
    return {
        population: trained
        + [Contestant(name, lambda _, c=choose: c) for name, choose in by_name.items()]
        for population, by_name in env.players_of.items()
    }


def play_all(
    env: Env, by_population: Mapping[str, list[Contestant]], seed: int, episodes: int
) -> dict[tuple[str, str], dict[str, float]]:
    """Every pair on the same episodes: {(name of the first, of the second): returns, measures}.

    The rows are those of `evaluation.evaluate_match`, in the rewards of `env`. A terminal sees a
    progress bar: of many runs it takes minutes.
    """
    (first, rows), (second, columns) = by_population.items()
    pairs = [(row, column) for row in rows for column in columns]
    return {
        (row.name, column.name): evaluation.evaluate_match(
            env, {first: row.player(episodes), second: column.player(episodes)}, seed, episodes
        )
        for row, column in tqdm.tqdm(pairs, unit="pair", disable=None, dynamic_ncols=True)
    }


def labels(paths: list[str]) -> list[str]:
    """Short names of run directories: their last two parts, or as many as tell them apart."""
    parts = [Path(os.path.realpath(path)).parts for path in paths]
    if len(set(parts)) < len(parts):
        raise ConfigurationError(f"{' '.join(paths)}: a run directory was given twice")
    for length in range(2, max(map(len, parts))):
        short = ["/".join(p[-length:]) for p in parts]
        if len(set(short)) == len(short):
            return short
    return ["/".join(p) for p in parts]


class Table:
    """The pairs as a table: one row for each player of the first population.

    A cell shows the first population's mean return and, where the environment measures them,
    contacts, both per episode. `rewards` says in words whose rewards they are.
    """

    def __init__(self, populations: list[str], players: dict, pairs: dict, rewards: str):
        first, second = populations
        self._populations = populations
        self._rows, self._columns = ([p.name for p in players[name]] for name in populations)
        self._value = f"{first}/return_mean"
        self._pairs = pairs
        with_contacts = "contacts" in next(iter(pairs.values()))
        self._keys = [self._value, *(["contacts"] if with_contacts else [])]
        what = f"mean return of {first}" + (" / contacts" if with_contacts else "")
        self._rewards = rewards
        self.caption = (
            f"{first} in rows against {second} in columns: {what}, per episode, {rewards}"
        )

    def cells(self, separator: str) -> list[list[str]]:
        """The texts of all cells."""
        return [
            [
                separator.join(f"{self._pairs[row, column][key]:.1f}" for key in self._keys)
                for column in self._columns
            ]
            for row in self._rows
        ]

    def text(self) -> str:
        """The table as text in columns."""
        lines = [["", *self._columns]]
        lines += [[row, *cells] for row, cells in zip(self._rows, self.cells(" / "))]
        return evaluation.aligned(lines)

    def heat_map(self, title: str, num_runs: int) -> tuple:
        """What `drawing.heat_map.draw` takes after the path."""
        values = [
            [self._pairs[row, column][self._value] for column in self._columns]
            for row in self._rows
        ]
        first, second = self._populations
        cells = self.cells("\n")
        if len(self._keys) > 1:
            title += f"\nmean return of {first}, and below it the contacts"
        title += f"\n{self._rewards}"
        labels = (title, first, second, f"mean return of {first}")
        return self._rows, self._columns, values, cells, labels, (num_runs, num_runs)


def _seeing_as_in_training(env: Env, policy: Policy) -> Callable[[int], Choose]:
    """`policy.player`, fed with what its own environment shows of the states of `env`."""
    here, there = env.settings, policy.env.settings
    if env.spec.name != policy.env.spec.name:
        raise ConfigurationError(
            f"env = {policy.env.spec.name!r}: cannot play in {env.spec.name!r}"
        )
    for name in sorted((here.keys() | there.keys()) - {*SEEN, *PAID}):
        if here.get(name) != there.get(name):
            raise ConfigurationError(
                f"{name} = {there.get(name)!r}: must be {here.get(name)!r}; runs can play together "
                "only in the same world"
            )
    if here == there:
        return policy.player
    observations = tf.function(policy.env.observations, jit_compile=True, autograph=False)

    def player(num_worlds):
        choose = policy.player(num_worlds)
        return lambda name, _, state, noise: choose(name, observations(state)[name], state, noise)

    return player
