"""The rules of Survival (paper 5.1, 5.4, App. C.3), as a configuration of the MAgent2 engine.

What each attribute of the engine does was checked by hand-made scenes (tests/envs). An attack is a
hit; who has taken as many hits as the hit points bear is dead. The engine counts a hit that kills
as the event "kill", any other as "attack".
"""

from dataclasses import dataclass
from typing import Any

from dimapg_tf import checks
from dimapg_tf.checks import setting

READINGS = ("gather", "literal")
LAYOUTS = ("lattice", "disc")
PLACEMENTS = ("outside", "anywhere")
LARGEST_MAP = 99  # above it, the engine leaks about 87 kB a game
MOST_AGENTS = 1024  # as many as 10 bits of identity tell apart
MOST_HITS = 100  # of an agent or a food particle: what a cell holds is told in one byte

# Rewards: paper, App. C.3.
STEP_REWARD = -0.01
DEATH_REWARD = -1.0  # takes the place of the other rewards of that step
ATTACK_REWARD = -0.1
FOOD_REWARD = 5.0
# Not in the paper: for each hit on food that does not finish it; MAgent's train_gather.py.
FOOD_HIT_REWARD = 0.5

# The paper's 12 neighbouring cells and stay, 2 turns, 8 attacks; the engine numbers them so.
SPEED, ATTACK_RANGE = 2, 1.5
NUM_MOVES, NUM_ATTACKS = 13, 8
STAY, TURN_RIGHT, TURN_LEFT, FIRST_ATTACK = 6, 13, 14, 15
NUM_ACTIONS = FIRST_ATTACK + NUM_ATTACKS
# (dx, dy) as seen by the agent: forward is -y.
MOVES = tuple(
    (dx, dy) for dy in range(-2, 3) for dx in range(-2, 3) if dx * dx + dy * dy <= SPEED**2
)
ATTACKS = tuple((dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dx, dy) != (0, 0))


