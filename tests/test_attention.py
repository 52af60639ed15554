"""A policy over sets, against loops over things in NumPy; and where it can be had."""

import json

import numpy as np
import pytest
import tensorflow as tf

from dimapg_tf import attention, evaluate, load_config, load_policy, policy, seeds, train
from dimapg_tf.algorithm import policies
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs import make_env
from dimapg_tf.envs.particles import cooperative_navigation
from dimapg_tf.experiment import console
from dimapg_tf.types import Box, ConfigurationError, Kind

# 2 own numbers, 3 things of 4 numbers, 1 own number, 2 things of 3.
KINDS = (Kind(2, 3, 4, 3), Kind(15, 2, 3, 0))
SIZE, UNITS, ACTIONS = 21, 5, 4


def observations(generator, *shape):
    """Of things some of which are not there: then all of their numbers are 0."""
    seen = generator.normal(size=(*shape, SIZE))
    for kind in KINDS:
        there = generator.random((*shape, kind.count)) < 0.6
        for feature in range(kind.features):
            start = kind.start + feature * kind.count
            block = slice(start, start + kind.count)
            if feature == kind.there:
                seen[..., block] = there
            seen[..., block] *= there
    return seen


def theta_of(generator, space=None):
    theta = policy.init(
        *(generator, SIZE, ACTIONS, (6,), tf.float64, 1.0, space, KINDS, UNITS),
    )
    # Biases other than 0, so that a thing that is not there would be noticed.
    tensors = [t + generator.normal(size=t.shape) for t in tf.nest.flatten(theta)]
    return policy.from_flat(tensors, space, SIZE, KINDS)


def slowly(theta, one):
    """Outputs for one observation [O], thing by thing."""
    first, *layers = theta
    kept, means = np.ones(SIZE, bool), []
    for kind, encoder, score in zip(KINDS, first.encoders, first.scores):
        encoded, scores = [], []
        kept[kind.start : kind.start + kind.size] = False
        for thing in range(kind.count):
            features = [one[kind.start + f * kind.count + thing] for f in range(kind.features)]
            if features[kind.there] > 0:
                x = np.maximum(features @ encoder.weights.numpy() + encoder.bias.numpy(), 0.0)
                encoded.append(x)
                scores.append((x @ score.numpy())[0])
        weights = np.exp(scores) / np.sum(np.exp(scores))
        means.append(np.sum([w * x for w, x in zip(weights, encoded)], axis=0) + np.zeros(UNITS))
    # Own numbers stand between the kinds.
    x = np.concatenate([one[:2], means[0], one[14:15], means[1]])
    for index, layer in enumerate(layers):
        x = x @ layer.weights.numpy() + layer.bias.numpy()
        x = np.maximum(x, 0.0) if index < len(layers) - 1 else x
    return x


@pytest.mark.parametrize("compiled", [False, True])
def test_outputs_are_those_of_a_loop_over_things(compiled, generator):
    theta, seen = theta_of(generator), observations(generator, 3, 40)
    apply = tf.function(policy.apply, jit_compile=compiled, autograph=False)
    expected = [[slowly(theta, one) for one in row] for row in seen]
    np.testing.assert_allclose(apply(theta, tf.constant(seen)), expected, atol=1e-12)
    nothing = np.zeros([1, SIZE])
    np.testing.assert_allclose(
        policy.apply(theta, tf.constant(nothing))[0], slowly(theta, nothing[0]), atol=1e-12
    )


def test_a_stack_of_policies_decides_one_by_one(generator):
    thetas, seen = [theta_of(generator) for _ in range(3)], observations(generator, 3, 7)
    stacked = tf.nest.map_structure(lambda *v: tf.stack(v), *thetas)
    assert policy.is_stacked(stacked)
    assert not policy.is_stacked(thetas[0])
    expected = [policy.apply(theta, tf.constant(row)) for theta, row in zip(thetas, seen)]
    np.testing.assert_allclose(policy.apply(stacked, tf.constant(seen)), expected, atol=1e-12)
    of_one = policy.stack(thetas[0], 2)
    assert of_one[0].kinds == KINDS
    np.testing.assert_array_equal(
        of_one[0].encoders[1].weights[1], thetas[0][0].encoders[1].weights
    )


def test_gradients_are_those_of_differences(generator):
    """Through all tensors, also where a kind is absent."""
    theta, seen = theta_of(generator), observations(generator, 12)
    seen[0] = 0.0
    weights = generator.normal(size=(12, ACTIONS))

    def value(tensors):
        outputs = policy.apply(policy.from_flat(tensors, None, SIZE, KINDS), tf.constant(seen))
        return tf.reduce_sum(outputs * weights)

    tensors = tf.nest.flatten(theta)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        total = value(tensors)
    gradients = tape.gradient(total, tensors)
    assert len(gradients) == attention.num_tensors(KINDS) + 4
    for index, gradient in enumerate(gradients):
        direction = generator.normal(size=gradient.shape)
        moved = [list(tensors), list(tensors)]
        for sign, row in zip((-1, 1), moved):
            row[index] = tensors[index] + sign * 1e-6 * direction
        slope = (value(moved[1]) - value(moved[0])) / 2e-6
        np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=2e-5, atol=1e-6)


