"""The gym view of joint spaces."""

import numpy as np
import pytest
from gym.utils.env_checker import check_env

from baselines.kitchensink.gym_view import JointEnv
from dimapg_tf.envs import make_env
from dimapg_tf.types import ConfigurationError


def adversary():
    """Two populations on the host: adversary (1 agent) and agent (2)."""
    settings = {"module": "mpe2.simple_adversary_v3", "arguments": '{"max_cycles": 4}'}
    return make_env("pettingzoo", horizon=6, **settings)


@pytest.mark.parametrize("case", ["compiled", "host"])
@pytest.mark.filterwarnings("ignore::UserWarning")  # the checker's advice on unbounded boxes
def test_gyms_own_checker(case, small_env, monkeypatch):
    """The checker asks for np.bool8, which NumPy 2 no longer has."""
    monkeypatch.setattr(np, "bool8", np.bool_, raising=False)
    env = JointEnv(small_env) if case == "compiled" else JointEnv(adversary(), "agent")
    check_env(env)


def test_spaces_and_rewards_are_the_environments(small_env):
    """Replayed: the same actions in the environment itself give the same numbers."""
    env = JointEnv(small_env)
    assert env.observation_space.shape == (3, 14)
    np.testing.assert_array_equal(env.action_space.nvec, [5, 5, 5])
    env.action_space.seed(0)
    seen, _ = env.reset(seed=4)
    state, inner = env._state, small_env
    for t in range(6):
        action = env.action_space.sample()
        expected = inner.step(state, {"agents": action[None]})
        state = expected.state
        np.testing.assert_allclose(seen.shape, (3, 14))
        seen, reward, terminated, truncated, info = env.step(action)
        np.testing.assert_allclose(seen, expected.observations["agents"][0], atol=1e-6)
        np.testing.assert_allclose(info["rewards"], expected.rewards["agents"][0], atol=1e-6)
        assert reward == pytest.approx(float(np.min(expected.rewards["agents"])))
        assert not terminated
        assert truncated == (t == 5)


def test_others_are_played_by_whom_one_likes():
    """The adversary sees, each step, what it is asked to decide on."""
    asked = []

    def choose(name, observations, _state, noise):
        asked.append((name, observations.shape, noise.shape))
        return np.zeros((1, 1), np.int32)

    env = JointEnv(adversary(), "agent", {"adversary": choose})
    env.reset(seed=0)
    ended = False
    while not ended:
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        ended = terminated or truncated
    assert asked == [("adversary", (1, 1, 8), (1, 1))] * 4
    assert terminated  # max_cycles ends everybody's episode before the horizon


@pytest.mark.parametrize(("population", "named"), [(None, "missing"), ("wolves", "wolves")])
def test_which_population(population, named):
    with pytest.raises(ConfigurationError, match=f"(?s){named}.*adversary, agent"):
        JointEnv(adversary(), population)


@pytest.mark.parametrize(("reading", "expected"), [("minimum", -1.0), ("mean", 2.0)])
def test_two_readings_of_the_reward(reading, expected, small_env, monkeypatch):
    step, rewards = small_env.step, {"agents": np.array([[-1.0, 2.0, 5.0]])}
    monkeypatch.setattr(small_env, "step", lambda *a: step(*a)._replace(rewards=rewards))
    env = JointEnv(small_env, joint_reward=reading)
    env.reset(seed=4)
    assert env.step(np.array([1, 2, 3]))[1] == expected


def test_no_other_reading(small_env):
    with pytest.raises(ConfigurationError, match=r"^joint_reward = 'sum'"):
        JointEnv(small_env, joint_reward="sum")


def test_equal_seeds_start_equal_episodes():
    env = JointEnv(make_env("cooperative_navigation", num_agents=2))
    first, again, other = (env.reset(seed=s)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(env.reset()[0], other)
