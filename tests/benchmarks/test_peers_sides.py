"""Contenders by themselves: learning curves, matrix products, memory, and our sides in small."""

import json
import os
import signal
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.peers.sides import (
    our_ceiling,
    our_growth,
    our_levels,
    our_quality,
    our_second_start,
    our_training,
    our_worlds,
    products,
    serving,
)
from benchmarks.peers.sides.curve import Curve, Moving
from benchmarks.peers.sides.products import Product
from dimapg_tf.experiment.config import load_config

TINY = {"horizon": 2, "trajectories": 2}


def test_the_mean_over_the_last_episodes():
    """As few whole iterations as hold the window, by a loop over all of them."""
    generator = np.random.default_rng(1)
    rows = [
        (int(n), float(m)) for n, m in zip(generator.integers(1, 40, 60), generator.normal(size=60))
    ]
    moving, window = Moving(100), 100
    for i in range(len(rows)):
        count, total = 0, 0.0
        for episodes, mean in reversed(rows[: i + 1]):
            if count >= window:
                break
            count, total = count + episodes, total + episodes * mean
        found = moving.add(*rows[i])
        if count < window:
            assert found is None
        else:
            np.testing.assert_allclose(found, total / count)


def test_when_levels_are_reached():
    curve = Curve({"low": -10.0, "high": -5.0}, 10.0, time.perf_counter() - 60.0)
    assert not curve.add(500, -20.0)
    assert not curve.add(500, -10.0)
    assert not curve.add(500, -30.0)
    assert curve.add(500, -5.0)
    sample = curve.sample()
    assert [sample["reached"][name]["episodes"] for name in ("low", "high")] == [1000, 2000]
    assert 60.0 < sample["reached"]["low"]["seconds"] < 70.0
    assert (sample["best"], sample["episodes"]) == (-5.0, 2000)
    assert [point[1:] for point in sample["curve"][:2]] == [[500, -20.0], [1000, -10.0]]


def test_a_training_ends_with_its_time():
    started = time.perf_counter()
    assert not Curve({"low": 0.0}, 1.0, started - 50.0).add(500, -1.0)
    late = Curve({"low": 0.0}, 1.0, started - 70.0)
    assert late.add(500, -1.0)
    assert late.sample()["reached"] == {"low": None}


def test_a_run_is_stopped_by_a_signal(monkeypatch):
    sent = []
    monkeypatch.setattr(os, "kill", lambda *what: sent.append(what))
    watch = our_quality.Watch(Curve({"low": -2.0}, 10.0, time.perf_counter()))
    watch.write({"episodes": 600, "return_mean": -3.0})
    assert sent == []
    watch.write({"episodes": 1200, "return_mean": -1.0})
    assert sent == [(os.getpid(), signal.SIGTERM)]


def test_rates(monkeypatch):
    """Work that takes 2 s by the clock, for 5 s at least."""
    now = 100.0
    monkeypatch.setattr(serving.time, "perf_counter", lambda: now)

    def work():
        nonlocal now
        now += 2.0
        return 8

    assert serving.rate(work, 5.0) == 4.0
    assert now == 106.0
    assert serving.several(lambda: 7, 3)() == 21


def test_products_are_counted():
    """Of a layer, its gradients, and a stack of layers."""

    @tf.function(jit_compile=True)
    def work(x, w, stack):
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            loss = tf.reduce_sum(tf.matmul(x, w) ** 2)
        return tape.gradient(loss, [x, w]), tf.matmul(stack, stack, transpose_b=True)

    with products.counted() as found:
        work(tf.ones([7, 4]), tf.ones([4, 3]), tf.ones([5, 2, 4]))
    assert found == {
        Product((7, 4), (4, 3), False, False): 1,
        Product((7, 3), (4, 3), False, True): 1,
        Product((7, 4), (7, 3), True, False): 1,
        Product((5, 2, 4), (5, 2, 4), False, True): 1,
    }
    assert sorted(product.operations for product in found) == [160, 168, 168, 168]
    assert sorted(product.of_layer([(4, 3)]) for product in found) == [False, True, True, True]
    with products.counted() as found:
        pass
    work(tf.ones([7, 4]), tf.ones([4, 3]), tf.ones([5, 2, 4]))
    assert not found
    assert not tf.config.functions_run_eagerly()


