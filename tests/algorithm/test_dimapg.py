"""Algorithm 1 end to end, on tiny shapes."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from mpe2 import simple_adversary_v3
from real_loop import train_with

from dimapg_tf import trpo
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.types import ConfigurationError, NonFiniteError

TINY = Settings(
    **{"k": 2, "trajectories": 2, "sampled_agents": None, "hidden": (8,)},
    **{"fisher_stride": 2, "cg_iterations": 3, "entropy_bonus": 0.0, "entropy_half_life": 0},
)


def flat(learner, name="agents"):
    return trpo.flatten(learner.theta(name)).numpy()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"meta_gradient": "first_order", "sampling_term": "none", "sampled_agents": 2},
        {"meta_gradient": "none"},
        {"central_update": "reinforce", "sampling_term": "adapted_return"},
        {"sampling_term": "adapted_return_all", "others_term": True, "sampled_agents": 2},
        {"meta_gradient": "none", "others_term": True},
        {"sampling_term": "advantage"},
        {"sampled_agents": 2, "meta_gradient": "first_order", "baseline_samples": None},
        {"deviation": "simultaneous", "sampled_agents": 2, "baseline_features": 0},
        {"central_update": "reinforce", "baseline": "shared"},
        {"central_update": "reinforce", "optimizer": "sgd", "standardize_advantages": False},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())) or "default",
)
def test_two_iterations(changes, small_env):
    settings = dataclasses.replace(TINY, **changes)
    learner = DiMAPG(small_env, settings, seed=3)
    start = flat(learner)
    first = learner.update(0)
    middle = flat(learner)
    second = learner.update(1)
    assert first.episodes == settings.episodes_per_iteration(small_env.spec)
    assert first.env_steps == first.episodes * 6
    worlds = first.episodes if settings.meta_gradient == "none" else 2
    assert first.returns["agents"].shape == (3, worlds)
    assert not np.array_equal(start, middle)
    assert not np.array_equal(middle, flat(learner))
    assert not np.array_equal(first.returns["agents"], second.returns["agents"])
    for value in second.values["agents"].values():
        assert np.isfinite(value)
    if settings.central_update == "trpo":
        assert second.values["agents"]["kl"] <= settings.delta

    again = DiMAPG(small_env, settings, seed=3)
    again.update(0)
    again.update(1)
    np.testing.assert_array_equal(flat(again), flat(learner))


def test_episodes_are_b_1_plus_k_n(small_env):
    assert Settings().episodes_per_iteration(small_env.spec) == 5 * (1 + 1 * 2)
    everybody = Settings(sampled_agents=None)
    assert everybody.episodes_per_iteration(small_env.spec) == 5 * (1 + 1 * 3)
    two = Settings(sampled_agents=2, k=1, trajectories=4)
    assert two.episodes_per_iteration(small_env.spec) == 4 * (1 + 1 * 2)


def test_nothing_retraces_after_the_first_iteration(small_env):
    learner = DiMAPG(small_env, dataclasses.replace(TINY, sampled_agents=2), seed=3)
    collector = learner.collector
    compiled = (
        *(collector.adapt_from, collector.shared_samples, collector.deviating_samples),
        learner._central,
    )
    learner.update(0)
    traces = [function.experimental_get_tracing_count() for function in compiled]
    for iteration in range(1, 4):
        learner.update(iteration)
    assert [function.experimental_get_tracing_count() for function in compiled] == traces
    assert max(traces) <= 2


def test_projection_is_the_mean_of_theta_and_all_theta_n(small_env):
    """With a central step of length 0, θ becomes (θ + Σ θ_n) / (N + 1)."""
    still = {"central_update": "reinforce", "optimizer": "sgd", "epsilon": 0.0, "alpha_1": 0.5}
    copying = DiMAPG(small_env, dataclasses.replace(TINY, **still), seed=3)
    start = copying.theta("agents")
    copying.update(0)
    np.testing.assert_array_equal(flat(copying), trpo.flatten(start))
    projecting = DiMAPG(
        small_env, dataclasses.replace(TINY, **still, consolidation="project"), seed=3
    )
    projecting.update(0)
    watched = DiMAPG(small_env, dataclasses.replace(TINY, **still), seed=3)
    seen = []
    watched._consolidate = lambda name, data, theta: seen.append(data.displacements[-1])
    watched.update(0)
    mean = tf.nest.map_structure(lambda d: tf.reduce_sum(d, axis=0) / 4.0, seen[0])
    moved = flat(projecting) - trpo.flatten(start).numpy()
    np.testing.assert_allclose(moved, trpo.flatten(mean), atol=1e-7)
    assert np.abs(moved).max() > 1e-4


def test_the_sampling_term_is_centred_by_the_iteration_before(small_env):
    """This iteration's own returns would bias it; the first iteration has only those of τ^θ."""
    learner = DiMAPG(small_env, dataclasses.replace(TINY, sampling_term="adapted_return"), seed=3)
    seen = []
    consolidate = learner._consolidate

    def watch(name, data, theta):
        seen.append(data)
        consolidate(name, data, theta)

    learner._consolidate = watch
    learner.update(0)
    learner.update(1)
    np.testing.assert_allclose(seen[0].baseline, np.mean(seen[0].before[0].returns), rtol=1e-6)
    np.testing.assert_allclose(seen[1].baseline, np.mean(seen[0].after.returns), rtol=1e-6)


