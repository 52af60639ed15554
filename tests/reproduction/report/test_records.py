"""Records: whole ones, and ones with missing, broken and unfinished files."""

import json
import lzma

import pytest
from small_records import returns, write_crossplay, write_run

from dimapg_tf.types import ConfigurationError
from reproduction.report import records

NAME = "cooperative_navigation_3/dimapg/seed_1"


def test_a_whole_run(tmp_path):
    write_run(tmp_path, NAME, -13.0, {"theta": returns(-13.0)})
    (run,) = records.read(tmp_path).runs
    assert (run.name, run.env, run.learner, run.seed) == (NAME, *NAME.split("/")[:2], 1)
    assert (run.episodes, run.minutes, run.budget, run.eval_episodes) == (1000, 1.0, 1000, 100)
    assert run.finished
    assert run.evaluated
    assert run.problems == []
    assert run.curve["return_mean"][-1] == -13.0
    assert records.values([run], "theta", "min_mean_return") == [-12.0]
    assert records.values([run], "theta_n", "min_mean_return") == []


@pytest.mark.parametrize("name", ["flags.txt", "versions.json", "metrics.csv", "evaluation.json"])
@pytest.mark.parametrize("content", [None, "", "{", "[1]", "\0\n1,2"])
def test_a_missing_or_broken_file_is_named(tmp_path, name, content):
    path = write_run(tmp_path, NAME, -13.0, {"theta": returns(-13.0)}) / name
    path.unlink()
    if content is not None:
        path.write_text(content)
    (run,) = records.read(tmp_path).runs
    assert name in " ".join(run.problems)
    assert run.budget == (0 if name == "flags.txt" else 1000)
    if name in ("metrics.csv", "evaluation.json"):
        assert not run.evaluated


@pytest.mark.parametrize("keeps", [slice(None), slice(-9), slice(0)], ids=["all", "cut", "empty"])
def test_metrics_may_be_compressed(tmp_path, keeps):
    path = write_run(tmp_path, NAME, -13.0) / "metrics.csv"
    whole = lzma.compress(path.read_bytes())
    path.with_name("metrics.csv.xz").write_bytes(whole[keeps])
    (before,) = records.read(tmp_path).runs
    path.unlink()
    (run,) = records.read(tmp_path).runs
    if keeps == slice(None):
        assert run.problems == before.problems
        assert (run.curve["return_mean"] == before.curve["return_mean"]).all()
    else:
        assert "metrics.csv.xz is damaged" in " ".join(run.problems)


def test_a_run_that_has_not_ended_is_not_counted(tmp_path):
    write_run(tmp_path, NAME, -13.0, {"theta": returns(-13.0)}, episodes=5000)
    (run,) = records.read(tmp_path).runs
    assert run.problems == ["unfinished: 1,000 of 5,000 episodes"]
    assert records.values([run], "theta", "return_mean") == []


def test_a_line_cut_short_is_left_out(tmp_path):
    path = write_run(tmp_path, NAME, -13.0) / "metrics.csv"
    path.write_text(path.read_text() + "11,11")
    (run,) = records.read(tmp_path).runs
    assert len(run.curve["episodes"]) == 10
    assert run.problems == ["no evaluation.json"]


def test_where_there_are_no_runs(tmp_path):
    with pytest.raises(ConfigurationError, match="no such directory"):
        records.read(tmp_path / "nowhere")
    (tmp_path / "report").mkdir()
    (tmp_path / "a/b/seed_x").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="holds no runs"):
        records.read(tmp_path)


def test_crossplay(tmp_path):
    """Labels may be longer than learner/seed_1, to tell runs apart."""
    env, label = "predator_prey_3v1", "predator_prey_3v1/maddpg_tuned/seed_2"
    write_run(tmp_path, "predator_prey_3v1/maddpg_tuned/seed_2", 1.0)
    write_crossplay(tmp_path, env, [label], {(label, "fleeing"): 2.0, ("greedy", label): 3.0})
    played = records.read(tmp_path).crossplay[env]
    assert played.pairs["maddpg_tuned/seed_2", "fleeing"]["contacts"] == 6.0
    assert played.pairs["greedy", "maddpg_tuned/seed_2"]["predators/return_mean"] == 3.0


def test_what_is_no_number_is_missing(tmp_path):
    row = {"return_mean": float("nan"), "min_mean_return": "?", "min_return_per_episode": -3.0}
    write_run(tmp_path, NAME, -13.0, {"theta": row})
    runs = records.read(tmp_path).runs
    values = [records.values(runs, "theta", name) for name in row]
    assert values == [[], [], [-3.0]]


@pytest.mark.parametrize("content", ["{", json.dumps({"runs": {}}), json.dumps({"pairs": 1})])
def test_broken_crossplay_is_named(tmp_path, content):
    write_run(tmp_path, "predator_prey_3v1/maddpg_tuned/seed_2", 1.0)
    write_crossplay(tmp_path, "predator_prey_3v1", [], {})
    (tmp_path / "predator_prey_3v1/crossplay/crossplay.json").write_text(content)
    results = records.read(tmp_path)
    assert results.crossplay == {}
    assert "crossplay.json" in results.problems[0]
