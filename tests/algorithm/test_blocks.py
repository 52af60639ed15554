"""Blocks of agents: the same iteration in parts, whoever works on them."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from test_dimapg import TINY, flat

from dimapg_tf.algorithm import parts
from dimapg_tf.algorithm.blocks import BlockWork
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.in_blocks import InBlocks
from dimapg_tf.algorithm.partition import JOINT, block_sizes, split
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs import make_env
from dimapg_tf.types import ConfigurationError

ADAPTED = {"sampling_term": "adapted_return", "entropy_bonus": 0.1}


@pytest.fixture(scope="module")
def four():
    """Cooperative Navigation with 4 agents and 4 steps."""
    return make_env("cooperative_navigation", num_agents=4, horizon=4)


def test_blocks_are_as_equal_as_can_be_and_never_too_small():
    assert block_sizes(10, 2) == [2] * 5
    assert block_sizes(11, 4) == [6, 5]
    assert block_sizes(1, 2) == [1]
    assert block_sizes(7, None) == [7]
    blocks = split({"a": np.array([1, 3, 4, 7, 8]), "b": np.array([0])}, 2)
    assert [tuple(block) for block in blocks] == [
        ("a", 0, (1, 3, 4)),
        ("a", 1, (7, 8)),
        ("b", 0, (0,)),
    ]


@pytest.mark.parametrize("changes", [{"entropy_bonus": 0.1}, ADAPTED], ids=["all_data", "adapted"])
def test_one_block_is_the_whole(changes, four):
    """Eq. 14 and the trust region as sums of parts: the same step, to rounding."""
    whole = DiMAPG(four, dataclasses.replace(TINY, **changes), seed=3)
    start = flat(whole)
    block = DiMAPG(four, dataclasses.replace(TINY, **changes, block_agents=4), seed=3)
    expected, result = whole.update(0), block.update(0)
    moved = np.abs(flat(whole) - start).max()
    np.testing.assert_allclose(flat(block), flat(whole), atol=1e-3 * moved)
    assert result[:3] == expected[:3]
    np.testing.assert_array_equal(result.returns["agents"], expected.returns["agents"])
    assert result.values["agents"].keys() == expected.values["agents"].keys()
    for name, value in expected.values["agents"].items():
        np.testing.assert_allclose(result.values["agents"][name], value, rtol=2e-3, atol=1e-5)


class Scattered:
    """Two workers; the second time another one is asked, who has to begin anew."""

    def __init__(self, *arguments):
        self.workers = [BlockWork(*arguments), BlockWork(*arguments)]
        self.calls = 0

    def map(self, method, common, keys, *arguments):
        results = {}
        for key in reversed(keys):
            self.calls += 1
            results[key] = getattr(self.workers[self.calls % 2], method)(common, key, *arguments)
        return [results[key] for key in keys]

    again = map


def test_theta_does_not_depend_on_who_computes(four):
    settings = dataclasses.replace(TINY, block_agents=2)
    alone, scattered = (DiMAPG(four, settings, seed=3) for _ in range(2))
    scattered.blocks = InBlocks(four, settings, 3, Scattered(four, settings, 3))
    start = flat(alone)
    for iteration in range(2):
        expected, result = alone.update(iteration), scattered.update(iteration)
        assert result.values == expected.values
        assert result[:3] == expected[:3]
        np.testing.assert_array_equal(flat(scattered), flat(alone))
    assert not np.array_equal(flat(alone), start)


def test_two_populations_in_blocks(chase_env):
    """Those who follow θ beside deviating agents of the other population count as well."""
    settings = dataclasses.replace(TINY, block_agents=2, central_update="reinforce")
    whole = DiMAPG(chase_env, dataclasses.replace(settings, block_agents=None), seed=3)
    block = DiMAPG(chase_env, settings, seed=3)
    expected, result = whole.update(0), block.update(0)
    for name, values in expected.values.items():
        for measure, value in values.items():
            np.testing.assert_allclose(result.values[name][measure], value, rtol=1e-4, atol=1e-6)


def test_a_block_without_followers_adds_nothing_to_the_trust_region():
    """As in worlds that record nobody but those who left θ."""
    vector = tf.ones([3])
    product, count = parts.product_part([vector], (), vector, 2)
    np.testing.assert_array_equal(product, np.zeros(3))
    assert count == 0


def test_blocks_of_another_theta_are_forgotten(four):
    settings = dataclasses.replace(TINY, block_agents=2, central_update="reinforce")
    learner = DiMAPG(four, settings, seed=3)
    work = learner.blocks.work.work
    seen = []
    gradient = work.gradient
    work.gradient = lambda common, key: (seen.append(common), gradient(common, key))[1]
    learner.update(0)
    assert work.holds(seen[0], JOINT)
    moved = seen[0]._replace(thetas={"agents": seen[0].thetas["agents"] + np.float32(1e-3)})
    assert not work.holds(moved, JOINT)


def test_simultaneous_blocks_have_worlds_of_their_own(four):
    together = {"deviation": "simultaneous", "sampled_agents": None}
    assert Settings(**together).episodes_per_iteration(four.spec) == 5 * (1 + 1)
    assert Settings(**together, block_agents=2).episodes_per_iteration(four.spec) == 5 * (1 + 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"block_agents": 1}, "block_agents"),
        ({"block_agents": 2, "meta_gradient": "none"}, "meta_gradient = 'none'"),
        ({"block_agents": 2, "consolidation": "project"}, "consolidation = 'project'"),
    ],
)
def test_what_has_no_blocks_is_refused(changes, message):
    with pytest.raises(ConfigurationError, match=message):
        Settings(**changes)