def test_adapted_moves_every_agent_its_own_way(small_env):
    learner = DiMAPG(small_env, dataclasses.replace(TINY, alpha_1=1.0, alpha_2=1.0), seed=3)
    theta_n = learner.adapted("agents", seed=0)
    weights = theta_n[0].weights.numpy()
    assert weights.shape == (3, 14, 8)
    theta = learner.theta("agents")[0].weights.numpy()
    distances = [np.abs(weights[n] - theta).max() for n in range(3)]
    assert min(distances) > 0
    assert not np.array_equal(weights[0], weights[1])


def test_two_populations_of_a_host_environment():
    env = PettingZooEnv(lambda: simple_adversary_v3.parallel_env(max_cycles=4), horizon=4)
    # With a trust region: test_two_populations_of_the_users_own in tests/experiment/test_loop.py.
    settings = dataclasses.replace(TINY, central_update="reinforce")
    learner = DiMAPG(env, settings, seed=1)
    before = {name: flat(learner, name) for name in env.spec.populations}
    result = learner.update(0)
    assert result.episodes == 2 * (1 + 2 * (1 + 2))
    for name, theta in before.items():
        assert not np.array_equal(theta, flat(learner, name))
    assert set(result.values) == {"adversary", "agent"}


def test_what_is_not_a_number_changes_nothing(small_env):
    learner = DiMAPG(small_env, TINY, seed=3)
    broken = tf.nest.map_structure(lambda v: v * np.nan, learner.theta("agents"))
    learner.assign({"agents": broken})
    kept = flat(learner)
    with pytest.raises(NonFiniteError, match="iteration 4"):
        learner.update(4)
    np.testing.assert_array_equal(flat(learner), kept)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", 0),
        ("k", -1),
        ("trajectories", 0),
        ("sampled_agents", 0),
        ("alpha_1", -0.1),
        ("alpha_2", float("nan")),
        ("meta_gradient", "second_order"),
        ("sampling_term", "return"),
        ("central_update", "ppo"),
        ("optimizer", "lion"),
        ("epsilon", -1.0),
        ("delta", 0.0),
        ("cg_iterations", 0),
        ("cg_damping", -1.0),
        ("fisher_stride", 0),
        ("gamma", 1.5),
        ("gae_lambda", -0.1),
        ("hidden", (100, 0)),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ConfigurationError, match=name):
        Settings(**{name: value})


def test_of_a_smaller_population_everybody_is_sampled(small_env):
    learner = DiMAPG(small_env, Settings(sampled_agents=4), seed=1)
    assert learner.collector.sample_agents(0)["agents"].numpy().tolist() == [0, 1, 2]
    assert learner.episodes_per_iteration == 5 * (1 + 3)


def test_entropy_bonus_fades_by_half_lives(small_env, tmp_path):
    """From its full weight in the first iteration; as the training loop counts, across a resume."""
    fading = dataclasses.replace(TINY, entropy_bonus=0.4, entropy_half_life=2)
    seen = []
    for iterations in (2, 4):
        learner = DiMAPG(small_env, fading, seed=3)
        learner._central = lambda theta, data, region, bonus, delta: (
            seen.append(float(bonus)) or theta,
            {},
        )
        train_with(learner, small_env, tmp_path, iterations * learner.episodes_per_iteration)
    np.testing.assert_allclose(seen, 0.4 * 0.5 ** (np.arange(4) / 2), rtol=1e-6)
    assert dataclasses.replace(TINY, entropy_bonus=0.4).entropy_bonus_at(99) == 0.4
    assert TINY.estimator(0.0).entropy_bonus is None


def test_steps_of_trpo_shrink_by_half_lives(small_env, tmp_path):
    """As the entropy bonus does; the last iteration's step keeps within its own trust region."""
    shrinking = dataclasses.replace(TINY, delta=0.4, step_half_life=2)
    seen = []
    for iterations in (2, 4):
        learner = DiMAPG(small_env, shrinking, seed=3)
        learner._central = lambda theta, data, region, bonus, delta: (
            seen.append(float(delta)) or theta,
            {},
        )
        train_with(learner, small_env, tmp_path, iterations * learner.episodes_per_iteration)
    np.testing.assert_allclose(seen, 0.4 * 0.5 ** (np.arange(4) / 2), rtol=1e-6)
    assert dataclasses.replace(TINY, step_half_life=0).delta_at(99) == TINY.delta
    learner = DiMAPG(small_env, dataclasses.replace(TINY, step_half_life=1), seed=3)
    kl = [learner.update(iteration).values["agents"]["kl"] for iteration in (0, 8, 0)]
    assert 0.0 < kl[1] <= TINY.delta / 2**8 < kl[0]
    assert kl[2] > TINY.delta / 2**8  # the same program, compiled once, for any delta


def test_steps_of_reinforce_shrink_by_half_lives(small_env):
    plain = dataclasses.replace(TINY, central_update="reinforce", optimizer="sgd", step_half_life=0)
    shrinking = dataclasses.replace(plain, step_half_life=2)
    moved = []
    for settings in (plain, shrinking):
        learner = DiMAPG(small_env, settings, seed=3)
        before = flat(learner)
        learner.update(6)
        moved.append(flat(learner) - before)
    assert np.abs(moved[0]).max() > 1e-4
    np.testing.assert_allclose(moved[1], moved[0] / 2**3, rtol=0.02, atol=1e-7)  # rounded
