"""The settings of the particle worlds, checked when they are made.

This module does without TensorFlow, so that a command line is read at once.
"""

import math
from dataclasses import dataclass

from dimapg_tf import checks
from dimapg_tf.checks import setting
from dimapg_tf.types import ConfigurationError

ACTIONS = ("discrete", "continuous")
INTEGRATORS = ("openai", "mpe2")
ORDERS = ("index", "distance")
REWARDS = ("paper", "mpe")
GOALS = ("open", "nearest")
# Of an area, the share that discs may take which are put down at random, one after another; beyond
# 0.547 there is no room for another one, and shortly before it takes long to find.
ROOM = 0.4


@dataclass(frozen=True)
class CooperativeNavigation:
    """Settings of Cooperative Navigation, all of them flags as well.

    "The library" is openai/multiagent-particle-envs, simple_spread.
    """

    num_agents: int = setting(3, "agents, and as many goals")
    horizon: int = setting(200, "time steps of an episode; 200 in the paper, 5.2.1")
    # Ten discs of 0.15 cannot cover goals that lie nearer than 0.3 to one another without colliding
    # for ever, so configs/env/cooperative_navigation_10.flags takes 0.05.
    agent_radius: float = setting(0.15, "0.15 in the library")
    collision_penalty: float = setting(1.0, "for each agent touched, each step; 1 in the library")
    # The paper names the penalty but not its size; that of a collision.
    boundary_penalty: float = setting(1.0, "for each step outside the arena; size not in the paper")
    # Not in the paper; the library's agents and goals start in the unit box.
    arena: float = setting(
        1.0, "half the width of the square where all start, outside which a penalty is paid"
    )
    # Not in the paper; so that a policy meets the same density in a team of another size.
    arena_agents: int | None = setting(
        None,
        "the number of agents that `arena` is for: with others it grows as the root of their "
        "number; none: it is the same for any",
    )
    # Not in the paper; PIC (Liu et al. 2019) keeps the goals of its larger teams apart.
    goal_distance: float = setting(
        0.0, "goals start at least so far from one another; 0: anywhere in the arena"
    )
    # Not in the paper, whose agents are all alike: where they are not, agents gain by adapting.
    heterogeneity: float = setting(
        0.0,
        "how much agents differ in strength and size, which nobody observes: 0, all are alike, to "
        "1, from a quarter to four times as strong",
    )
    team: int = setting(0, "which team of agents that differ, a seed")
    reward_clip: float = setting(1.0, "rewards are clipped to +-this; 1 in 5.2.1, inf for no clip")
    # The code of 2018, on which the paper's environments stand.
    integrator: str = setting("openai", "openai (the code of 2018) or mpe2, see physics.py")
    # The library has discrete actions by default; the paper does not say.
    actions: str = setting(
        "discrete", "discrete, or continuous: how much of each, as with mpe2's continuous_actions"
    )
    # Not in the paper; configs/env takes distance, with which 10 agents learn much more.
    observation_order: str = setting(
        "index", "of goals and others in an observation: index, as in the library, or distance"
    )
    # Not in the paper, where all see all; with it one policy fits any number of agents.
    observed_neighbours: int | None = setting(
        None, "how many goals, and how many others, an agent sees: the nearest; none: all of them"
    )
    # Not in the paper. In exploratory runs of one seed, of which no records are kept, open did a
    # little better, in teams of 10 and more so in larger ones.
    observed_goals: str = setting(
        "open",
        "where not all goals are seen: the nearest of those that no other agent covers (open), or "
        "of all (nearest)",
    )
    # Not in the paper. A network of 2 x 100 units learns to come to rest on a goal where small
    # offsets are told apart as well as large ones (docs/trials.md has the trials).
    observation_squash: float | None = setting(
        None,
        "c of o / (c + |o|), as which each number o of an observation is shown, so that what is "
        "near is seen finely; none: as it is",
    )
    reward: str = setting(
        "paper",
        "paper, or mpe for the library's own reward and, without observed_neighbours, observation",
    )

    def __post_init__(self):
        checks.at_least("num_agents", self.num_agents, 1)
        checks.at_least("horizon", self.horizon, 1)
        checks.positive("agent_radius", self.agent_radius)
        checks.not_negative("collision_penalty", self.collision_penalty)
        checks.not_negative("boundary_penalty", self.boundary_penalty)
        checks.positive("arena", self.arena)
        checks.between("heterogeneity", self.heterogeneity, 0.0, 1.0)
        checks.at_least("team", self.team, 0)
        checks.positive("reward_clip", self.reward_clip, infinite=True)
        checks.one_of("actions", self.actions, ACTIONS)
        checks.one_of("integrator", self.integrator, INTEGRATORS)
        checks.one_of("observation_order", self.observation_order, ORDERS)
        checks.one_of("observed_goals", self.observed_goals, GOALS)
        checks.one_of("reward", self.reward, REWARDS)
        if self.arena_agents is not None:
            checks.at_least("arena_agents", self.arena_agents, 1)
        checks.not_negative("goal_distance", self.goal_distance)
        self._check_room()
        _check_observation(self)
        if self.reward == "mpe":
            for name in ("collision_penalty", "boundary_penalty", "reward_clip"):
                if getattr(self, name) != getattr(CooperativeNavigation, name):
                    raise ConfigurationError(
                        f"{name} = {getattr(self, name)}: belongs to reward=paper, the library's "
                        "reward (reward=mpe) has no such setting"
                    )

    def _check_room(self) -> None:
        """Raise ConfigurationError unless goals that are drawn one after another find room."""
        area = (2.0 * self.half_width + self.goal_distance) ** 2
        taken = self.num_agents * math.pi / 4.0 * self.goal_distance**2
        # Few goals that are further apart than that leave no room once one is in the middle.
        wide = self.goal_distance > self.half_width
        if self.num_agents > 1 and (wide or taken > ROOM * area):
            raise ConfigurationError(
                f"goal_distance = {self.goal_distance}: {self.num_agents} goals so far apart do "
                f"not fit into an arena of {2.0 * self.half_width:g} x {2.0 * self.half_width:g}"
            )

    @property
    def half_width(self) -> float:
        """Half the width of the arena for this number of agents."""
        if self.arena_agents is None:
            return self.arena
        return self.arena * math.sqrt(self.num_agents / self.arena_agents)


