"""--followers: a part of those who follow θ is looked at, whatever the population."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from test_dimapg import TINY, flat

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import all_data, memory
from dimapg_tf.algorithm.collection import Collector
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.partition import with_followers
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs import make_env
from dimapg_tf.rollouts import collect, compiled
from dimapg_tf.types import ConfigurationError, Deviation, EnvSpec, Population

ALL_DATA = dataclasses.replace(TINY, sampled_agents=2, sampling_term="all_data")


@pytest.fixture(scope="module")
def six():
    """Cooperative Navigation with 6 agents and 4 steps."""
    return make_env("cooperative_navigation", num_agents=6, horizon=4)


def test_who_is_looked_at():
    """The sampled agents, and as many others as asked for; each time others, all equally often."""
    spec = EnvSpec("crowd", {"a": Population(9, 2, 2), "b": Population(2, 2, 2)}, 3, "compiled")
    sampled = {"a": np.array([2, 5]), "b": np.array([1])}
    times = np.zeros(9)
    for seed in range(600):
        chosen = with_followers(spec, sampled, 3, seed)
        assert chosen["b"].tolist() == [0, 1]
        assert len(chosen["a"]) == 5
        assert {2, 5} < set(chosen["a"].tolist())
        assert (np.diff(chosen["a"]) > 0).all()
        times[chosen["a"]] += 1
    others = np.delete(times, [2, 5])
    assert np.abs(others / (600 * 3 / 7) - 1).max() < 0.2
    np.testing.assert_array_equal(with_followers(spec, sampled, 3, 5)["a"], chosen_again(spec, 5))


def chosen_again(spec, seed):
    return with_followers(spec, {"a": np.array([2, 5]), "b": np.array([1])}, 3, seed)["a"]


@pytest.mark.parametrize("worlds", [2, 60], ids=["whole", "in halves"])
@pytest.mark.parametrize("deviates", [False, True])
def test_some_trajectories_are_those_of_everybody(six, deviates, worlds):
    assert (6 * worlds >= compiled.WORTH_SPLITTING) == (worlds == 60)
    theta = policy.init(seeds.generator(1), 26, 5, (4,), output_scale=1.0)
    thetas, some = {"agents": theta}, {"agents": np.array([0, 3, 4], np.int32)}
    deviation = None
    if deviates:
        stack = tf.nest.map_structure(lambda v: 2.0 * v, policy.stack(theta, 2))
        deviation = Deviation("agents", tf.constant([0, 4]), stack)
    whole, states, living = compiled.collect_compiled(
        six, thetas, 7, worlds, deviation, record_states=True, everybody=True
    )
    (part, part_states, part_living), returns = compiled.collect_some(
        six, thetas, 7, worlds, some, deviation, record_states=True
    )
    for mine, expected in zip(part["agents"], whole["agents"]):
        np.testing.assert_allclose(mine, tf.gather(expected, some["agents"]), atol=1e-6)
    np.testing.assert_array_equal(part_living, living)
    np.testing.assert_allclose(part_states.positions, states.positions, atol=1e-6)
    if not deviates:
        expected = np.sum(whole["agents"].rewards * whole["agents"].alive, axis=2)
        np.testing.assert_allclose(returns["agents"], expected, rtol=1e-5)
        assert returns["agents"].shape == (6, worlds)


CASES = {
    "all_data": {},
    "two steps": {"k": 2},
    "simultaneous": {"deviation": "simultaneous"},
    "advantage": {"sampling_term": "advantage"},
    "plain": {"meta_gradient": "none"},
    "in blocks": {"block_agents": 2},
}


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_as_many_as_there_are_is_everybody(changes, six):
    """The same step, to rounding, by the way of recording some."""
    settings = dataclasses.replace(ALL_DATA, **changes)
    whole = DiMAPG(six, settings, seed=3)
    part = DiMAPG(six, dataclasses.replace(settings, followers=4), seed=3)
    start = flat(whole)
    expected, result = whole.update(0), part.update(0)
    moved = np.abs(flat(whole) - start).max()
    assert moved > 0
    np.testing.assert_allclose(flat(part), flat(whole), atol=1e-3 * moved)
    assert result[:3] == expected[:3]
    np.testing.assert_allclose(result.returns["agents"], expected.returns["agents"], rtol=1e-5)


def test_two_populations(chase_env):
    settings = dataclasses.replace(ALL_DATA, k=2, central_update="reinforce")
    whole = DiMAPG(chase_env, settings, seed=3)
    part = DiMAPG(chase_env, dataclasses.replace(settings, followers=5), seed=3)
    for learner in (whole, part):
        learner.update(0)
    for name in chase_env.spec.populations:
        for mine, expected in zip(part.variables_of[name], whole.variables_of[name]):
            np.testing.assert_allclose(mine, expected, atol=1e-5)


@pytest.mark.parametrize("driver", ["compiled", "host"])
def test_what_is_looked_at_does_not_grow_with_the_population(driver, monkeypatch):
    """2 sampled agents and 1 more: in τ^θ 3 follow, in each τ^{θ, θ_n} the 2 who do not deviate."""
    settings = dataclasses.replace(ALL_DATA, followers=1, k=2)
    for num_agents in (5, 8):
        env = make_env("cooperative_navigation", num_agents=num_agents, horizon=4)
        if driver == "host":
            env.spec = dataclasses.replace(env.spec, rollout="host")
        learner = DiMAPG(env, settings, seed=1)
        joint, data = learner.collect({"agents": learner.theta("agents")}, 0)
        assert joint.returns["agents"].shape == (num_agents, settings.trajectories)
        first, *others = data["agents"].followers["agents"]
        samples = settings.trajectories * 4
        assert first.counts.shape == (3, samples)
        assert float(tf.reduce_sum(first.counts)) == 3 * samples
        for rollout in others:
            assert rollout.counts.shape == (3, 2 * samples)
            assert float(tf.reduce_sum(rollout.counts)) == 2 * 2 * samples
        batch = data["agents"].after
        assert batch.actions.shape == (2, samples)
        assert float(tf.reduce_sum(all_data.living(batch))) == 2 * samples


def test_the_sampled_agents_are_found_among_those_who_are_recorded(six):
    """Sampled are 1 and 4, say; with one follower they are rows 0 and 1, or 1 and 2, of three."""
    for iteration in range(3):
        settings = dataclasses.replace(ALL_DATA, k=2)
        whole, part = (
            DiMAPG(six, dataclasses.replace(settings, followers=followers), seed=1)
            for followers in (None, 1)
        )
        thetas = {"agents": whole.theta("agents")}
        expected, found = (
            learner.collect(thetas, iteration)[1]["agents"] for learner in (whole, part)
        )
        for mine, theirs in zip((*found.before, found.after), (*expected.before, expected.after)):
            np.testing.assert_allclose(mine.observations, theirs.observations, atol=1e-5)
            np.testing.assert_array_equal(mine.actions, theirs.actions)
            np.testing.assert_allclose(mine.returns, theirs.returns, rtol=1e-4)


def test_others_are_drawn_in_each_iteration_and_again_after_resuming(six, monkeypatch):
    """Also where the sampled agents are the same."""
    monkeypatch.setattr(Collector, "sample_agents", lambda *_: {"agents": tf.constant([1, 4])})
    learner = DiMAPG(six, dataclasses.replace(ALL_DATA, followers=1), seed=1)
    thetas = {"agents": learner.theta("agents")}
    recorded = [tuple(learner.collect(thetas, i)[0].recorded["agents"]) for i in range(6)]
    assert len(set(recorded)) > 2
    again = DiMAPG(six, dataclasses.replace(ALL_DATA, followers=1), seed=1)
    assert tuple(again.collect(thetas, 5)[0].recorded["agents"]) == recorded[5]


def test_places():
    np.testing.assert_array_equal(collect.places([2, 3, 7, 9], [3, 9]), [1, 3])


def test_the_memory_it_needs():
    def needs(num_agents, followers):
        spec = EnvSpec("crowd", {"a": Population(num_agents, 39, 5)}, 200, "compiled")
        return {need.what: need.size for need in memory.dimapg(spec, Settings(followers=followers))}

    what = "the trajectories of an iteration"
    assert needs(1000, 8)[what] == needs(10, 8)[what] == needs(10, None)[what]
    assert needs(1000, None)[what] > 50 * needs(1000, 8)[what]


def test_what_it_does_not_go_with(small_game):
    with pytest.raises(ConfigurationError, match=r"followers = 3.*others_term"):
        Settings(followers=3, others_term=True, sampling_term="advantage")
    with pytest.raises(ConfigurationError, match="followers = -1"):
        Settings(followers=-1)
    with pytest.raises(ConfigurationError, match="followers = 2: survival records the sampled"):
        DiMAPG(small_game, Settings(followers=2, trajectories=2), seed=0)
