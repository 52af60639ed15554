"""The joint-space view of an environment as a `gym.Env`, for any single-agent algorithm.

gym 0.26.2 under NumPy 2: wrap this class in what you like, but not by `gym.make`, whose passive
checker asks for `np.bool8`, which is gone. gym prints a notice at import; nothing else imports it.
"""

from collections.abc import Mapping
from typing import Any

import gym
import numpy as np

from baselines.kitchensink import rollout
from baselines.kitchensink.settings import JOINT_REWARDS
from dimapg_tf import checks, seeds
from dimapg_tf.envs.base import Choose, Env
from dimapg_tf.envs.random_play import random_player
from dimapg_tf.types import ConfigurationError, require_plain


class JointEnv(gym.Env):
    """One agent that observes [n, m], acts for all n and earns one reward for all of them.

    An observation is that of all agents of a population; an action, one action for each; a reward,
    the minimum over the agents that were alive, or the mean (0 where none was), as in
    `rollout.joint_reward`. `info["rewards"]` has all of them. The horizon truncates; the
    death of the whole population terminates.

    Args:
      env: any environment, such as `dimapg_tf.make_env` returns.
      population: which one is played; may be left out where there is only one.
      others: {population: who decides for it}, as `Policy.player(1)` returns; the rest play at
        random.
      joint_reward: "minimum", as in the paper (5.2.1), or "mean".
    """

    metadata: Mapping[str, Any] = {"render_modes": []}

    def __init__(
        self,
        env: Env,
        population: str | None = None,
        others: Mapping[str, Choose] | None = None,
        joint_reward: str = "minimum",
    ):
        checks.one_of("joint_reward", joint_reward, JOINT_REWARDS)
        names = list(env.spec.populations)
        if population is None and len(names) > 1:
            raise ConfigurationError(
                f"population is missing: {env.spec.name} has {', '.join(names)}"
            )
        if population is not None and population not in names:
            raise ConfigurationError(
                f"population = {population!r}: {env.spec.name} has {', '.join(names)}"
            )
        self._env, self._reading = env, joint_reward
        self._name = population or names[0]
        everybody = dict.fromkeys(names, random_player(env.spec))
        self._others = {**everybody, **(others or {})}
        require_plain(env.spec, "kitchensink")
        n, m, num_actions = env.spec.populations[self._name][:3]
        self.observation_space = gym.spaces.Box(-np.inf, np.inf, (n, m), np.float32)
        self.action_space = gym.spaces.MultiDiscrete([num_actions] * n)

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple:
        """A new episode; equal seeds start equal episodes, also of the others' random actions."""
        super().reset(seed=seed)
        episode = int(self.np_random.integers(2**31))
        self._state, self._seen = self._env.reset(seeds.derive(episode, seeds.STATES), 1)
        self._noise = seeds.action_noise(self._env.spec, seeds.derive(episode, seeds.NOISE), 1)
        self._alive = np.ones(self.observation_space.shape[0])
        self._time = 0
        return self._observation(), {}

    def step(self, action: Any) -> tuple:
        """One step of all agents of all populations."""
        actions = {self._name: np.asarray(action, np.int32)[None]}
        for name in self._env.spec.populations:
            if name != self._name:
                seen = np.asarray(self._seen[name])
                noise = self._noise[name][self._time]
                actions[name] = self._others[name](name, seen, self._state, noise)
        self._state, self._seen, rewards, alive = self._env.step(self._state, actions)
        self._time += 1
        rewards = np.asarray(rewards[self._name], np.float64)[0]
        reward = float(rollout.joint_reward(rewards, self._alive, self._reading))
        self._alive = np.asarray(alive[self._name])[0]
        terminated = not self._alive.any()
        truncated = not terminated and self._time >= self._env.spec.horizon
        return self._observation(), reward, terminated, truncated, {"rewards": rewards}

    def _observation(self) -> np.ndarray:
        return np.asarray(self._seen[self._name], np.float32)[0]
