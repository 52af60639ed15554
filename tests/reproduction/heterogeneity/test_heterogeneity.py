"""The study of unlike agents: what is planned, measured, said and drawn."""

import json

import numpy as np
import pytest
from trained_here import TrainedHere

from dimapg_tf.experiment import console
from reproduction.heterogeneity import presentation, study

PAGE = "".join(f"<!-- {name}: begin -->\n<!-- {name}: end -->\n\n" for name in ("answer", "table"))


def test_every_gradient_meets_the_same_teams(tmp_path):
    planned = study.trials([1, 2], 60, 1.0, tmp_path)
    assert len(planned) == 2 * (1 + 2 * 2 * 3)
    for trial in planned:
        values = trial.config.values()
        assert values["team"] == values["seed"] == trial.seed
        assert values["heterogeneity"] == 1.0
        # An iteration takes as many episodes with one step of adaptation as without.
        if values["k"] == 1:
            expected = 15
            got = values["trajectories"]
            if values["meta_gradient"] != "none":
                got *= 1 + values["sampled_agents"]
            assert got == expected
    adapted = {
        (t.setting["meta_gradient"], a) for t in planned for a in study.adaptations(t.setting)
    }
    assert len(adapted) == 3 * 2 * 3


def row(gradient, k, alpha, theta, theta_n):
    """Of two seeds or more; θ_n by 5 episodes gains half."""
    seeds = {}
    for seed, (before, after) in enumerate(zip(theta, theta_n), start=1):
        policies = {"theta": before, "theta_n_5": (before + after) / 2, "theta_n_25": after}
        seeds[str(seed)] = {
            name: {"return_mean": value, "min_return_per_episode": value - 1, "goals_covered": 2.0}
            for name, value in policies.items()
        }
    return {"gradient": gradient, "k": k, "alpha": alpha, "seeds": seeds}


@pytest.fixture
def record():
    return {
        "rows": [
            row("none", 1, 0.1, [-10.0, -11.0, -12.0], [-9.9, -11.1, -12.0]),
            row("exact", 1, 0.1, [-10.0, -11.0, -12.0], [-7.0, -8.1, -8.9]),
            row("first_order", 1, 0.1, [-10.0, -11.0, -12.0], [-12.0, -10.0, -13.0]),
        ]
    }


def test_the_answer_goes_by_the_intervals(record):
    said = " ".join(presentation.answer(record).split())
    assert "in 1 of 3 cases, most with exact, k = 1, α = 0.1: by 3.00 (2.75 to 3.25)." in said
    assert "with 1 (k = 1, α = 0.1) of 1 pairs" in said
    assert said.endswith("θ_n ends surely higher with 1 (k = 1, α = 0.1).**")
    record["rows"][1] = row("exact", 1, 0.1, [-10.0, -11.0, -12.0], [-7.0, -12.0, -9.0])
    said = " ".join(presentation.answer(record).split())
    assert "in none of 3 cases" in said
    assert "with none of 1 pairs" in said


def test_table_figure_and_page(record, tmp_path):
    (tmp_path / "heterogeneity.md").write_text(PAGE)
    presentation.publish(record, tmp_path)
    text = (tmp_path / "heterogeneity.md").read_text()
    line = next(line for line in text.splitlines() if line.startswith("| exact"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[:4] == ["exact", "1", "0.1", "−11.00 (−13.48 to −8.52)"]
    assert cells[4].startswith("1.50 (")
    assert cells[5] == "3.00 (2.75 to 3.25)"
    assert (tmp_path / "heterogeneity.png").stat().st_size > 10_000


def test_a_page_without_its_sections_is_told_before_anything_starts(tmp_path, capsys):
    (tmp_path / "heterogeneity.md").write_text("# Mine\n")
    argv = ["study", f"--logdir={tmp_path / 'runs'}", f"--output={tmp_path}"]
    assert console.run(study.main, argv) == 2
    assert "<!-- answer: begin -->" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_without_a_page_it_is_printed(record, tmp_path, capsys):
    presentation.publish(record, tmp_path)
    printed = capsys.readouterr().out
    assert "in 1 of 3 cases" in printed
    assert "| exact | 1 | 0.1 |" in printed


def test_from_training_to_the_page(tmp_path, monkeypatch):
    """Small, with one step size; a second call finds all of it done."""
    monkeypatch.setattr(study, "SweepRuns", TrainedHere)
    monkeypatch.setattr(study, "ALPHAS", ("1",))
    monkeypatch.setattr(study, "STEPS", ("1",))
    monkeypatch.setattr(study, "EVALUATED", 4)
    monkeypatch.setattr(study, "ADAPTED_ON", (5, 25))
    monkeypatch.setattr(study, "TASK", (*study.TASK, "--horizon=5", "--hidden=4"))
    (tmp_path / "heterogeneity.md").write_text(PAGE)
    argv = ["study", "--episodes=15", "--seeds=1", f"--logdir={tmp_path / 'runs'}"]
    argv += [f"--output={tmp_path}", "--jobs=2"]
    assert console.run(study.main, argv) == 0
    record = json.loads((tmp_path / "heterogeneity.json").read_text())
    assert {r["gradient"] for r in record["rows"]} == {"none", "exact", "first_order"}
    for r in record["rows"]:
        for policies in r["seeds"].values():
            assert set(policies) == {"theta", "theta_n_5", "theta_n_25"}
            assert np.isfinite([p["return_mean"] for p in policies.values()]).all()
            # A step of size 1 moves the policies.
            assert policies["theta"] != policies["theta_n_25"]
    before = (tmp_path / "heterogeneity.json").read_bytes()
    assert console.run(study.main, argv) == 0
    assert (tmp_path / "heterogeneity.json").read_bytes() == before
