"""The study of environments that others wrote: what is planned, measured, said and drawn."""

import json

import numpy as np
import pytest
from trained_here import TrainedHere

import dimapg_tf
from dimapg_tf.experiment import console
from reproduction.foreign import presentation, study
from reproduction.foreign.environments import FOREIGN, Foreign, Score

PAGE = "# Mine\n\n<!-- foreign: begin -->\n<!-- foreign: end -->\n"


def of(trained, random):
    """A record of `pursuit` with these returns, one for each seed."""
    seeds = {
        str(number): {"scores": {"": {"trained": t, "random": r}}}
        for number, (t, r) in enumerate(zip(trained, random), start=1)
    }
    return {"environments": {"pursuit": {"seeds": seeds}}}


@pytest.mark.parametrize(
    ("trained", "random", "better"),
    [
        ([10.0, 11.0, 12.0], [1.0, 2.0, 3.0], True),
        ([2.5, 11.0, 12.0], [1.0, 2.0, 3.0], False),  # one seed has not learned
        ([3.1, 3.2, 3.3], [1.0, 2.0, 3.0], False),  # by less than random play differs
        ([0.0, -1.0, -2.0], [1.0, 2.0, 3.0], False),
    ],
)
def test_what_is_better_than_random_play(trained, random, better):
    assert presentation.beats_random(of(trained, random), "pursuit", Score("")) == better


def test_from_training_to_the_page(tmp_path, monkeypatch):
    """Small, in two environments, one of two armies; a second call finds all of it done."""
    small = ("--hidden=4", "--horizon=4", "--central_update=reinforce")
    few = {
        foreign.name: foreign._replace(episodes=2, trajectories=1)
        for foreign in (FOREIGN["simple_speaker_listener"], FOREIGN["battle"])
    }
    monkeypatch.setattr(study, "SweepRuns", TrainedHere)
    monkeypatch.setattr(study, "FOREIGN", few)
    monkeypatch.setattr(study, "EVALUATED", 3)
    flags = Foreign.flags.fget
    monkeypatch.setattr(Foreign, "flags", property(lambda foreign: (*flags(foreign), *small)))
    (tmp_path / presentation.PAGE).write_text(PAGE)
    record_path = tmp_path / "records/record.json"
    argv = ["study", "--seeds=1", f"--logdir={tmp_path / 'runs'}", f"--output={tmp_path}"]
    argv += [f"--record={record_path}", "--jobs=2"]
    assert console.run(study.main, argv) == 0
    record = json.loads(record_path.read_text())
    for name, foreign in few.items():
        run = record["environments"][name]["seeds"]["1"]
        assert set(run["scores"]) == {score.population for score in foreign.scores}
        for score in foreign.scores:
            assert np.isfinite(list(run["scores"][score.population].values())).all()
            assert len(run["curves"][score.population]["returns"]) >= 1
    # As `evaluate` says, on the episodes of the run's seed.
    run = dimapg_tf.Run(tmp_path / "runs/env_config_battle/seed_1")
    said = run.evaluate(episodes=3, seed=1)
    for red, blue in (("red", "blue"), ("blue", "red")):
        scores, name = record["environments"]["battle"]["seeds"]["1"]["scores"][red], "return_mean"
        against = said[f"theta_against_random_{blue}"][f"{red}/{name}"]
        assert scores["trained"] == pytest.approx(against, rel=1e-4)
        assert scores["random"] == pytest.approx(said["random"][f"{red}/{name}"], rel=1e-4)
    text = (tmp_path / presentation.PAGE).read_text()
    assert text.count("\n| ") == 1 + 1 + 2
    assert (tmp_path / presentation.FIGURE).stat().st_size > 10_000
    before = record_path.read_bytes()
    assert console.run(study.main, argv) == 0
    assert record_path.read_bytes() == before


def test_a_page_without_its_section_is_told_before_anything_starts(tmp_path, capsys):
    (tmp_path / presentation.PAGE).write_text("# Mine\n")
    argv = ["study", f"--logdir={tmp_path / 'runs'}", f"--output={tmp_path}"]
    assert console.run(study.main, argv) == 2
    assert "<!-- foreign: begin -->" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
