"""The scripts that measure crowds and small iterations, in small."""

from benchmarks import crowd_speed, iteration_speed


def test_crowds():
    speeds = crowd_speed.measure(2, 0.0, {2: (1, 3), 4: (2,)})
    assert {agents: list(by_worlds) for agents, by_worlds in speeds.items()} == {2: [1, 3], 4: [2]}
    assert all(len(v) == 2 and min(v) > 0.0 for d in speeds.values() for v in d.values())


def test_the_best_number_of_worlds_counts():
    """By medians; numbers of worlds are texts in a record."""
    assert crowd_speed.best({"8": [1.0, 9.0, 2.0], "16": [3.0, 3.0, 1.0]}) == (16, 3.0)


def test_small_iterations(monkeypatch):
    """An iteration has B (1 + k N) episodes."""
    assert set(iteration_speed.LEARNERS) >= {"the paper's estimator", "every sample"}
    tiny = {"horizon": 2, "hidden": (4,), "central_update": "reinforce", "baseline_features": 0}
    learners = {
        name: (algorithm, settings | tiny)
        for name, (algorithm, settings) in iteration_speed.LEARNERS.items()
    }
    monkeypatch.setattr(iteration_speed, "LEARNERS", learners)
    monkeypatch.setattr(iteration_speed, "TEAMS", (3,))
    records = iteration_speed.measure(2)
    episodes = [record["episodes"] for record in records.values()]
    assert episodes == [20, 20, 15]
    assert all(len(record["seconds"]) == 2 for record in records.values())
