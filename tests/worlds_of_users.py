"""Environments as users write them: a good one to start from, with a hook for each fault."""

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete
from pettingzoo import ParallelEnv


class Tiny(ParallelEnv):
    """Two agents see how far they are from 0 and are paid for being near; ends after 6 steps.

    Args:
      faults: {name of a method or attribute: what takes its place}; a method takes the env first.
      observed, acted: the spaces of every agent, or {agent: space}.
    """

    metadata = {"name": "tiny_v0"}  # noqa: RUF012

    def __init__(self, faults=None, observed=None, acted=None, agents=("walker_0", "walker_1")):
        self.possible_agents = list(agents)
        observed = observed or Box(-100.0, 100.0, (2,), np.float32)
        acted = acted or Discrete(3)
        every = lambda space: dict.fromkeys(agents, space)  # noqa: E731
        self._observed = observed if isinstance(observed, dict) else every(observed)
        self._acted = acted if isinstance(acted, dict) else every(acted)
        self.places, self.time = {}, 0
        for name, value in (faults or {}).items():
            setattr(self, name, value.__get__(self) if callable(value) else value)

    def observation_space(self, agent):
        return self._observed[agent]

    def action_space(self, agent):
        return self._acted[agent]

    def reset(self, seed=None, options=None):
        generator = np.random.default_rng(seed)
        self.agents, self.time = list(self.possible_agents), 0
        self.places = {agent: generator.normal() for agent in self.agents}
        return self.everybody(self.see), {agent: {} for agent in self.agents}

    def step(self, actions):
        self.time += 1
        for agent, action in actions.items():
            self.places[agent] += self.force(action)
        over = self.time >= 6
        results = (
            self.everybody(self.see),
            self.everybody(self.pay),
            self.everybody(lambda agent: False),
            self.everybody(lambda agent: over),
            {agent: {} for agent in self.agents},
        )
        if over:
            self.agents = []
        return results

    def everybody(self, say):
        return {agent: say(agent) for agent in self.agents}

    def force(self, action):
        return float(np.sum(action)) - 1.0

    def see(self, agent):
        return np.array([self.places[agent], self.time], np.float32)

    def pay(self, agent):
        return -abs(self.places[agent])


MASKED = Dict(
    {"observation": Box(-100.0, 100.0, (2,), np.float32), "action_mask": Box(0, 1, (3,), np.int8)}
)


def see_masked(env, agent):
    """Action 1 is never legal, action 2 after the first step."""
    mask = np.array([1, 0, env.time > 0], np.int8)
    return {"observation": Tiny.see(env, agent), "action_mask": mask}


SEVERAL = MultiDiscrete([2, 3])
REAL = Box(np.array([-1.0, 0.0]), np.array([1.0, 4.0]), dtype=np.float64)
IMAGE = Box(0, 255, (2, 3), np.uint8)


def parallel_env(**settings):
    """So that this module can be named by --module."""
    return Tiny(**settings)
