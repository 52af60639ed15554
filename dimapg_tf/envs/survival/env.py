"""Survival with many agents on MAgent2 (paper 5.1, 5.4, App. C.3).

Agents gather food that lies at the centre, or kill each other. A game ends when the food is gone,
when everybody is dead, or at the horizon.
"""

from dataclasses import asdict
from typing import Any

import numpy as np

from dimapg_tf import seeds
from dimapg_tf.envs.base import Step
from dimapg_tf.envs.survival.game import Game
from dimapg_tf.envs.survival.layout import start_cells
from dimapg_tf.envs.survival.rules import NUM_ACTIONS, Settings
from dimapg_tf.envs.survival.views import View
from dimapg_tf.types import EnvSpec, Population

__all__ = ["Settings", "SurvivalEnv", "make"]

NAME = "agents"


def make(**settings: Any) -> "SurvivalEnv":
    """The environment with these settings, the keywords being those of `Settings`."""
    return SurvivalEnv(Settings(**settings))


class SurvivalEnv:
    """Worlds of Survival, each a game of its own.

    Agents are alive in the sense of masks while they live and the game goes on.
    """

    def __init__(self, settings: Settings):
        start_cells(settings)  # complains early if the map is too small
        self._settings = settings
        self.settings: dict[str, Any] = asdict(settings)
        self.view = View(settings)
        population = Population(settings.num_agents, self.view.observation_size, NUM_ACTIONS)
        self.spec = EnvSpec(
            "survival",
            {NAME: population},
            settings.horizon,
            rollout="games",
            summaries={NAME: self.view.summary()},
        )
        self.game = ("dimapg_tf.envs.survival.game:Game", settings)
        self.players = {
            name: f"dimapg_tf.envs.survival.players:{name}" for name in ("random", "go_to_food")
        }
        self.players_of: dict[str, dict] = {}
        self.vectors = self.view.vectors
        self.games: list[Game] = []
        self._running: list[Game] = []

    def reset(self, seed: int, num_worlds: int) -> tuple[tuple, dict[str, np.ndarray]]:
        """Start `num_worlds` games, each with a seed of its own that follows from `seed`."""
        while len(self.games) < num_worlds:
            self.games.append(Game(self._settings))
        self._running = self.games[:num_worlds]
        for index, game in enumerate(self._running):
            game.reset(seeds.derive(seed, index))
        return (), {NAME: self._observations()}

    def step(self, state: tuple, actions: dict[str, Any]) -> Step:
        """One step of every game that is not over; actions {population: [B, n]}."""
        shape = (len(self._running), self._settings.num_agents)
        rewards, alive = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for b, game in enumerate(self._running):
            if game.over:
                continue
            living = game.scene.agents
            rewards[b, living] = game.step(np.asarray(actions[NAME][b])[living])
            if not game.over:
                alive[b, game.scene.agents] = 1.0
        return Step((), {NAME: self._observations()}, {NAME: rewards}, {NAME: alive})

    def _observations(self) -> np.ndarray:
        """[B, n, O]; zeros for agents that are not alive."""
        population = self.spec.populations[NAME]
        seen = np.zeros(
            (len(self._running), population.num_agents, population.observation_size), np.float32
        )
        for b, game in enumerate(self._running):
            if not game.over:
                seen[b, game.scene.agents] = self.view.vectors(game.sights())
        return seen