def test_the_order_of_things_does_not_matter(generator):
    theta, seen = theta_of(generator), observations(generator, 9)
    turned = seen.copy()
    for kind in KINDS:
        order = generator.permutation(kind.count)
        for feature in range(kind.features):
            start = kind.start + feature * kind.count
            turned[:, start : start + kind.count] = seen[:, start + order]
    np.testing.assert_allclose(
        *(policy.apply(theta, tf.constant(v)) for v in (seen, turned)), atol=1e-12
    )


def test_there_and_back(generator):
    space = Box((-1.0,) * ACTIONS, (1.0,) * ACTIONS)
    theta = policy.init(generator, SIZE, ACTIONS, (6, 6), space=space, kinds=KINDS)
    again = policy.from_flat(tf.nest.flatten(theta), space, SIZE, KINDS)
    tf.nest.assert_same_structure(theta, again)
    assert again[-1].space == space
    assert policy.is_stacked(policy.stack(again, 2))
    for mine, other in zip(tf.nest.flatten(theta), tf.nest.flatten(again)):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize(
    ("name", "more"),
    [("cooperative_navigation", {"observed_goals": "nearest"}), ("predator_prey", {})],
)
def test_kinds_are_what_is_observed(name, more):
    """As many as there are, marked so; what is not there has zeros alone; own numbers are four."""
    env = make_env(name, observed_neighbours=4, observation_order="distance", **more)
    for population, observed in env.reset(0, 6)[1].items():
        p, seen = env.spec.populations[population], np.asarray(observed)
        assert p.kinds[0].start == 4
        ends = [kind.start + kind.size for kind in p.kinds]
        assert [kind.start for kind in p.kinds[1:]] + [p.observation_size] == ends
        sizes = {
            "agents": [3, 2],
            "predators": [2, 2, 1],
            "prey": [2, 3, 0],
        }[population]
        for kind, there in zip(p.kinds, sizes):
            block = seen[..., kind.start : kind.start + kind.size]
            block = block.reshape(*seen.shape[:-1], kind.features, kind.count)
            np.testing.assert_array_equal((block[..., kind.there, :] > 0).sum(axis=-1), there)
            assert (block[..., there:] == 0).all()


def test_where_nothing_is_said_of_things_it_is_refused(capfd, tmp_path):
    argv = ["--env_config=cooperative_navigation_3", "--policy=set", f"--logdir={tmp_path}/run"]
    assert console.run(train.main, ["train", *argv]) == console.BAD_INPUT
    assert "policy = 'set': needs an environment" in capfd.readouterr().err
    with pytest.raises(ConfigurationError, match="policy = 'tree'"):
        Settings(policy="tree")
    with pytest.raises(ConfigurationError, match="entity_units = 0"):
        Settings(entity_units=0)


def test_trained_kept_and_played_by_any_team(tmp_path):
    tiny = ["--env_config=cooperative_navigation_3_near", "--horizon=4", "--trajectories=2"]
    tiny += ["--hidden=4", "--entity_units=3", "--policy=set", "--episodes=10", "--seed=3"]
    run = tmp_path / "run"
    assert console.run(train.main, ["train", *tiny, f"--logdir={run}"]) == 0
    kept = load_policy(run)
    assert isinstance(kept.thetas["agents"][0], attention.Attention)
    assert json.loads((run / "policy.json").read_text())["settings"]["policy"] == "set"
    more = load_policy(run, num_agents=7)
    seen = more.env.reset(0, 2)[1]["agents"]
    assert more.act(more.start(2, seed=0), {"agents": seen})[0]["agents"].shape == (2, 7)
    argv = ["evaluate", str(run), "--episodes=2", "--num_agents=5"]
    assert console.run(evaluate.main, argv) == 0


def test_a_new_policy_has_the_units_that_settings_say():
    config = load_config("cooperative_navigation_10_near", "dimapg", policy="set", entity_units=7)
    env = cooperative_navigation.make(**vars(config.env_settings))
    population = env.spec.populations["agents"]
    theta = policies.new(config.settings, population, seeds.generator(0))
    assert [layer.weights.shape for layer in theta[0].encoders] == [(4, 7), (3, 7)]
    assert theta[1].weights.shape == (4 + 2 * 7, 100)
    again = policies.from_flat(config.settings, population, tf.nest.flatten(theta))
    tf.nest.assert_same_structure(theta, again)
