"""Kitchen sinks as users meet them: `Policy` over a network with a memory."""

import copy

import numpy as np
import pytest
import tensorflow as tf

from baselines.kitchensink import network
from baselines.kitchensink.network import Sizes
from baselines.kitchensink.policy import RECURRENT
from dimapg_tf import seeds
from dimapg_tf.experiment.policies import Policy
from dimapg_tf.rollouts.host import host_steps
from dimapg_tf.types import Layer


@pytest.fixture
def policy(small_env, generator):
    population = small_env.spec.populations["agents"]
    params = network.init(generator, population, Sizes((2, 3), 6, 5))
    # Far from uniform and without biases, so that what was seen before decides as well.
    params = network.JointParams(
        *(
            Layer(
                layer.weights
                + tf.constant(generator.normal(0, 1, layer.weights.shape), tf.float32),
                tf.zeros_like(layer.bias),
            )
            for layer in params
        )
    )
    return Policy(small_env, RECURRENT, {"agents": params})


def play(policy, state, episode):
    """The actions in an episode of these observations, and the state after it."""
    actions = []
    for seen in episode:
        chosen, state = policy.act(state, {"agents": seen})
        actions.append(chosen["agents"])
    return np.stack(actions), state


def test_the_memory_is_in_the_state(policy, small_env):
    """In an episode `act` is `unroll`; a new state begins a new episode, an old one goes on."""
    episode = np.stack([small_env.reset(seed, 4)[1]["agents"] for seed in range(6)])
    params = policy.thetas["agents"]
    blank = network.blank_memory(params, 4)
    expected = np.argmax(network.unroll(params, tf.constant(episode), blank)[0], axis=-1)
    assert policy.remembers
    without = [policy.act(policy.start(4), seen)[0] for seen in episode]
    assert not np.array_equal(without, expected)
    for _ in range(2):
        got, _ = play(policy, policy.start(4), episode)
        np.testing.assert_array_equal(got, expected)
    _, between = play(policy, policy.start(4), episode[:1])
    for state in (between, copy.deepcopy(between), between):
        np.testing.assert_array_equal(play(policy, state, episode[1:])[0], expected[1:])


def test_act_is_the_players_host_rollout(policy, small_env):
    """Stepped by `act`, an episode is the one that a player meets with the same noise."""
    seed, worlds = 5, 4
    player = policy.player(worlds)
    state, played = policy.start(worlds, seed), []

    def choose(name, observations, env_state, _noise):
        nonlocal state
        noise = seeds.generator(seed, state.step, 0).random((3, worlds), np.float32)
        expected = player(name, observations, env_state, noise)
        actions, state = policy.act(state, observations)
        np.testing.assert_array_equal(actions, expected)
        played.append(actions)
        return actions, None

    *_, _ = host_steps(small_env, choose, 0, worlds)
    assert len(played) == state.step == small_env.spec.horizon
    assert len(np.unique(played)) > 2


def test_an_exported_one_takes_and_gives_its_memory(policy, small_env, tmp_path):
    """Outside, an episode of one world is what it is here."""
    from dimapg_tf.experiment.exporting import export

    (tmp_path / "policy.json").write_text("{}")
    (path,) = export(policy, tmp_path, tmp_path / "model")
    model = tf.saved_model.load(str(path)).signatures["act_greedy"]
    episode = np.stack([small_env.reset(seed, 1)[1]["agents"] for seed in range(6)])
    expected, _ = play(policy, policy.start(1), episode)
    memory = {f"memory_{index}": tf.zeros([1, 5]) for index in range(2)}
    for seen, actions in zip(episode, expected):
        results = model(observations=tf.constant(seen), **memory)
        np.testing.assert_array_equal(results["actions"], actions)
        memory = {name: results[name] for name in memory}