@dataclass(frozen=True)
class Settings:
    """Settings of Survival, all of them flags as well, with their sources."""

    num_agents: int = setting(230, "agents; 230 or 630 in the paper, 5.4")
    num_food: int = setting(160, "food particles (paper 5.4)")
    horizon: int = setting(200, "time steps after which a game ends (paper 5.4)")
    # Not in the paper. One map for both populations; the engine leaks memory on larger ones.
    map_size: int = setting(99, f"cells along an edge, walls included; at most {LARGEST_MAP}")
    # Not in the paper; that of MAgent's battle game.
    view_range: int = setting(6, "radius of the local view, in cells")
    # App. C.3 leaves open what an attack on food or on nothing costs, and names no reward for a hit
    # on food. "gather" has the rules of MAgent's train_gather.py, whose other numbers are the
    # paper's; with "literal" random play scores about -430 with 230 agents, far from the paper's
    # -1530.
    reward_reading: str = setting(
        "gather",
        "gather: every attack costs 0.1, a hit on food earns 0.5 (gives the paper's initial and "
        "final returns); literal: App. C.3 to the letter, only attacks on agents cost",
    )
    group_attack_reward: float = setting(
        1.0, "for each agent that hits the same agent in the same step, beside the first (App. C.3)"
    )
    # Not in the paper; so two hits kill, and the group reward is never more than 1. MAgent's
    # train_gather.py has 3, with which one hit kills and no group can form.
    agent_hp: int = setting(10, "hit points of an agent")
    # Not in the paper; MAgent's train_gather.py: five hits finish a food particle.
    food_hp: int = setting(25, "hit points of a food particle")
    damage: int = setting(6, "hit points that an attack takes")
    # Paper, 5.4: "static particles at the center". Every second cell: in a compact disc most food
    # cannot be reached, and REINFORCE learned not to attack at all in exploratory runs, of which no
    # records are kept.
    food_layout: str = setting("lattice", "lattice, or disc: food cell by cell about the centre")
    food_spacing: int = setting(2, "cells from one food to the next on the lattice")
    # Not in the paper; random play then finds next to no food, as in the paper's initial numbers.
    placement: str = setting("outside", "where agents start: outside the food's box, or anywhere")
    # Not in the paper; MAgent's train_battle.py has 2. With 3, fewer agents meet at once.
    start_spacing: int = setting(3, "agents start on cells so far apart, along both axes")
    start_square: int | None = setting(
        None, "agents start in the centred square of this edge; by default, on the whole map"
    )

    def __post_init__(self):
        checks.at_least("num_agents", self.num_agents, 1)
        checks.at_most("num_agents", self.num_agents, MOST_AGENTS)
        checks.at_least("num_food", self.num_food, 1)
        checks.at_least("horizon", self.horizon, 1)
        checks.at_least("map_size", self.map_size, 5)
        checks.at_most("map_size", self.map_size, LARGEST_MAP)
        checks.at_least("view_range", self.view_range, 1)
        checks.at_most("view_range", self.view_range, self.map_size // 2)
        checks.one_of("reward_reading", self.reward_reading, READINGS)
        checks.not_negative("group_attack_reward", self.group_attack_reward)
        checks.at_least("damage", self.damage, 1)
        checks.at_least("agent_hp", self.agent_hp, 1)
        checks.at_least("food_hp", self.food_hp, 1)
        checks.at_most("agent_hp", self.agent_hp, MOST_HITS * self.damage)
        checks.at_most("food_hp", self.food_hp, MOST_HITS * self.damage)
        checks.one_of("food_layout", self.food_layout, LAYOUTS)
        checks.at_least("food_spacing", self.food_spacing, 1)
        checks.one_of("placement", self.placement, PLACEMENTS)
        checks.at_least("start_spacing", self.start_spacing, 1)
        if self.start_square is not None:
            checks.at_least("start_square", self.start_square, 1)
            checks.at_most("start_square", self.start_square, self.map_size - 2)

    @property
    def agent_hits(self) -> int:
        """Hits that kill an agent: the engine lets it die below 0 hit points, not at 0."""
        return self.agent_hp // self.damage + 1

    @property
    def food_hits(self) -> int:
        """Hits that finish a food particle, which is then eaten."""
        return self.food_hp // self.damage + 1


def make_engine(settings: Settings) -> Any:
    """A magent2 GridWorld with these rules: group 0 are the agents, group 1 is the food.

    The engine's own views are only 3 x 3, enough to read hit points from their middle;
    `views` builds the agents' views from positions, which is faster and more compact.
    """
    from magent2 import gridworld

    config = gridworld.Config()
    config.set(
        {
            "map_width": settings.map_size,
            "map_height": settings.map_size,
            "turn_mode": True,
            "minimap_mode": False,
            "embedding_size": 10,
        }
    )
    literal = settings.reward_reading == "literal"
    agents = config.add_group(
        config.register_agent_type(
            "agent",
            {
                **dict.fromkeys(("width", "length"), 1),
                "hp": settings.agent_hp,
                "damage": settings.damage,
                "step_recover": 0,
                "speed": SPEED,
                "view_range": gridworld.CircleRange(1),
                "attack_range": gridworld.CircleRange(ATTACK_RANGE),
                "attack_in_group": 1,  # agents can hit agents
                "step_reward": STEP_REWARD,
                "dead_penalty": DEATH_REWARD,
                "attack_penalty": 0.0 if literal else ATTACK_REWARD,  # whatever is attacked
            },
        )
    )
    food = config.add_group(
        config.register_agent_type(
            "food",
            {
                **dict.fromkeys(("width", "length"), 1),
                "hp": settings.food_hp,
                "speed": 0,
                "view_range": gridworld.CircleRange(1),
                "attack_range": gridworld.CircleRange(0),
                "kill_reward": FOOD_REWARD,  # goes to whoever hit last
            },
        )
    )
    _add_reward_rules(gridworld, config, agents, food, settings)
    return gridworld.GridWorld(config)


def _add_reward_rules(gridworld: Any, config: Any, agents: int, food: int, settings: Settings):
    """Rewards that depend on who hits whom."""

    def someone(group):
        return gridworld.AgentSymbol(group, "any")

    def hits(subject, target):
        return gridworld.Event(subject, "attack", target) | gridworld.Event(subject, "kill", target)

    if settings.group_attack_reward:
        # The engine counts ordered pairs: k agents that hit the same one get (k - 1) times this.
        one, another, victim = (someone(agents) for _ in range(3))
        config.add_reward_rule(
            hits(one, victim) & hits(another, victim),
            receiver=one,
            value=settings.group_attack_reward,
        )
    if settings.reward_reading == "literal":
        one, victim = someone(agents), someone(agents)
        config.add_reward_rule(hits(one, victim), receiver=one, value=ATTACK_REWARD)
    else:
        one, meal = someone(agents), someone(food)
        config.add_reward_rule(
            gridworld.Event(one, "attack", meal), receiver=one, value=FOOD_HIT_REWARD
        )
