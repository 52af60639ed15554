"""Speeds of the learners in the figures, in small."""

import json

import pytest

from benchmarks import learner_speed
from dimapg_tf.experiment import console, flags
from dimapg_tf.experiment.versions import versions
from dimapg_tf.types import ConfigurationError
from reproduction import learners, tasks
from reproduction.report import record_files

TINY = ("--horizon=3", "--hidden=4", "--baseline_features=0", "--central_update=reinforce")


def test_every_learner_of_the_figures_trains_as_the_plan_says():
    runs = learner_speed.compared()
    needed = {
        *((tasks.NEAR_3, name) for name in ("dimapg_set", "maddpg", "dimapg_set_first_order")),
        *((tasks.NAVIGATION_10, name) for name in ("dimapg_trpo", "trpo_kitchensink_tuned_mean")),
        (tasks.PURSUIT_3V1, "maddpg"),
    }
    assert needed <= set(runs)
    for task, learner in runs:
        values = learner_speed.config_of(task, learner).values()
        for flag in learners.LEARNERS[learner].overrides:
            name = flag.removeprefix("--").partition("=")[0]
            assert flags.as_lines({name: values[name]}) == [flag]


def test_from_training_to_the_record_that_the_report_reads(tmp_path, monkeypatch):
    planned = learners.LEARNERS["dimapg_set"]
    tiny = planned._replace(overrides=(*planned.overrides, *TINY))
    monkeypatch.setitem(learners.LEARNERS, "dimapg_set", tiny)
    monkeypatch.setattr(learner_speed, "compared", lambda _: [(tasks.NEAR_3, "dimapg_set")])
    path = tmp_path / "speed.json"
    page = tmp_path / "page.md"
    page.write_text("<!-- learners: begin -->\n<!-- learners: end -->\n")
    argv = ["learner_speed", "--rounds=2", "--seconds=0", f"--output={path}", f"--page={page}"]
    assert console.run(learner_speed.main, argv) == 0
    (record,) = json.loads(path.read_text())["records"]
    assert len(record["episodes_per_second"]) == 2
    assert record["versions"]["cores"] > 0
    assert f"| `{tasks.NEAR_3}` | " in page.read_text()
    speed = record_files.speeds_of(path)[tasks.NEAR_3, "dimapg_set"]
    assert min(record["episodes_per_second"]) < speed < max(record["episodes_per_second"])
    assert console.run(learner_speed.main, [*argv, "--add"]) == 0
    (more,) = json.loads(path.read_text())["records"]
    assert len(more["episodes_per_second"]) == 4
    assert more["episodes_per_second"][:2] == record["episodes_per_second"]


def test_the_table_has_a_row_for_each_task():
    rows = {"dimapg": [99.0, 400.0, 1600.0], "maddpg_tuned": [12.34], "dimapg_trpo": [1.0]}
    records = [
        {
            **{"task": "cooperative_navigation_3", "learner": name, "episodes_per_second": speeds},
            "versions": {"processor": "A processor"},
        }
        for name, speeds in rows.items()
    ]
    assert learner_speed.table(records).splitlines() == [
        "| episodes a second | DiMA-PG | MADDPG | A3C-Kitchensink | TRPO-Kitchensink | processor |",
        "|---|---:|---:|---:|---:|---|",
        "| `cooperative_navigation_3` | 400 | 12.3 | – | – | A processor |",
    ]


def test_tasks_that_are_not_measured_stay(tmp_path):
    def record(task, learner, speed):
        return {"task": task, "learner": learner, "episodes_per_second": [speed]}

    path = tmp_path / "speed.json"
    assert learner_speed.earlier(str(path)) == []
    before = [record("a", "x", 1.0), record("b", "x", 2.0), record("b", "y", 3.0)]
    path.write_text(json.dumps({"records": before}))
    new = [record("b", "z", 4.0), record("c", "x", 5.0)]
    whole = learner_speed.with_earlier(new, learner_speed.earlier(str(path)))
    assert whole == [before[0], *new]


def test_rounds_are_added_only_where_all_learners_of_a_task_have_as_many(capsys):
    def record(task, learner):
        of = {"task": task, "learner": learner, "versions": versions()}
        return of | {"episodes_per_second": [1.0]}

    before = [record("a", "x"), record("a", "y"), record("b", "x")]
    add = learner_speed.rounds_to_add_to
    assert add([("b", "x"), ("c", "x")], before) == {("b", "x"): [1.0], ("c", "x"): []}
    with pytest.raises(ConfigurationError, match=r"--add: a had other learners \(y, z\)"):
        add([("a", "x"), ("a", "z")], before)
    before[2]["versions"]["processor"] = "A processor"
    assert add([("a", "x"), ("a", "y")], before) == {("a", "x"): [1.0], ("a", "y"): [1.0]}
    with pytest.raises(ConfigurationError, match="--add: b was measured on A processor with"):
        add([("b", "x")], before)
    assert console.run(learner_speed.main, ["learner_speed", "--add"]) == 2
    assert "by --output" in capsys.readouterr().err


def test_a_page_without_the_section_is_told_before_anything_trains(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("# Mine\n")
    assert console.run(learner_speed.main, ["learner_speed", f"--page={page}"]) == 2
    assert "<!-- learners: begin -->" in capsys.readouterr().err


def test_an_output_that_is_something_else_stays_and_is_told_first(tmp_path, capsys):
    path = tmp_path / "mine.json"
    path.write_text("[1, 2]")
    assert console.run(learner_speed.main, ["learner_speed", f"--output={path}"]) == 2
    assert "mine.json: is there, but holds no speeds of learners" in capsys.readouterr().err
    assert path.read_text() == "[1, 2]"
