"""Teams whose agents differ in strength and size, which none of them observes.

Not in the paper, which assumes that the policies of all agents lie close to each other (sec. 3). An
agent stays what it is in all worlds and for the whole run: it adapts on some episodes and uses
what it has learned of itself in others.
"""

from typing import NamedTuple

import numpy as np

from dimapg_tf import seeds

STRONGEST, LARGEST = 4.0, 2.0  # how many times the strength and the radius of a like agent


class Team(NamedTuple):
    """radii [n]; accelerations [n]; alike: whether all are the same."""

    radii: np.ndarray
    accelerations: np.ndarray

    @property
    def alike(self) -> bool:
        return bool((self.radii == self.radii[0]).all())

    @property
    def touching(self) -> np.ndarray:
        """The distance below which two of them touch: [n, n]."""
        return self.radii[:, None] + self.radii[None]


def team(
    num_agents: int, radius: float, acceleration: float, heterogeneity: float, number: int
) -> Team:
    """Team `number`: strengths from 1 / STRONGEST to STRONGEST times those of a like agent.

    With heterogeneity h, times STRONGEST ** (h u) and LARGEST ** (h v) with u, v uniform in
    [-1, 1], of each agent its own. 0: all alike.
    """
    u, v = seeds.generator(number, num_agents).uniform(-1.0, 1.0, (2, num_agents))
    return Team(
        radius * LARGEST ** (heterogeneity * v), acceleration * STRONGEST ** (heterogeneity * u)
    )
