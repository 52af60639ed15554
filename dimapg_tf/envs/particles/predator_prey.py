"""Predator-Prey (paper 5.1, 5.3; `simple_tag` of the particle environments).

Slow predators are to touch fast prey among obstacles. Positions are unbounded, but prey pay for
leaving the arena, so that they can be caught.
"""

from dataclasses import asdict

import numpy as np
import tensorflow as tf

from dimapg_tf.envs.particles import local_view, neighbours, pairs, physics
from dimapg_tf.envs.particles.env import ParticleEnv
from dimapg_tf.envs.particles.physics import Bodies, ParticleState, Planes
from dimapg_tf.envs.particles.scripted import fugitives, hunters, of_kind
from dimapg_tf.envs.particles.settings import PredatorPrey as Settings
from dimapg_tf.types import EnvSpec, Population

PREDATORS, PREY = "predators", "prey"

# mpe2's simple_tag. A top speed of 1.3 is the paper's "30% faster".
PREDATOR_RADIUS, PREDATOR_ACCELERATION, PREDATOR_MAX_SPEED = 0.075, 3.0, 1.0
PREY_RADIUS, PREY_ACCELERATION = 0.05, 4.0
OBSTACLE_RADIUS = 0.2
ARENA = 1.0  # half the width of the square where agents start
MOVING = local_view.POINT + 2  # numbers of each agent that is seen nearby
OBSTACLES_WITHIN = 0.9  # the same for obstacles
LIBRARY_CONTACT = 10.0  # what a contact is worth in the library
LIBRARY_BOUND = 10.0  # and the most that a prey pays there for one coordinate


def make(**settings) -> ParticleEnv:
    """Predator-Prey as an environment; the keywords are those of `Settings`."""
    s = Settings(**settings)
    counts = (s.num_predators, s.num_prey)
    sizes, kinds = s.observation_sizes, ()
    if s.observed_neighbours is not None:
        kinds = local_view.kinds_of(s.observed_neighbours, local_view.POINT, MOVING, MOVING)
    spec = EnvSpec(
        name="predator_prey",
        populations={
            name: Population(count, size, *physics.actions(s.actions), kinds=kinds)
            for name, count, size in zip((PREDATORS, PREY), counts, sizes)
        },
        horizon=s.horizon,
        rollout="compiled",
    )
    bodies = Bodies(
        agent_radii=np.repeat([PREDATOR_RADIUS, PREY_RADIUS], counts),
        accelerations=np.repeat([PREDATOR_ACCELERATION, PREY_ACCELERATION], counts),
        max_speeds=np.repeat([PREDATOR_MAX_SPEED, s.prey_max_speed], counts),
        obstacle_radii=np.full(s.num_obstacles, OBSTACLE_RADIUS),
    )
    return ParticleEnv(
        spec,
        asdict(s),
        bodies,
        s.integrator,
        spawn=lambda generator, num_worlds: spawn(generator, num_worlds, s),
        observe=lambda planes: observe(planes, s),
        reward=lambda planes: reward(planes, s),
        measures=lambda states: measures(states, s),
        players_of={
            PREDATORS: of_kind(hunters(s.num_predators), s.actions),
            PREY: of_kind(fugitives(s.num_predators), s.actions),
        },
    )


def spawn(generator: np.random.Generator, num_worlds: int, s: Settings) -> ParticleState:
    """Agents at rest and obstacles, uniform in their squares as in the library; NumPy float64."""
    agents = generator.uniform(-ARENA, ARENA, (num_worlds, s.num_predators + s.num_prey, 2))
    obstacles = generator.uniform(
        -OBSTACLES_WITHIN, OBSTACLES_WITHIN, (num_worlds, s.num_obstacles, 2)
    )
    return ParticleState(agents, np.zeros_like(agents), obstacles)


def observe(planes: Planes, s: Settings) -> dict[str, tf.Tensor]:
    """Observations {population: [O, n, B]} of predators and of prey.

    Own velocity and position; obstacles, other predators and other prey relative to the own
    position; velocities of the other predators and prey (paper 5.1: "relative positions and
    velocities of other agents and the positions of the static obstacles"). In the library
    (reward=mpe) velocities of prey alone. With observation_order=distance obstacles, predators and
    prey come nearest first, each kind by itself; with observed_neighbours only the nearest of each.
    """
    split = [s.num_predators, s.num_prey]
    kinds = [
        Planes(*planes_of_kind, planes.landmark_x, planes.landmark_y)
        for planes_of_kind in zip(*(tf.split(plane, split) for plane in planes[:4]))
    ]
    if s.observed_neighbours is not None:
        return {
            name: _observe_nearest(seer, kinds, s.observed_neighbours)
            for name, seer in zip((PREDATORS, PREY), kinds)
        }
    return {
        name: _observe(seer, [_others(seer, seen) for seen in kinds], s)
        for name, seer in zip((PREDATORS, PREY), kinds)
    }


