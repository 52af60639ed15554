"""Every committed record is of a run that the plan's command would train today."""

import json
from pathlib import Path

import pytest

from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.config import config_from
from dimapg_tf.experiment.flagfiles import expand
from reproduction.learners import LEARNERS
from reproduction.plan import EXPERIMENTS, FIRST_LOOK, PAPER
from reproduction.report import paper_length
from reproduction.sizes import SIZES
from reproduction.steps import flags_of, runs_of, steps_of

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "results").glob("*/*/seed_*/flags.txt"))
IN_FULL_LENGTH = sorted((ROOT / "results" / paper_length.DIRECTORY).glob("*/*/seed_*/flags.txt"))


def planned(task, learner):
    """What the plan's command trains, defaults included."""
    return config_from(expand(flags_of(task, learner)))


@pytest.mark.parametrize(
    "path", RECORDS + IN_FULL_LENGTH, ids=lambda path: "/".join(path.parts[-4:-1])
)
def test_the_plans_command_has_the_records_flags(path, monkeypatch):
    """But for which of equal runs it is; an older record means what its schema meant."""
    monkeypatch.chdir(ROOT)  # flagfiles are named from here
    assert set(planned(*path.parts[-4:-2]).differences(run_configuration.read(path))) <= {"seed"}


def test_the_papers_number_of_episodes():
    for path in IN_FULL_LENGTH:
        task, learner = path.parts[-4:-2]
        assert run_configuration.read(path).episodes == SIZES[task, learner].paper, path
        assert (task, learner) in runs_of(PAPER)


def test_records_and_plan_name_each_other():
    """Nothing is published that the plan does not make, and no variant beyond the paper is planned
    for nothing."""
    published = {path.parts[-4:-2] for path in RECORDS}
    planned_runs = set(runs_of(EXPERIMENTS))
    assert published <= planned_runs
    assert set(SIZES) == planned_runs
    there = {task for task, _ in published}
    # What a first look alone trains is published nowhere.
    kept = set(runs_of(name for name in EXPERIMENTS if name not in FIRST_LOOK)) - set(
        runs_of(PAPER)
    )
    variants = {(task, name) for task, name in kept if LEARNERS[name].variant}
    assert {(task, name) for task, name in variants if task in there} <= published
    assert len(RECORDS) >= 90


def test_directories_of_records_have_a_task():
    others = {"report", "benchmarks", "foreign", paper_length.DIRECTORY}
    directories = {path.name for path in (ROOT / "results").iterdir() if path.is_dir()}
    assert directories - others == {path.parts[-4] for path in RECORDS}


def test_variants_differ_from_one_another(monkeypatch):
    """Two directories of a task that trained with the same flags for as long would be one."""
    monkeypatch.chdir(ROOT)
    seen = {}
    for path in RECORDS:
        task, learner = path.parts[-4:-2]
        text = str(planned(task, learner).values())
        episodes = SIZES[task, learner].standard
        assert seen.setdefault((task, text, episodes), learner) == learner


def commands(module):
    """Of all experiments together, {what is written: the words of the command that writes it}."""
    steps = steps_of("standard", EXPERIMENTS, (1, 2, 3, 4, 5), ROOT / "results", "python")
    return {step.output: step.command for step in steps if step.command[2] == module}


def test_the_plans_evaluations_are_those_of_the_records():
    command_of = commands("dimapg_tf.evaluate")
    for path in (ROOT / "results").glob("*/*/seed_*/evaluation.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert f"--episodes={record['episodes']}" in command_of[path], path
        assert record["seed"] == 0  # the default, in no command
    evaluated = {p.parent for p in RECORDS if p.parts[-4] != "ablation"}
    assert all((run / "evaluation.json").exists() for run in evaluated)


def test_the_plans_crossplay_has_the_runs_of_the_records():
    command_of = commands("dimapg_tf.crossplay")
    paths = list((ROOT / "results").glob("*/crossplay/crossplay.json"))
    assert len(paths) == 4
    for path in paths:
        record = json.loads(path.read_text(encoding="utf-8"))
        assert f"--episodes={record['episodes']}" in command_of[path]
        assert {str(ROOT / run) for run in record["runs"].values()} <= set(command_of[path])


def test_the_plans_evaluations_in_other_teams_are_those_of_the_records():
    command_of = commands("dimapg_tf.evaluate")
    for path in (ROOT / "results").glob("*/*/seed_*/*/evaluation.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        settings = {f"--{name}={value}" for name, value in record["elsewhere"].items()}
        assert settings | {f"--episodes={record['episodes']}"} <= set(command_of[path]), path
