"""Policies in teams of other sizes: planned, kept, read, tabled and drawn."""

import json
import shutil
from pathlib import Path

import pytest
from small_records import returns, write_run

from dimapg_tf.experiment import elsewhere, keeping
from reproduction import sizes, steps, tasks
from reproduction.report import build, records, scale
from reproduction.report.table import Cell

HOME = f"{tasks.NEAR_10}/dimapg_set"


def rows(theta, covered):
    """An evaluation: of the policy, of an assignment that covers 0.8, and of the nearest goal."""
    played = {"theta": (theta, covered), "assignment": (1.0, 0.8), "nearest": (0.4, 0.5)}
    return {
        name: returns(-5.0, normalised_return=a, share_of_goals_covered=b)
        for name, (a, b) in played.items()
    }


def move(run, agents, evaluation):
    folder = run / f"arena_agents_10_num_agents_{agents}"
    folder.mkdir()
    there = {"num_agents": agents, "arena_agents": 10}
    record = {"elsewhere": there, "episodes": 5, "seed": 0, **evaluation}
    (folder / "evaluation.json").write_text(json.dumps(record))
    return folder


@pytest.fixture
def root(tmp_path):
    for seed, gain in ((1, 0.0), (2, 0.1)):
        run = write_run(tmp_path, f"{HOME}/seed_{seed}", -5.0, rows(1.0 + gain, 0.9))
        move(run, 100, rows(0.9 + gain, 0.7))
        move(run, 3, rows(0.8 + gain, 0.8))
    move(run, 1000, rows(0.7, 0.6))
    write_run(tmp_path, f"{tasks.NEAR_100}/dimapg_crowd/seed_1", -5.0, rows(0.95, 0.75))
    return tmp_path


def test_the_table(root):
    table = scale.table(records.read(root))
    assert [[c.text if isinstance(c, Cell) else c for c in row] for row in table.rows] == [
        ["3", "0.85 ± 0.07", "0.40", "–", "80 ± 0", "80", "2"],
        ["10", "1.05 ± 0.07", "0.40", "–", "90 ± 0", "80", "2"],
        ["100", "0.95 ± 0.07", "0.40", "0.95", "70 ± 0", "80", "2"],
        ["1,000", "0.70", "0.40", "–", "60", "80", "1"],
    ]


def test_in_the_report(root, tmp_path):
    output = root / "report"
    build.write(records.read(root), output)
    assert (output / "scale.png").stat().st_size > 10_000
    page = (output / "index.html").read_text()
    assert 'id="scale"' in page
    assert "1,000 agents 0.70" in page  # for those who cannot see the figure
    without = records.read(root)
    for run in without.runs:
        run.elsewhere = {}
    assert not scale.table(without).rows
    build.write(without, root / "without")
    assert not (root / "without/scale.png").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"elsewhere": {"num_agents": "many"}}'])
def test_what_cannot_be_read_is_told(root, text):
    (root / HOME / "seed_1/arena_agents_10_num_agents_3/evaluation.json").write_text(text)
    run = records.read(root).runs_in(tasks.NEAR_10)[0]
    assert list(run.elsewhere) == [100]
    assert any("arena_agents_10_num_agents_3" in problem for problem in run.problems)


def test_it_is_kept_with_the_record(root, tmp_path, monkeypatch):
    run = root / HOME / "seed_1"
    (run / "arena_agents_10_num_agents_3/episode.gif").write_bytes(b"a picture")
    (run / "arena_agents_10_num_agents_3/notes.txt").write_text("not of the record")
    (run / "tensorboard").mkdir()
    (run / "link").symlink_to(run / "arena_agents_10_num_agents_100")
    monkeypatch.setattr(keeping, "policies_of", lambda _: ())
    monkeypatch.setattr(keeping.policy_file, "write", lambda *_: None)
    kept = keeping.keep(run, tmp_path / "kept").path
    folders = {path.name for path in kept.iterdir() if path.is_dir()}
    assert folders == {"arena_agents_10_num_agents_3", "arena_agents_10_num_agents_100"}
    there = kept / "arena_agents_10_num_agents_3"
    assert {path.name for path in there.iterdir()} == {"evaluation.json", "episode.gif"}
    shutil.rmtree(kept)


def test_the_plan_evaluates_where_the_report_looks():
    planned = steps.steps_of("standard", ["scale"], [1], Path("runs"), "python")
    there = [s for s in planned if s.output.parent.name.startswith("arena_agents_10_")]
    there = [s for s in there if s.name.startswith(f"{HOME}/")]
    teams = [team.settings["num_agents"] for team in sizes.OTHER_TEAMS[tasks.NEAR_10]]
    assert [int(s.output.parent.name.rpartition("_")[2]) for s in there] == teams
    for step in there:
        words = dict(w.removeprefix("--").split("=") for w in step.command if "agents=" in w)
        settings = {name: int(value) for name, value in words.items()}
        assert step.output.parent.name == elsewhere.folder(settings)
        assert step.needs == (f"{HOME}/seed_1 train",)
        assert step.command[3] == f"runs/{HOME}/seed_1"
        assert "--arena_agents=10" in step.command
    assert all("evaluate" in s.name for s in planned if s.command[2] == "dimapg_tf.evaluate")
    # Nothing of it where the experiment is not named.
    assert not [s for s in steps.steps_of("standard", ["near"], [1], Path("runs"), "p")
                if "arena_agents" in str(s.output)]  # fmt: skip
