"""Cooperative Navigation (paper 5.1, 5.2.1; `simple_spread` of the particle environments).

N agents and N goals. The team is to cover all goals without collisions; positions and velocities
are unbounded, but outside the arena a penalty is paid.
"""

import math
from dataclasses import asdict

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.particles import close_pairs, nearest_goals, pairs, physics, unlike
from dimapg_tf.envs.particles.env import ParticleEnv
from dimapg_tf.envs.particles.nearest_goals import COVERED
from dimapg_tf.envs.particles.physics import Bodies, ParticleState, Planes
from dimapg_tf.envs.particles.scripted import navigators, of_kind
from dimapg_tf.envs.particles.settings import CooperativeNavigation as Settings
from dimapg_tf.types import EnvSpec, Population

AGENTS = "agents"  # the name of the only population
TRIES = 1000  # of a goal that is to keep apart, before all of its world are drawn anew


def make(**settings) -> ParticleEnv:
    """Cooperative Navigation as an environment; the keywords are those of `Settings`."""
    s = Settings(**settings)
    n = s.num_agents
    # In the library each agent also hears two communication channels of every other agent,
    # which are silent: 2(n - 1) zeros.
    silent = 2 * (n - 1) if s.reward == "mpe" else 0
    local = s.observed_neighbours is not None
    size = nearest_goals.size(s) if local else 4 * n + 2 + silent
    population = Population(n, size, *physics.actions(s.actions))
    if local:
        population = population._replace(kinds=nearest_goals.kinds(s))
    spec = EnvSpec(
        name="cooperative_navigation",
        populations={AGENTS: population},
        horizon=s.horizon,
        rollout="compiled",
    )
    team = team_of(s)
    bodies = Bodies(
        agent_radii=team.radii,
        accelerations=team.accelerations,
        max_speeds=np.full(n, math.inf),
        obstacle_radii=np.zeros(0),
    )
    paper = s.reward == "paper"
    return ParticleEnv(
        spec,
        asdict(s),
        bodies,
        s.integrator,
        spawn=lambda generator, num_worlds: spawn(generator, num_worlds, s),
        observe=lambda planes: {
            AGENTS: nearest_goals.observe(planes, s)
            if local
            else observe(planes, s.observation_order, silent)
        },
        reward=lambda planes: {AGENTS: (reward if paper else library_reward)(planes, s)},
        measures=lambda states: measures(states, s),
        players=of_kind(navigators(), s.actions),
        reference="assignment",
    )


def team_of(s: Settings) -> unlike.Team:
    """Radius and strength of each agent."""
    return unlike.team(s.num_agents, s.agent_radius, physics.ACTION_GAIN, s.heterogeneity, s.team)


def spawn(generator: np.random.Generator, num_worlds: int, s: Settings) -> ParticleState:
    """Agents at rest and goals, all uniform in the arena; NumPy float64.

    Where goals keep apart, one that is too near to those before it is drawn anew.
    """
    agents, goals = generator.uniform(-s.half_width, s.half_width, (2, num_worlds, s.num_agents, 2))
    if s.goal_distance and s.num_agents > 1:
        left = np.arange(num_worlds)
        while left.size:
            left = left[~_keep_apart(generator, goals, left, s)]
            goals[left] = generator.uniform(
                -s.half_width, s.half_width, (left.size, s.num_agents, 2)
            )
    return ParticleState(agents, np.zeros_like(agents), goals)


def _keep_apart(
    generator: np.random.Generator, goals: np.ndarray, worlds: np.ndarray, s: Settings
) -> np.ndarray:
    """Move goals [B, n, 2] of these worlds apart, in place; in which of them it came about.

    Goals before it can leave one no room.
    """
    moved, apart = goals[worlds], np.ones(worlds.size, bool)
    for goal in range(1, s.num_agents):
        near = np.flatnonzero(_too_near(moved, goal, s.goal_distance) & apart)
        for _ in range(TRIES):
            if not near.size:
                break
            moved[near, goal] = generator.uniform(-s.half_width, s.half_width, (near.size, 2))
            near = near[_too_near(moved[near], goal, s.goal_distance)]
        apart[near] = False
    goals[worlds] = moved
    return apart