@pytest.mark.parametrize("large", [0.0, np.inf])
def test_the_rate_of_a_product(monkeypatch, large):
    """Alone or repeated within a program, it computes the product."""
    monkeypatch.setattr(products, "LARGE", large)
    product = Product((6, 3), (5, 6), True, True)
    assert product.operations == 2 * 3 * 6 * 5
    times = 1 if large == 0.0 else products.REPEATED
    assert products._repeated(product)() == times * product.operations
    assert products.operations_per_second(product, 0.01) > 0.0


def test_products_of_an_iteration():
    """Of rollouts: one forward pass in each step, and one that tells shapes."""
    sizes = {"horizon": 7, "trajectories": 2, "k": 1, "hidden": [8], "sampled_agents": 2}
    config = load_config("cooperative_navigation_3", "dimapg_trpo", **sizes)
    env = config.make_env()
    found = our_ceiling.count(config, env)
    inputs = env.spec.populations["agents"].observation_size
    # Worlds of Eq. 8, two for each of two agents: all three by θ, and one in each by its θ_n.
    assert found[Product((2 * 2 * 3, inputs), (inputs, 8), False, False)] == 7 + 1
    assert found[Product((2, 2, inputs), (2, inputs, 8), False, False)] == 7 + 1
    # The gradient of the policy's objective at θ, on all their samples.
    assert found[Product((2 * 2 * 7, inputs), (2 * 2 * 7, 8), True, False)] == 1
    assert all(product.of_layer([(inputs, 8), (8, 5)]) for product in found)


def test_memory_of_a_piece_of_work():
    before = our_growth.settle()
    held = np.ones(2**23)  # 64 MiB
    del held
    assert 60.0 < our_growth.memory("VmHWM") - before < 80.0
    settled = our_growth.settle()
    assert our_growth.memory("VmHWM") - settled < 10.0


def test_our_worlds():
    case = {
        "env": "simple_spread",
        "settings": {"horizon": 2},
        "batches": [2],
        "policy_env": "predator_prey_3v1",
        "policy_settings": {"horizon": 2},
        "policy_batches": [2],
        "seconds": 0.0,
    }
    sample = our_worlds.prepare(case)()
    assert set(sample["stepping"]) == {"1 x 2", "2 x 2"}
    assert set(sample["policy"]) == {"2"}
    assert min(*sample["stepping"].values(), *sample["policy"].values()) > 0.0


def test_steps_of_our_worlds(small_env):
    assert our_worlds.episodes(small_env, 2)() == 6 * 3 * 2
    assert our_worlds.policy_episodes(small_env, 2)() == 6 * 3 * 2


def test_our_training():
    case = {"env": "cooperative_navigation_3", "algorithm": "dimapg", "settings": TINY}
    measure = our_training.prepare({**case, "warm_up": 1, "episodes": 1})
    assert measure()["agent_steps_per_second"] > 0.0


def test_our_growth():
    settings = {**TINY, "num_agents": 4, "observed_neighbours": 2}
    case = {"env": "cooperative_navigation_any", "algorithm": "dimapg", "settings": settings}
    sample = our_growth.prepare(case)()
    assert sample["seconds"] > 0.0
    assert 0.0 <= sample["mib"] < 100.0


def test_levels_are_in_order():
    levels = our_levels.prepare({"settings": {"num_agents": 3}, "episodes": 100})()
    assert levels["random"] < levels["nearest"] < levels["assignment"] < 0.0


def test_a_second_start_comes_after_a_first_iteration(monkeypatch):
    """Another process, which is not measured; then this one becomes the training that is."""
    done = []

    class Fake:
        def __init__(self, contender, patience):
            done.append((contender.side, contender.case, contender.environment))

        def ready(self):
            done.append("ready")

        def measure(self):
            done.append("measured")

        def close(self):
            done.append("closed")

    monkeypatch.setattr(our_second_start, "Process", Fake)
    monkeypatch.setattr(os, "execv", lambda *what: done.append(what))
    monkeypatch.setenv(serving.STARTED_AT, "0.0")
    began = time.time()
    our_second_start.main({"seed": 1, "minutes": 3.0})
    *before, (python, command) = done
    assert before == [
        ("our_quality", {"seed": 1, "minutes": 0.0}, {}),
        *("ready", "measured", "closed"),
    ]
    assert [python, command[-2]] == [sys.executable, "benchmarks.peers.sides.our_quality"]
    assert json.loads(command[-1]) == {"seed": 1, "minutes": 3.0}
    assert began <= float(os.environ[serving.STARTED_AT]) <= time.time()
