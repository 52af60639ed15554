"""Two populations in threads are what they are in turn."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from dimapg_tf import trpo
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.algorithm.side_by_side import SideBySide
from dimapg_tf.envs import make_env

NAMES = ("predators", "prey")


def spec(compiled=True, names=NAMES):
    return SimpleNamespace(compiled=compiled, populations=dict.fromkeys(names))


def threads_of(side_by_side, task, names=NAMES):
    """The threads in which the function was called for each name."""
    return side_by_side.each(task, lambda name: threading.current_thread(), names)


def test_the_first_time_in_turn_then_at_once():
    side_by_side, here = SideBySide(spec()), threading.current_thread()
    order = []
    assert side_by_side.each("data", lambda n: order.append(n) or n.upper(), NAMES) == {
        "predators": "PREDATORS",
        "prey": "PREY",
    }
    assert order == list(NAMES)
    assert set(threads_of(side_by_side, "step").values()) == {here}
    meeting = threading.Barrier(2)  # nobody gets past it alone
    reached = side_by_side.each("step", lambda name: meeting.wait(timeout=10), NAMES)
    assert list(reached) == list(NAMES)
    assert sorted(reached.values()) == [0, 1]


@pytest.mark.parametrize("alone", [spec(compiled=False), spec(names=("agents",))])
def test_worlds_of_the_host_and_one_population_keep_to_their_thread(alone):
    side_by_side = SideBySide(alone)
    for _ in range(2):
        threads = threads_of(side_by_side, "data", alone.populations)
        assert set(threads.values()) == {threading.current_thread()}


def test_what_is_raised_for_one_reaches_the_caller():
    side_by_side = SideBySide(spec())

    def fail(name):
        raise ValueError(name)

    for _ in range(2):
        with pytest.raises(ValueError, match="predators"):
            side_by_side.each("data", fail, NAMES)


@pytest.mark.parametrize("update", ["trpo", "reinforce"])
def test_an_iteration_is_the_same(update, monkeypatch):
    """Bit for bit: parameters, returns, measures and counts of steps."""
    env = make_env("predator_prey", num_predators=2, num_prey=1, horizon=6)
    settings = Settings(central_update=update, trajectories=2, hidden=(8,), fisher_stride=2)

    def run():
        learner = DiMAPG(env, settings, seed=3)
        results = [learner.update(iteration) for iteration in range(3)]
        return results, {n: trpo.flatten(learner.theta(n)).numpy() for n in NAMES}

    at_once, thetas = run()
    monkeypatch.setattr(SideBySide, "each", lambda _, task, f, names: {n: f(n) for n in names})
    in_turn, expected = run()
    for name in NAMES:
        np.testing.assert_array_equal(thetas[name], expected[name])
    for one, other in zip(at_once, in_turn):
        np.testing.assert_equal(one._asdict(), other._asdict())
