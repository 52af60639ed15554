"""Scripted reference policies: what random, greedy and coordinated play score.

Here those of Cooperative Navigation; `pursuit` has those of Predator-Prey. Each is a function
(population, observations [B, n, O], state, uniform noise [n, B]) -> actions [B, n], to be stepped
by `rollout.host_steps`.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import linear_sum_assignment

from dimapg_tf.envs.base import Env
from dimapg_tf.envs.particles import DAMPING, DT, ParticleState
from dimapg_tf.experiment.pursuit import flee, pursue, thrust

Choose = Callable[[str, np.ndarray, object, np.ndarray], np.ndarray]

# An agent that does nothing goes on for v · DT · (0.75 + 0.75² + ...) before it comes to rest.
COASTING = DT * (1.0 - DAMPING) / DAMPING
# One action moves the place of rest by 0.2, so a nearer goal than half of that is left alone.
CLOSE_ENOUGH = 0.1


def policies(env: Env) -> dict[str, Choose]:
    """Scripted policies that all populations of this environment follow at once, by name."""
    scripted = {"random": random_policy(env)}
    if env.spec.name == "cooperative_navigation":
        scripted["nearest"] = lambda _name, _obs, state, _noise: go_to(state, nearest(state))
        scripted["assignment"] = lambda _name, _obs, state, _noise: go_to(state, assignment(state))
    return scripted


def policies_of(env: Env) -> dict[str, dict[str, Choose]]:
    """Scripted policies of each population by itself: {population: {name: policy}}.

    Greedy predators head for where the nearest prey is, intercepting ones for where it is going.
    """
    scripted = {name: {"random": random_policy(env)} for name in env.spec.populations}
    if env.spec.name == "predator_prey":
        n = env.spec.populations["predators"].num_agents
        scripted["predators"] |= {
            "greedy": lambda _name, _obs, state, _noise: pursue(state, n, 0.0),
            "intercepting": lambda _name, _obs, state, _noise: pursue(state, n, COASTING),
        }
        scripted["prey"]["fleeing"] = lambda _name, _obs, state, _noise: flee(state, n)
    return scripted


def random_policy(env: Env) -> Choose:
    """Every action with the same probability."""

    def choose(name, _observations, _state, noise):
        return (noise.T * env.spec.populations[name].num_actions).astype(np.int32)

    return choose


def distances(state: ParticleState) -> np.ndarray:
    """From every agent to every goal: [B, n, L]."""
    positions, goals = np.asarray(state.positions), np.asarray(state.landmarks)
    return np.linalg.norm(positions[:, :, None] - goals[:, None], axis=-1)


def nearest(state: ParticleState) -> np.ndarray:
    """The goal nearest to each agent [B, n]; two agents may choose the same."""
    return distances(state).argmin(axis=2)


def assignment(state: ParticleState) -> np.ndarray:
    """A goal of its own for each agent [B, n], with the smallest sum of distances (Hungarian)."""
    return np.stack([linear_sum_assignment(costs)[1] for costs in distances(state)])


def go_to(state: ParticleState, goals: np.ndarray) -> np.ndarray:
    """Actions [B, n] towards the chosen goals: full thrust along the axis that is further off.

    What counts is where the agent would come to rest. Others are not avoided.
    """
    targets = np.take_along_axis(np.asarray(state.landmarks), goals[..., None], axis=1)
    resting = np.asarray(state.positions) + COASTING * np.asarray(state.velocities)
    offsets = targets - resting
    return np.where(np.abs(offsets).max(axis=-1) > CLOSE_ENOUGH, thrust(offsets), 0)
