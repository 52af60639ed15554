"""Who computes what, and that each key's result comes back in its place.

TensorFlow's coordinator is replaced by one that asks workers of this process in turn;
test_launch.py has the real one.
"""

import itertools

import pytest

from dimapg_tf.distributed import cluster
from dimapg_tf.distributed.executor import LocalExecutor, Recipe, executor
from dimapg_tf.distributed.remote import Answers
from dimapg_tf.experiment import machine

RECIPE = Recipe(f"{__name__}:Noting", ("a worker",))


class Noting:
    """A `Work` that holds what it was asked for, and tells who computed."""

    def __init__(self, who: str):
        self.who, self.held = who, set()

    def holds(self, common, key):
        return key in self.held

    def square(self, common, key, added):
        self.held.add(key)
        return key * key + added, self.who


class InTurn:
    """A coordinator; each call is answered at once, by the next of the workers."""

    def __init__(self, *workers: Answers):
        self.workers = itertools.cycle(workers)
        self.calls = 0

    def schedule(self, _, arguments):
        self.calls += 1
        return next(self.workers).answer(arguments[0].numpy())

    def join(self):
        pass

    def fetch(self, pending):
        return pending


@pytest.fixture
def coordinator(monkeypatch):
    made = InTurn(Answers(0), Answers(1))
    monkeypatch.setattr(cluster, "_gathered", [cluster.Gathered(made, 2, None)])
    return made


def test_the_chief_works_on_its_own_keys(coordinator):
    work = executor(lambda: Noting("the chief"), RECIPE, here=(4,))
    away = "a worker"
    assert work.map("square", "", [3, 4, 5], 1) == [(10, away), (17, "the chief"), (26, away)]
    assert coordinator.calls == 2
    assert work.again("square", "", [4, 3, 5], 0) == [(16, "the chief"), (9, away), (25, away)]
    assert coordinator.calls == 4
    assert work.again("square", "", [4], 2) == [(18, "the chief")]
    assert coordinator.calls == 4  # nobody was asked
    assert work.status().startswith("2 of 2 workers, waited ")
    assert work.status().startswith("0 of 2 workers, waited 0.0 s")


def test_what_nobody_holds_is_computed_anew(coordinator):
    work = executor(lambda: Noting("the chief"), RECIPE)
    assert work.map("square", "", [3, 5, 7], 0) == [(n * n, "a worker") for n in (3, 5, 7)]
    next(coordinator.workers)  # each is asked, but the first answers for both
    coordinator.workers = itertools.cycle([next(coordinator.workers)])
    found = work.again("square", "", [3, 5, 7], 1)
    assert found == [(n * n + 1, "a worker") for n in (3, 5, 7)]
    assert "blocks again" in work.status()


def test_a_worker_that_may_round_otherwise_is_told_of_once(coordinator, monkeypatch, capsys):
    work = executor(lambda: Noting("the chief"), RECIPE)
    work.map("square", "", [3, 5], 0)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(machine, "fingerprint", lambda: "another")
    coordinator.workers = itertools.cycle([Answers(1)])
    work = executor(lambda: Noting("the chief"), RECIPE)
    work.map("square", "", [3], 0)
    assert capsys.readouterr().err == ""  # the chief is another as well
    monkeypatch.undo()
    monkeypatch.setattr(cluster, "_gathered", [cluster.Gathered(coordinator, 2, None)])
    work = executor(lambda: Noting("the chief"), RECIPE)
    work.map("square", "", [3, 5], 0)
    work.map("square", "", [3, 5], 0)
    told = capsys.readouterr().err
    assert told.count("worker 1 has another processor, number of cores or TensorFlow") == 1


def test_without_workers_the_process_works_alone(monkeypatch):
    monkeypatch.setattr(cluster, "_gathered", [])
    work = executor(lambda: Noting("the chief"), RECIPE, here=(4,))
    assert isinstance(work, LocalExecutor)
    assert work.map("square", "", [3, 4], 0) == [(9, "the chief"), (16, "the chief")]
