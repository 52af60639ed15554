"""Networks: shapes, who sees what, what is shared."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.maddpg import networks
from dimapg_tf import policy

M = 4


@pytest.fixture
def data(chase_env, generator):
    """Observations [n, M, O] and one-hot actions [n, M, A] of both populations; float64."""
    observations, actions = {}, {}
    for name, p in chase_env.spec.populations.items():
        observations[name] = tf.constant(
            generator.normal(size=(p.num_agents, M, p.observation_size))
        )
        chosen = generator.integers(0, p.num_actions, (p.num_agents, M))
        actions[name] = tf.one_hot(chosen, p.num_actions, dtype=tf.float64)
    return observations, actions


def test_critics_see_everybody(chase_env, data):
    observations, actions = data
    inputs = networks.joint(observations, actions).numpy()
    assert inputs.shape == (M, networks.critic_inputs(chase_env.spec)) == (M, 2 * 6 + 4 + 3 * 5)
    expected = [observations["hunters"][0], observations["hunters"][1], observations["runners"][0]]
    expected += [actions["hunters"][0], actions["hunters"][1], actions["runners"][0]]
    np.testing.assert_array_equal(inputs, np.concatenate(expected, axis=1))
    for name, values in actions.items():
        for i, rows in enumerate(networks.own_action_rows(chase_env.spec, name)):
            np.testing.assert_array_equal(inputs[:, rows], values[i])


@pytest.mark.parametrize("share", [False, True])
def test_shapes_and_start(chase_env, generator, share):
    made = networks.init(generator, chase_env.spec, "hunters", (8, 7), share)
    lead = () if share else (2,)
    assert [tuple(v.shape) for v in tf.nest.flatten(made.actor)] == [
        (*lead, *shape) for shape in ((6, 8), (8,), (8, 7), (7,), (7, 5), (5,))
    ]
    assert made.critic[0].bias.shape == (2, 8)  # each agent's own, shared or not
    assert made.critic[0].weights.shape == (*lead, 31, 8)
    weights = made.actor[-1].weights.numpy()
    assert np.abs(weights).max() == pytest.approx(np.sqrt(6 / 12), rel=0.1)  # Glorot, not scaled
    if not share:
        assert not np.array_equal(weights[0], weights[1])


@pytest.mark.parametrize("share", [False, True])
def test_own_action_replaced(chase_env, data, generator, share):
    """Only agent i's action changes in agent i's input: the same as n inputs, one by one."""
    observations, actions = data
    made = networks.init(generator, chase_env.spec, "hunters", (8, 7), share, tf.float64)
    critic = tf.nest.map_structure(lambda v: v + generator.normal(0, 0.3, v.shape), made.critic)
    new = tf.constant(generator.random((2, M, 5)))
    inputs = networks.joint(observations, actions)
    rows = networks.own_action_rows(chase_env.spec, "hunters")
    values = networks.values_of_own_action(critic, inputs, new - actions["hunters"], rows)
    for i in range(2):
        hunters = [new[j] if j == i else actions["hunters"][j] for j in range(2)]
        changed = networks.joint(observations, {**actions, "hunters": tf.stack(hunters)})
        np.testing.assert_allclose(values[i], networks.values(critic, changed)[i], rtol=1e-10)


def test_a_shared_critic_is_one_network_with_the_index_among_its_inputs(chase_env, data, generator):
    made = networks.init(generator, chase_env.spec, "hunters", (8,), True, tf.float64)
    first, output = made.critic
    first = first._replace(bias=tf.constant(generator.normal(size=(2, 8))))
    inputs = networks.joint(*data)
    values = networks.values((first, output), inputs)
    weights = tf.concat([first.weights, first.bias], axis=0)  # [D + n, H]
    for i in range(2):
        index = tf.one_hot([i] * M, 2, dtype=tf.float64)
        plain = (first._replace(weights=weights, bias=tf.zeros([8], tf.float64)), output)
        expected = policy.apply(plain, tf.concat([inputs, index], axis=1))[:, 0]
        np.testing.assert_allclose(values[i], expected)