@dataclass(frozen=True)
class PredatorPrey:
    """Settings of Predator-Prey, all of them flags as well; "the library": its simple_tag."""

    num_predators: int = setting(3, "3 or 12 in the paper, 5.3")
    num_prey: int = setting(1, "1 in the paper's 3v1, 4 in its 12v4")
    num_obstacles: int = setting(2, "2 in the library; not in the paper")
    horizon: int = setting(200, "time steps of an episode; 200 in the paper, 5.3")
    prey_max_speed: float = setting(
        1.3, "predators have 1; 1.3 for 3v1 and 1.5 for 12v4 in the paper, Fig. 4"
    )
    # Paper, 5.1: "predators are rewarded positively when they collide with the preys".
    team_reward: bool = setting(
        False, "every predator is paid for all contacts, as in the library, not only for its own"
    )
    # The paper names signs, no sizes. In the library a contact is 10 for either side, and 10 the
    # most that a prey pays for a coordinate outside; here all of them are a tenth.
    contact_reward: float = setting(
        1.0, "of a predator for each prey touched, each step; 10 in the library"
    )
    contact_penalty: float = setting(
        1.0, "of a prey for each predator that touches it, each step; 10 in the library"
    )
    boundary_penalty: float = setting(
        1.0, "the most that a prey pays for each coordinate outside, each step; 10 in the library"
    )
    # The code of 2018, on which the paper's environments stand.
    integrator: str = setting("openai", "openai (the code of 2018) or mpe2, see physics.py")
    # The library has discrete actions by default; the paper does not say.
    actions: str = setting(
        "discrete", "discrete, or continuous: how much of each, as with mpe2's continuous_actions"
    )
    # Not in the paper; configs/env takes distance, with which 10 agents learn much more.
    observation_order: str = setting(
        "index", "of obstacles, predators and prey in an observation: index, or distance"
    )
    # Not in the paper, where all see all; with it one policy fits any numbers.
    observed_neighbours: int | None = setting(
        None,
        "how many obstacles, predators and prey an agent sees: the nearest of each; none: all",
    )
    # Not in the paper. A network of 2 x 100 units learns to come to rest on a goal where small
    # offsets are told apart as well as large ones (docs/trials.md has the trials).
    observation_squash: float | None = setting(
        None,
        "c of o / (c + |o|), as which each number o of an observation is shown, so that what is "
        "near is seen finely; none: as it is",
    )
    reward: str = setting(
        "paper",
        "paper, or mpe for the library's own reward and, without observed_neighbours, observation",
    )

    def __post_init__(self):
        checks.at_least("num_predators", self.num_predators, 1)
        checks.at_least("num_prey", self.num_prey, 1)
        checks.at_least("num_obstacles", self.num_obstacles, 0)
        checks.at_least("horizon", self.horizon, 1)
        checks.positive("prey_max_speed", self.prey_max_speed)
        checks.not_negative("contact_reward", self.contact_reward)
        checks.not_negative("contact_penalty", self.contact_penalty)
        checks.not_negative("boundary_penalty", self.boundary_penalty)
        checks.one_of("actions", self.actions, ACTIONS)
        checks.one_of("integrator", self.integrator, INTEGRATORS)
        checks.one_of("observation_order", self.observation_order, ORDERS)
        checks.one_of("reward", self.reward, REWARDS)
        _check_observation(self)
        if self.reward == "mpe":
            for name in ("team_reward", "contact_reward", "contact_penalty", "boundary_penalty"):
                if getattr(self, name) != getattr(PredatorPrey, name):
                    raise ConfigurationError(
                        f"{name} = {getattr(self, name)}: belongs to reward=paper, the library's "
                        "reward (reward=mpe) has no such setting"
                    )

    @property
    def observation_sizes(self) -> tuple[int, int]:
        """Numbers in the observation of a predator and of a prey."""
        if self.observed_neighbours is not None:
            # Obstacles by offset and flag; predators and prey by their velocity, too.
            return (4 + self.observed_neighbours * (3 + 2 * 5),) * 2
        others = self.num_predators + self.num_prey - 1
        positions = 4 + 2 * self.num_obstacles + 2 * others
        if self.reward == "mpe":
            return positions + 2 * self.num_prey, positions + 2 * (self.num_prey - 1)
        return positions + 2 * others, positions + 2 * others


def _check_observation(settings: CooperativeNavigation | PredatorPrey) -> None:
    """Raise ConfigurationError unless what is observed can be and goes with the other settings."""
    squash = settings.observation_squash
    if squash is not None:
        checks.positive("observation_squash", squash)
    count = settings.observed_neighbours
    if count is None:
        return
    checks.at_least("observed_neighbours", count, 1)
    if settings.observation_order != "distance":
        raise ConfigurationError(
            f"observed_neighbours = {count}: the nearest come nearest first; it goes with "
            "observation_order = 'distance'"
        )
