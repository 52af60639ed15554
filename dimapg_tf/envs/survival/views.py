"""What an agent of Survival observes (paper 5.1), in a compact form and as a vector.

The local view is that of MAgent: the cells within a circle, turned with the agent's heading, each
with 5 channels: wall, agent, agent's hit points, food, food's hit points (as fractions). Since hit
points take few values, a cell is one small integer, its code. Most cells are empty, so the first
layer of a policy is a sum over the few others: `Projection` computes observations @ weights
without ever forming the observations.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from dimapg_tf.envs.survival.rules import NUM_ACTIONS, Settings

CHANNELS = 5
EMPTY, WALL, AGENT = 0, 1, 2  # AGENT + hits taken; then food, + hits taken
BANDS = (1.5, 3.0, 4.5)  # distances that part the view for the value baseline
ID_BITS = 10  # MAgent's embedding_size
NO_ACTION = NUM_ACTIONS  # before the first action
# The engine's codes of a heading and the way that is then forward, as (dx, dy).
EAST, SOUTH, WEST, NORTH = range(4)
FORWARD = ((1, 0), (0, 1), (-1, 0), (0, -1))


class Sights(NamedTuple):
    """Compact observations: codes [..., C] and last_actions [...] and positions [..., 2] in uint8,
    last_rewards [...] in float32, agents [...] (who sees) in int16."""

    codes: np.ndarray
    agents: np.ndarray
    last_actions: np.ndarray
    last_rewards: np.ndarray
    positions: np.ndarray


class View:
    """The geometry of the local view and the meaning of its codes.

    Attributes:
      cells [C, 2]: (dx, dy) of each cell in the circle as the agent sees it; forward is -y.
      first_food: the code of food that has not been hit.
      values [codes, 5]: the channels of each code.
      observation_size: of the vector: 5 C of the view, 10 bits of the identity, the last action
        one-hot, the last reward, the position as a fraction of the map.
    """

    def __init__(self, settings: Settings):
        radius = settings.view_range
        steps = range(-radius, radius + 1)
        self.cells = np.array(
            [(dx, dy) for dy in steps for dx in steps if dx * dx + dy * dy <= radius * radius]
        )
        self.map_size, self.radius = settings.map_size, radius
        self.first_food = AGENT + settings.agent_hits
        self.values = np.zeros((self.first_food + settings.food_hits, CHANNELS), np.float32)
        self.values[WALL, 0] = 1.0
        for code in range(AGENT, self.first_food):
            self.values[code, 1:3] = 1.0, _fraction(code - AGENT, settings.agent_hp, settings)
        for code in range(self.first_food, len(self.values)):
            taken = code - self.first_food
            self.values[code, 3:5] = 1.0, _fraction(taken, settings.food_hp, settings)
        self.view_size = len(self.cells) * CHANNELS
        self.observation_size = self.view_size + ID_BITS + NUM_ACTIONS + 3
        # The map lies in a margin of empty cells, so that every view is inside.
        self.width = settings.map_size + 2 * radius
        self._offsets = np.stack(
            [self.flat(*turned(self.cells[:, 0], self.cells[:, 1], h)) for h in range(4)]
        )
        self._walls = np.zeros((self.width, self.width), np.uint8)
        inner = slice(radius, radius + settings.map_size)
        self._walls[inner, inner] = WALL
        inner = slice(radius + 1, radius + settings.map_size - 1)
        self._walls[inner, inner] = EMPTY
        self._walls = self._walls.ravel()

    def flat(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The step (x, y) in the flat grid with its margin."""
        return y * self.width + x

    def codes(
        self,
        positions: np.ndarray,
        hits: np.ndarray,
        headings: np.ndarray,
        food: np.ndarray,
        food_hits: np.ndarray,
    ) -> np.ndarray:
        """The codes [m, C] that the living agents see; positions [m, 2], food [f, 2]."""
        corner = self.flat(self.radius, self.radius)
        at = self.flat(positions[:, 0], positions[:, 1]) + corner
        grid = self._walls.copy()
        grid[at] = AGENT + hits
        grid[self.flat(food[:, 0], food[:, 1]) + corner] = self.first_food + food_hits
        index = self._offsets.take(headings, axis=0)
        index += at[:, None]
        return grid.take(index, mode="wrap")  # nothing is outside; "raise" looks at each twice

    def vectors(self, sights: Sights) -> np.ndarray:
        """Observations [..., O] in float32."""
        shape = sights.codes.shape[:-1]
        seen = np.empty((*shape, self.observation_size), np.float32)
        # The circle's cells first, code by code: rows of `values` are copied where they belong.
        view = seen[..., : self.view_size].reshape(*shape, len(self.cells), CHANNELS)
        view[...] = self.values.take(sights.codes, axis=0)
        seen[..., self.view_size :] = self.features(sights)
        return seen

    def features(self, sights: Sights) -> np.ndarray:
        """The part of the observation that is not the view [..., O - 5 C], in float32."""
        one_hot = np.eye(NUM_ACTIONS + 1, NUM_ACTIONS, dtype=np.float32)
        return np.concatenate(
            [
                identity_bits(sights.agents),
                one_hot[sights.last_actions],
                sights.last_rewards[..., None],
                self.places(sights.positions),
            ],
            axis=-1,
        )

    def summary(self) -> np.ndarray:
        """What a linear baseline needs of an observation: [O, S].

        The shares of each channel in bands of cells about the agent (the first can be hit), the
        last action, the last reward and the position: 46 numbers instead of 601, so that a fit to
        the samples of one iteration neither interpolates them nor takes long.
        """
        distance = np.hypot(*self.cells.T)
        band = np.searchsorted(BANDS, distance, side="right")
        columns = np.zeros((self.observation_size, CHANNELS * (len(BANDS) + 1)), np.float32)
        for cell, at in enumerate(band):
            for channel in range(CHANNELS):
                columns[cell * CHANNELS + channel, at * CHANNELS + channel] = 1.0
        columns /= np.maximum(columns.sum(axis=0), 1.0)
        others = np.eye(self.observation_size, dtype=np.float32)[:, self.view_size + ID_BITS :]
        return np.concatenate([columns, others], axis=1)

    def places(self, positions: np.ndarray) -> np.ndarray:
        """Positions as fractions of the map, as in MAgent."""
        return positions.astype(np.float32) / np.float32(self.map_size)