def _too_near(goals: np.ndarray, goal: int, distance: float) -> np.ndarray:
    """In which worlds [B] a goal of goals [B, n, 2] is too near to one before it."""
    offsets = goals[:, :goal] - goals[:, goal, None]
    return (np.linalg.norm(offsets, axis=-1) < distance).any(axis=1)


def observe(planes: Planes, order: str = "index", silent: int = 0) -> tf.Tensor:
    """[O, n, B]: own velocity and position, goals and the others relative to the own position.

    Goals and others come in the order of their index, as in mpe2's simple_spread, or nearest first.
    """
    x, y, vx, vy = planes.x, planes.y, planes.vx, planes.vy
    goals = (planes.landmark_x[:, None] - x[None], planes.landmark_y[:, None] - y[None])
    others = (physics.others(x) - x[None], physics.others(y) - y[None])
    if order == "distance":
        goals, others = (physics.nearest_first(*points) for points in (goals, others))
    goals, others = (physics.interleave(*points) for points in (goals, others))
    own = tf.stack([vx, vy, x, y])
    return tf.concat([own, goals, others, tf.zeros([silent, *x.shape], x.dtype)], axis=0)


def collisions(planes: Planes, team: unlike.Team) -> tf.Tensor:
    """How many others each agent touches: [n, B]."""
    positions = planes.x, planes.y
    reach = 2.0 * team.radii[0] if team.alike else team.touching
    return pairs.touching(positions, positions, reach) - 1.0  # not with itself


def to_the_nearest(planes: Planes) -> tf.Tensor:
    """From each goal to the agent that is nearest: [L, B]."""
    goals = planes.landmark_x, planes.landmark_y
    return pairs.to_the_nearest(goals, (planes.x, planes.y))


def reward(planes: Planes, s: Settings) -> tf.Tensor:
    """The paper's reward [n, B] (5.2.1), in the reading that the README's table states.

    -(mean over goals of the squared distance to the nearest agent), shared; minus the penalties
    for collisions and for being outside the arena, each agent its own; clipped. The mean, because
    with the sum the clip saturates at N = 10: random play then scores -199.6 of -200.
    """
    shared = -tf.reduce_mean(tf.square(to_the_nearest(planes)), axis=0)
    outside = tf.maximum(tf.abs(planes.x), tf.abs(planes.y)) > s.half_width
    total = (
        shared[None]
        - s.collision_penalty * collisions(planes, team_of(s))
        - s.boundary_penalty * tf.cast(outside, shared.dtype)
    )
    return tf.clip_by_value(total, -s.reward_clip, s.reward_clip)


def library_reward(planes: Planes, s: Settings) -> tf.Tensor:
    """mpe2's reward [n, B]: half the shared distance term, half the own collisions."""
    shared = -tf.reduce_sum(to_the_nearest(planes), axis=0)
    return 0.5 * shared[None] - 0.5 * collisions(planes, team_of(s))


def measures(states: ParticleState, s: Settings) -> dict[str, np.ndarray]:
    """The task's measures of whole episodes; states [T + 1, B, n, 2] in NumPy, result [B].

    goals_covered: goals with an agent nearer than 0.1 after the last step, and their share.
    collisions: pairs in contact, each pair once, summed over the steps of the episode.
    """
    positions, goals = np.asarray(states.positions), np.asarray(states.landmarks)
    covered = np.array(
        [
            (np.linalg.norm(agents - of_world[:, None], axis=-1).min(axis=1) < COVERED).sum()
            for agents, of_world in zip(positions[-1], goals[-1])
        ]
    )
    touching = close_pairs.count(positions[1:], team_of(s).radii)  # [T, B]
    return {
        "goals_covered": covered,
        "share_of_goals_covered": covered / s.num_agents,
        "collisions": touching.sum(axis=0),
    }
