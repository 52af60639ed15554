"""One game of Survival on the MAgent2 engine; NumPy only, for it is played in worker processes."""

from typing import NamedTuple

import numpy as np

from dimapg_tf import seeds
from dimapg_tf.envs.survival.layout import draw_start, food_cells, start_cells
from dimapg_tf.envs.survival.rules import TURN_LEFT, TURN_RIGHT, Settings, make_engine
from dimapg_tf.envs.survival.views import NO_ACTION, Projection, Sights, View

HIT_POINTS = 2  # the channel of the engine's views that holds a being's own
AGENTS, FOOD = 0, 1  # streams of a game's random start


class Scene(NamedTuple):
    """Who stands where at one time; of the living agents and the food that is left.

    agents [m]: their numbers; positions [m, 2] as (x, y); headings [m]; hits [m] taken so far;
    food [f, 2]; food_hits [f].
    """

    agents: np.ndarray
    positions: np.ndarray
    headings: np.ndarray
    hits: np.ndarray
    food: np.ndarray
    food_hits: np.ndarray


class Game:
    """A game that can be started again and again.

    Attributes:
      view: the geometry of what agents see.
      scene: who stands where now.
      over: everybody is dead, or the food is gone.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.view = View(settings)
        self._food, self._cells = food_cells(settings), start_cells(settings)
        self._engine = make_engine(settings)
        self._agents, self._meals = self._engine.get_handles()
        self.over = True

    def reset(self, seed: int) -> None:
        """Start a game; all of it follows from the seed and the actions."""
        cells, headings = draw_start(
            self._cells, self.settings.num_agents, seeds.generator(seed, AGENTS)
        )
        self.place(cells, headings, self._food, seeds.derive(seed, FOOD))

    def place(
        self, positions: np.ndarray, headings: np.ndarray, food: np.ndarray, engine_seed: int
    ) -> None:
        """Start a game from this scene; cells are (x, y), headings the engine's codes."""
        engine = self._engine
        engine.set_seed(engine_seed >> 1)  # 31 bits; it only shuffles the attacks of a step
        engine.reset()
        rows = np.column_stack([positions, headings])
        # Agents first: the engine numbers all beings in the order in which they are added.
        engine.add_agents(self._agents, "custom", pos=rows.tolist())
        engine.add_agents(self._meals, "custom", pos=[[x, y, 0] for x, y in food.tolist()])
        counted = (engine.get_num(self._agents), engine.get_num(self._meals))
        assert counted == (len(positions), len(food)), "two beings in a cell, or one in a wall"
        n = len(positions)
        self._headings = np.array(headings, np.int64)
        self._last_actions = np.full(n, NO_ACTION, np.uint8)
        self._last_rewards = np.zeros(n, np.float32)
        self.over = False
        self._look()

    def _look(self) -> None:
        """Read the scene from the engine."""
        engine, settings = self._engine, self.settings
        agents = engine.get_agent_id(self._agents)
        self.scene = Scene(
            agents,
            engine.get_pos(self._agents),
            self._headings[agents],
            self._hits(self._agents, settings.agent_hp),
            engine.get_pos(self._meals),
            self._hits(self._meals, settings.food_hp),
        )

    def _hits(self, group, hp: int) -> np.ndarray:
        """Hits taken by each living being of a group, from the middle of its 3 x 3 view."""
        if not self._engine.get_num(group):  # the engine crashes on an empty group
            return np.zeros(0, np.uint8)
        left = self._engine.get_observation(group)[0][:, 1, 1, HIT_POINTS]
        return np.rint((1.0 - left) * (hp / self.settings.damage)).astype(np.uint8)

    def sights(self) -> Sights:
        """What each living agent observes, in the order of `scene.agents`."""
        agents, positions, headings, *rest = self.scene
        hits, food, food_hits = rest
        return Sights(
            self.view.codes(positions, hits, headings, food, food_hits),
            agents.astype(np.int16),
            self._last_actions[agents],
            self._last_rewards[agents],
            positions.astype(np.uint8),
        )

    def step(self, actions: np.ndarray) -> np.ndarray:
        """One time step; actions int32 [m] and the rewards [m] are those of `scene.agents`."""
        engine, agents = self._engine, self.scene.agents
        actions = np.ascontiguousarray(actions, np.int32)
        assert actions.shape == agents.shape, "the engine would read past the end"
        engine.set_action(self._agents, actions)
        self.over = bool(engine.step())
        rewards = engine.get_reward(self._agents)  # the dead are still listed
        # A turn of one being on one cell never fails, so headings can be kept without asking.
        turn = (actions == TURN_RIGHT).astype(np.int64) - (actions == TURN_LEFT)
        self._headings[agents] = (self._headings[agents] + turn) % 4
        self._last_actions[agents] = actions
        self._last_rewards[agents] = rewards
        engine.clear_dead()
        self._look()
        return rewards

    @property
    def living(self) -> np.ndarray:
        """The numbers of the living agents [m]."""
        return self.scene.agents

    def projection(self, weights: np.ndarray) -> Projection:
        """observations @ weights [G, O, H], as a function of (sights, groups)."""
        return Projection(self.view, weights)

    def measures(self) -> dict[str, float]:
        """Table 2's, how much food is left and how many agents are alive; and `attacks`, those
        that have hit an agent so far.
        """
        living = len(self.scene.agents)
        # Nobody recovers, and nobody dies of anything else.
        of_the_dead = (len(self._headings) - living) * self.settings.agent_hits
        return {
            "food_left": float(len(self.scene.food)),
            "survivors": float(living),
            "attacks": float(of_the_dead + self.scene.hits.sum(dtype=int)),
        }
