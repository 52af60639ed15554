"""Joint policies as users meet them."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.kitchensink import network
from baselines.kitchensink.network import Sizes
from baselines.kitchensink.policy import JointPolicy
from dimapg_tf import seeds


@pytest.fixture
def policy(small_env, generator):
    population = small_env.spec.populations["agents"]
    params = network.init(generator, population, Sizes((2, 3), 6, 5))
    params = tf.nest.map_structure(
        lambda v: v + tf.constant(generator.normal(0, 0.5, v.shape), tf.float32), params
    )
    return JointPolicy(small_env, {"agents": params})


def test_act_remembers_until_it_is_reset(policy, small_env):
    """In an episode it is `unroll`; with a seed it draws what `start` draws from that noise."""
    observations = np.stack([small_env.reset(seed, 4)[1]["agents"] for seed in range(3)])
    params = policy.params["agents"]
    blank = network.blank_memory(params, 4)
    expected = np.argmax(network.unroll(params, tf.constant(observations), blank)[0], axis=-1)
    for _ in range(2):
        policy.reset()
        got = np.stack([policy.act(seen) for seen in observations])
        np.testing.assert_array_equal(got, expected)

    policy.reset()
    choose = policy.start(4)
    for seed, seen in enumerate(observations):
        noise = seeds.generator(seed, 0).random((3, 4), np.float32)
        drawn = policy.act({"agents": seen}, seed)["agents"]
        np.testing.assert_array_equal(drawn, choose("agents", seen, None, noise))


def test_act_takes_any_leading_axes(policy, small_env):
    _, observations = small_env.reset(0, 4)
    worlds = np.asarray(observations["agents"])
    expected = policy.act(worlds)
    assert expected.shape == (4, 3)
    np.testing.assert_array_equal(policy.act(worlds[1]), expected[1])
    np.testing.assert_array_equal(
        policy.act(worlds.reshape(2, 2, 3, 14)), expected.reshape(2, 2, 3)
    )