def _fraction(taken: int, hp: int, settings: Settings) -> float:
    """Hit points that are left, as a fraction."""
    return (hp - taken * settings.damage) / hp


def turned(x, y, heading: int) -> tuple:
    """What an agent sees at (x, y), forward being -y, as (dx, dy) on the map."""
    forward_x, forward_y = FORWARD[heading]
    # To the right of forward is forward turned by a quarter: (x, y) -> (-y, x).
    return x * -forward_y - y * forward_x, x * forward_x - y * forward_y


def identity_bits(agents: np.ndarray) -> np.ndarray:
    """An agent's number in binary, the lowest bit first: [..., 10]."""
    return ((agents[..., None] >> np.arange(ID_BITS)) & 1).astype(np.float32)


class Projection:
    """observations @ weights, for groups of agents with weights of their own.

    Args:
      view: what is seen.
      weights: [G, O, H], the first layer's weights of each group.
    """

    def __init__(self, view: View, weights: np.ndarray):
        groups, _, units = weights.shape
        self._view, self._num_cells = view, len(view.cells)
        local, rest = weights[:, : view.view_size], weights[:, view.view_size :]
        local = local.reshape(groups, self._num_cells, CHANNELS, units)
        # What a code in a cell adds: a row for each (group, cell, code).
        table = view.values.astype(weights.dtype) @ local
        self._table = table.reshape(-1, units)
        # Sparse matrices by their number of rows: their construction takes as long as a product.
        self._matrices: dict[int, csr_array] = {}
        self._num_codes = len(view.values)
        # What an agent's number, its last action (none at first), and each of the three numbers
        # add; these are few enough to be added in one go.
        everybody = identity_bits(np.arange(1 << ID_BITS)).astype(weights.dtype)
        actions, numbers = rest[:, ID_BITS:-3], rest[:, -3:]
        self._identities, self._bits = everybody @ rest[0, :ID_BITS], rest[:, :ID_BITS]
        none = np.zeros((groups, 1, units), weights.dtype)
        self._actions, self._numbers = np.concatenate([actions, none], axis=1), numbers

    def __call__(self, sights: Sights, groups: np.ndarray | None) -> np.ndarray:
        """[m, H] for observations of m agents; groups [m], or None if all are in group 0."""
        total = self._view_part(sights.codes, 0)
        total += self._identities[sights.agents]
        total += self._actions[0, sights.last_actions]
        total += self._three_numbers(sights, total.dtype) @ self._numbers[0]
        if groups is not None:  # few agents leave group 0: their rows are done again
            (others,) = np.nonzero(groups)
            total[others] = self._of_others(Sights(*(v[others] for v in sights)), groups[others])
        return total

    def _of_others(self, sights: Sights, groups: np.ndarray) -> np.ndarray:
        """The same for agents that each have weights of their own."""
        total = self._view_part(sights.codes, groups)
        bits = identity_bits(sights.agents).astype(total.dtype)
        numbers = self._three_numbers(sights, total.dtype)
        total += np.matmul(bits[:, None], self._bits[groups])[:, 0]
        total += self._actions[groups, sights.last_actions]
        total += np.matmul(numbers[:, None], self._numbers[groups])[:, 0]
        return total

    def _three_numbers(self, sights: Sights, dtype: np.dtype) -> np.ndarray:
        """The last reward and the position [m, 3]."""
        numbers = np.empty((len(sights.agents), 3), dtype)
        numbers[:, 0] = sights.last_rewards
        numbers[:, 1:] = self._view.places(sights.positions)
        return numbers

    def _view_part(self, codes: np.ndarray, groups: np.ndarray | int) -> np.ndarray:
        """The view's share of the product, as a sparse matrix of ones times the table."""
        seen = np.flatnonzero(codes != EMPTY)
        ends = np.searchsorted(seen, np.arange(len(codes) + 1) * self._num_cells).astype(np.int32)
        counts = np.diff(ends)
        # Row (group, cell, code) of the table, for each occupied cell.
        start = (groups - np.arange(len(codes))) * self._num_cells
        index = (seen + np.repeat(start, counts)) * self._num_codes + codes.ravel()[seen]
        matrix = self._matrices.get(len(codes))
        if matrix is None:
            shape = len(codes), len(self._table)
            matrix = self._matrices[len(codes)] = csr_array(shape, dtype=self._table.dtype)
        matrix.data = np.ones(len(index), self._table.dtype)
        matrix.indices, matrix.indptr = index.astype(np.int32), ends
        return matrix @ self._table