def _observe_nearest(seer: Planes, kinds: list[Planes], k: int) -> tf.Tensor:
    """Observations [O, n, B] of one kind of agent that sees the k nearest of each kind of thing.

    Own velocity and walls; of each obstacle its offset and whether it is there; of each other
    predator, then of each other prey, these and its velocity.
    """
    x, y = seer.x, seer.y
    obstacles = (seer.landmark_x, seer.landmark_y)
    things = [local_view.nothing(k, x)]
    if obstacles[0].shape[0]:
        found = neighbours.nearest((x, y), obstacles, neighbours.squared_distance, k)
        things = [local_view.points(found, x, y, *obstacles)]
    for seen in kinds:
        if seen is seer:
            found = physics.nearest_others(x, y, k)
        else:
            found = neighbours.nearest((x, y), seen[:2], neighbours.squared_distance, k)
        there = tf.cast(found.there, x.dtype)
        velocities = [neighbours.take(plane, found.index) * there for plane in seen[2:4]]
        things.append([*local_view.points(found, x, y, *seen[:2]), *velocities])
    return local_view.rows(local_view.own(x, y, seer.vx, seer.vy, ARENA), *things)


def _others(seer: Planes, seen: Planes) -> tuple[tf.Tensor, ...]:
    """Relative x, y and velocities x, y [k, n, B] of all `seen` but the seer itself."""
    if seen is seer:
        others = [physics.others(plane) for plane in seer[:4]]
    else:
        shape = [seen.x.shape[0], *seer.x.shape]
        others = [tf.broadcast_to(plane[:, None], shape) for plane in seen[:4]]
    return others[0] - seer.x[None], others[1] - seer.y[None], others[2], others[3]


def _observe(seer: Planes, others: list[tuple[tf.Tensor, ...]], s: Settings) -> tf.Tensor:
    """Observations [O, n, B] of one kind of agent; others: predators, then prey."""
    obstacles = (
        seer.landmark_x[:, None] - seer.x[None],
        seer.landmark_y[:, None] - seer.y[None],
    )
    if s.observation_order == "distance":
        obstacles, *others = (physics.nearest_first(*seen) for seen in (obstacles, *others))
    moving = others[1:] if s.reward == "mpe" else others
    own = tf.stack([seer.vx, seer.vy, seer.x, seer.y])
    seen = [obstacles, *(kind[:2] for kind in others), *(kind[2:] for kind in moving)]
    return tf.concat([own, *(physics.interleave(*points) for points in seen)], axis=0)


def contacts(planes: Planes, s: Settings) -> tf.Tensor:
    """1.0 where a predator touches a prey, else 0.0: [predators, prey, B]."""
    n = s.num_predators
    predators, prey = ([plane[part] for plane in planes[:2]] for part in (slice(n), slice(n, None)))
    squared = pairs.squared_distances(prey, predators)
    return tf.cast(pairs.nearer_than(squared, PREDATOR_RADIUS + PREY_RADIUS), squared.dtype)


def bound(coordinate: tf.Tensor) -> tf.Tensor:
    """The library's penalty of a coordinate: 0 below 0.9, rising to 1 at 1.0, then to 10."""
    x = tf.abs(coordinate)
    beyond = tf.minimum(tf.exp(2.0 * x - 2.0), LIBRARY_BOUND)
    return tf.where(x < 0.9, tf.zeros([], x.dtype), tf.where(x < 1.0, (x - 0.9) * 10.0, beyond))


def reward(planes: Planes, s: Settings) -> dict[str, tf.Tensor]:
    """Rewards {population: [n, B]}: for predators by contacts, for prey minus contacts and bounds.

    The paper names signs, no sizes (5.1). By default a contact counts 1, to the predator that
    touches and against the prey; the boundary keeps its proportion to a contact in the library.
    """
    library = s.reward == "mpe"
    touching = contacts(planes, s)
    gained = tf.reduce_sum(touching, axis=1)
    if library or s.team_reward:
        gained = tf.broadcast_to(tf.reduce_sum(gained, axis=0, keepdims=True), gained.shape)
    outside = bound(planes.x[s.num_predators :]) + bound(planes.y[s.num_predators :])
    per_contact = LIBRARY_CONTACT if library else s.contact_reward
    per_touch = LIBRARY_CONTACT if library else s.contact_penalty
    boundary = 1.0 if library else s.boundary_penalty / LIBRARY_BOUND
    lost = per_touch * tf.reduce_sum(touching, axis=0) + boundary * outside
    return {PREDATORS: per_contact * gained, PREY: -lost}


def measures(states: ParticleState, s: Settings) -> dict[str, np.ndarray]:
    """The task's measures of whole episodes; states [T + 1, B, n, 2] in NumPy, result [B].

    contacts: pairs of a predator and a prey in contact, summed over the steps of the episode.
    outside: share of steps in which a prey is outside the arena, mean over prey.
    """
    positions = np.asarray(states.positions)[1:]
    predators, prey = positions[:, :, : s.num_predators], positions[:, :, s.num_predators :]
    apart = np.linalg.norm(predators[:, :, :, None] - prey[:, :, None], axis=-1)
    return {
        "contacts": (apart < PREDATOR_RADIUS + PREY_RADIUS).sum(axis=(0, 2, 3)),
        "outside": (np.abs(prey).max(axis=-1) > ARENA).mean(axis=(0, 2)),
    }
