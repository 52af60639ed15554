"""Speeds of the learners in the figures, in small."""

import json

from benchmarks import learner_speed
from dimapg_tf.experiment import console
from reproduction import learners, tasks
from reproduction.report import record_files

TINY = ("--horizon=3", "--hidden=4", "--baseline_features=0", "--central_update=reinforce")


def test_every_learner_of_the_figures_trains_as_the_plan_says():
    runs = learner_speed.compared()
    needed = {
        *((tasks.NEAR_3, name) for name in ("dimapg", "maddpg", "dimapg_first_order")),
        *((tasks.NAVIGATION_10, name) for name in ("dimapg_trpo", "trpo_kitchensink")),
        (tasks.PURSUIT_3V1, "maddpg"),
    }
    assert needed <= set(runs)
    for task, learner in runs:
        values = learner_speed.config_of(task, learner).values()
        for flag in learners.LEARNERS[learner].overrides:
            name, _, text = flag.removeprefix("--").partition("=")
            assert str(values[name]).lower() == text


def test_from_training_to_the_record_that_the_report_reads(tmp_path, monkeypatch):
    planned = learners.LEARNERS["dimapg"]
    tiny = planned._replace(overrides=(*planned.overrides, *TINY))
    monkeypatch.setitem(learners.LEARNERS, "dimapg", tiny)
    monkeypatch.setattr(learner_speed, "compared", lambda _: [(tasks.NEAR_3, "dimapg")])
    path = tmp_path / "speed.json"
    argv = ["learner_speed", "--rounds=2", "--seconds=0", f"--output={path}"]
    assert console.run(learner_speed.main, argv) == 0
    (record,) = json.loads(path.read_text())["records"]
    assert len(record["episodes_per_second"]) == 2
    speed = record_files.speeds_of(path)[tasks.NEAR_3, "dimapg"]
    assert min(record["episodes_per_second"]) < speed < max(record["episodes_per_second"])
