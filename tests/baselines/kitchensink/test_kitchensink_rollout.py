"""The compiled rollout of recurrent joint policies against stepping from Python."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from baselines.a3c_kitchensink.learner import A3CKitchensink
from baselines.a3c_kitchensink.settings import Settings as A3CSettings
from baselines.kitchensink import network, rollout
from baselines.kitchensink.network import Sizes
from baselines.kitchensink.policy import RECURRENT
from baselines.trpo_kitchensink.learner import TRPOKitchensink
from baselines.trpo_kitchensink.settings import Settings as TRPOSettings
from dimapg_tf import seeds
from dimapg_tf.envs import make_env
from dimapg_tf.experiment.policies import Policy
from dimapg_tf.rollouts.host import host_steps
from dimapg_tf.types import ConfigurationError, EnvSpec, Population

SEED, WORLDS = 3, 2


def random_params(env, dtype=tf.float64):
    """A policy for each population whose actions depend on what it sees and saw."""
    params = {}
    for index, (name, population) in enumerate(env.spec.populations.items()):
        drawn = network.init(seeds.generator(index), population, Sizes((2, 3), 6, 5), dtype)
        generator = seeds.generator(index, 1)
        params[name] = tf.nest.map_structure(
            lambda v, g=generator: v + tf.constant(g.normal(0, 0.4, v.shape), dtype), drawn
        )
    return params


def compiled(env, params, lengths):
    """Unrolls of these lengths, one after another; the steps of each."""
    unroll = tf.function(rollout.unroll, jit_compile=True)
    carry = rollout.start(env, params, seeds.derive(SEED, seeds.STATES), WORLDS)
    noise = seeds.action_noise(env.spec, seeds.derive(SEED, seeds.NOISE), WORLDS)
    parts, t = [], 0
    for length in lengths:
        part = {name: tf.constant(values[t : t + length]) for name, values in noise.items()}
        carry, steps = unroll(env, params, carry, part, "minimum")
        parts.append(steps)
        t += length
    return parts


def test_compiled_is_host_play(small_env):
    """Unrolls of 4 + 2 steps, memory carried on, are the 6 steps that Python takes."""
    params = random_params(small_env)
    parts = compiled(small_env, params, (4, 2))
    policy = Policy(small_env, RECURRENT, params).player(WORLDS)

    def choose(name, observations, state, noise):
        actions = policy(name, observations, state, noise)
        return actions, (observations, actions)

    (_, *host) = host_steps(small_env, choose, SEED, WORLDS, tf.float64)
    fast = [np.concatenate([np.asarray(p["agents"][i]) for p in parts]) for i in range(6)]
    observations, actions, alive, log_probs, rewards, agent_rewards = fast
    assert len(np.unique(actions)) > 2
    for t, (decided, host_rewards, _, _) in enumerate(host):
        np.testing.assert_array_equal(actions[t], decided["agents"][1])
        np.testing.assert_allclose(observations[t], decided["agents"][0], atol=1e-9)
        np.testing.assert_allclose(agent_rewards[t], host_rewards["agents"], atol=1e-9)
        np.testing.assert_allclose(rewards[t], host_rewards["agents"].min(axis=1), atol=1e-9)
    assert (alive == 1.0).all()

    memory = network.blank_memory(params["agents"], WORLDS)
    logits = network.unroll(params["agents"], tf.constant(observations), memory)[0]
    log_pi = np.log(tf.nn.softmax(logits))
    expected = np.take_along_axis(log_pi, actions[..., None], axis=-1)[..., 0].sum(axis=-1)
    np.testing.assert_allclose(log_probs, expected, atol=1e-9)
    np.testing.assert_allclose(
        parts[1]["agents"].memory.output,
        network.unroll(params["agents"], tf.constant(observations[:4]), memory)[3].output,
        atol=1e-9,
    )


def test_returns_and_steps(small_env):
    (steps,) = compiled(small_env, random_params(small_env), (6,))
    expected = steps["agents"].agent_rewards.numpy().sum(axis=0).T
    np.testing.assert_allclose(rollout.returns_of(steps["agents"]), expected)
    assert rollout.count_steps(steps).env_steps == 6 * WORLDS


def test_what_a_population_is_left_with(small_env):
    """In world 0 one agent is alive, in world 1 none."""
    carry = rollout.start(small_env, random_params(small_env), 5, WORLDS)
    carry = carry._replace(alive={"agents": tf.constant([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])})
    last = rollout.last_of(small_env, carry)["agents"]
    _, observations = small_env.reset(5, WORLDS, tf.float64)
    np.testing.assert_array_equal(last.observations, observations["agents"])
    np.testing.assert_array_equal(last.alive, [1.0, 0.0])


@pytest.mark.parametrize(
    ("reading", "expected"), [("minimum", [-1.0, 2.0, 0.0]), ("mean", [4 / 3, 2.5, 0.0])]
)
def test_joint_reward_is_over_the_living(reading, expected):
    rewards = tf.constant([[3.0, -1.0, 2.0], [3.0, -1.0, 2.0], [3.0, -1.0, 2.0]])
    alive = tf.constant([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    got = rollout.joint_reward(rewards, alive, reading)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize(("reading", "expected"), [("minimum", -1.0), ("mean", 2.0)])
def test_steps_have_the_joint_reward(reading, expected, small_env, monkeypatch):
    advance, rewards = (
        small_env.advance,
        tf.constant([[-1.0] * WORLDS, [2.0] * WORLDS, [5.0] * WORLDS]),
    )
    monkeypatch.setattr(
        small_env, "advance", lambda *a: (advance(*a)[0], {"agents": rewards}, advance(*a)[2])
    )
    params = random_params(small_env, tf.float32)
    carry = rollout.start(small_env, params, 5, WORLDS)
    noise = {"agents": tf.zeros([2, 3, WORLDS])}
    _, steps = rollout.unroll(small_env, params, carry, noise, reading)
    np.testing.assert_array_equal(steps["agents"].rewards, np.full((2, WORLDS), expected))


class AskedError(Exception):
    """What a joint learner was to earn."""


@pytest.mark.parametrize(
    ("learner", "settings"), [(A3CKitchensink, A3CSettings), (TRPOKitchensink, TRPOSettings)]
)
def test_learners_earn_what_their_setting_says(learner, settings, small_env, monkeypatch):
    def unroll(_env, _params, _carry, _noise, reading):
        raise AskedError(reading)

    monkeypatch.setattr(rollout, "unroll", unroll)
    sizes = {"conv": (2, 3), "dense": 4, "lstm": 5}
    if settings is A3CSettings:
        sizes |= {"workers": 1, "n_steps": 3}
    with pytest.raises(AskedError, match="mean"):
        learner(small_env, settings(joint_reward="mean", **sizes), seed=0).update(1)


def test_only_compiled_environments():
    spec = EnvSpec("chess", {"players": Population(2, 64, 5)}, 10, rollout="host")
    with pytest.raises(ConfigurationError, match="chess"):
        rollout.check_compiled(SimpleNamespace(spec=spec))
    assert rollout.check_compiled(make_env("cooperative_navigation"))
