"""Fixtures of all tests: a few small worlds and policies."""

import numpy as np
import pytest
import tensorflow as tf
from stub_learner import EPISODES

from dimapg_tf import policy
from dimapg_tf.algorithm.objective import Batch
from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles.env import ParticleEnv
from dimapg_tf.envs.particles.physics import Bodies, ParticleState
from dimapg_tf.experiment import flags, learners, run_directory, versions
from dimapg_tf.experiment.config import config_from
from dimapg_tf.experiment.flagfiles import Token
from dimapg_tf.types import EnvSpec, Population


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def small_env():
    """Cooperative Navigation with 3 agents and 6 steps."""
    return make_env("cooperative_navigation", num_agents=3, horizon=6)


@pytest.fixture(scope="session")
def small_game():
    """Survival with 6 agents that die and eat soon, 12 steps."""
    return make_env(
        "survival",
        num_agents=6,
        num_food=3,
        food_hp=5,
        agent_hp=5,
        map_size=9,
        view_range=2,
        start_spacing=1,
        placement="anywhere",
        horizon=12,
    )


@pytest.fixture
def small_theta(generator):
    """A policy of 4 inputs, 3 actions and 5 x 4 hidden units, far from uniform; float64."""
    theta = policy.init(generator, 4, 3, hidden=(5, 4), dtype=tf.float64)
    return tf.nest.map_structure(lambda v: v + generator.normal(0.0, 0.5, v.shape), theta)


@pytest.fixture
def make_small_batch(generator):
    """Batches of 2 agents with 6 samples each, for `small_theta`; float64."""

    def make(theta_n) -> Batch:
        """Samples whose old log-probabilities are those of theta_n, a stack [2]."""
        observations = tf.constant(generator.normal(size=(2, 6, 4)))
        actions = tf.constant(generator.integers(0, 3, (2, 6)), tf.int32)
        weights = generator.random((2, 6))
        return Batch(
            observations,
            actions,
            policy.log_prob(theta_n, observations, actions),
            tf.constant(generator.normal(size=(2, 6))),
            tf.constant(weights / weights.sum(axis=1, keepdims=True)),
            tf.constant(generator.normal(size=2)),
            tf.constant(generator.random(2) + 0.5),
            tf.constant([3.0, 3.0], tf.float64),
        )

    return make


# Two populations of different sizes and observations, in one compiled world.
HUNTERS, RUNNERS = "hunters", "runners"


def chase(horizon: int = 6) -> ParticleEnv:
    """Two hunters that are to be near one runner, which is to be far from them."""

    def observe(planes):
        to_runner = [planes.x[2:] - planes.x[:2], planes.y[2:] - planes.y[:2]]
        own = [planes.x, planes.y, planes.vx, planes.vy]
        hunters = tf.stack([*(plane[:2] for plane in own), *to_runner])
        return {HUNTERS: hunters, RUNNERS: tf.stack([plane[2:] for plane in own])}

    def reward(planes):
        dx, dy = planes.x[2:] - planes.x[:2], planes.y[2:] - planes.y[:2]
        distance = tf.sqrt(dx * dx + dy * dy)  # [2, B]
        return {HUNTERS: -distance, RUNNERS: tf.reduce_min(distance, axis=0, keepdims=True)}

    def spawn(generator, num_worlds):
        positions = generator.uniform(-1.0, 1.0, (num_worlds, 3, 2))
        return ParticleState(positions, np.zeros_like(positions), np.zeros((num_worlds, 1, 2)))

    populations = {HUNTERS: Population(2, 6, 5), RUNNERS: Population(1, 4, 5)}
    return ParticleEnv(
        EnvSpec("chase", populations, horizon, rollout="compiled"),
        {"horizon": horizon},
        Bodies(np.full(3, 0.1), np.full(3, 5.0), np.array([np.inf, np.inf, 1.0]), np.zeros(0)),
        "openai",
        spawn,
        observe,
        reward,
        measures=lambda states: {},
    )


@pytest.fixture(scope="session")
def chase_env() -> ParticleEnv:
    return chase()


@pytest.fixture
def stub(monkeypatch):
    """The learner "stub" is announced; what `git` says is asked once. Returns make_config."""
    known = {**learners.learner_names(), "stub": "stub_settings:STUB"}
    monkeypatch.setattr(learners, "learner_names", lambda: known)
    record = versions.versions()
    monkeypatch.setattr(run_directory, "versions", lambda: dict(record))

    def make_config(iterations, **overrides):
        overrides = {"checkpoint_every": 2, "num_agents": 2, **overrides}
        tokens = {"algorithm": "stub", "episodes": EPISODES * iterations, **overrides}
        return config_from([Token(line, "test") for line in flags.as_lines(tokens)])

    return make_config
