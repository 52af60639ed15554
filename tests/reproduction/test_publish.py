"""Runs become records: the finished ones, in the place of older ones, few policies."""

import json

import numpy as np
import pytest
from small_records import returns, write_crossplay, write_run

from dimapg_tf.experiment import console, keeping, metrics_file
from reproduction import publish
from reproduction.report import records
from reproduction.tasks import NAVIGATION_3, PURSUIT_3V1

LEARNER = f"{NAVIGATION_3}/dimapg"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Two finished seeds, one that was not evaluated and one that is not finished."""
    made = tmp_path / "runs"
    for seed in (1, 2):
        write_run(made, f"{LEARNER}/seed_{seed}", -13.0, {"theta": returns(-13.0)})
    write_run(made, f"{LEARNER}/seed_3", -13.0)
    write_run(made, f"{LEARNER}/seed_4", -13.0, {"theta": returns(-13.0)}, {"episodes": 5000})
    (made / "logs").mkdir()
    (made / "logs/history.txt").write_text("2018-05-22 12:00:00 started: a command\n")
    monkeypatch.setattr(keeping.policy_file, "write", lambda path, *_: [
        (path / name).write_text("of a policy") for name in ("policy.npz", "policy.json")
    ])  # fmt: skip
    monkeypatch.setattr(keeping, "policies_of", lambda _: (None, None, None))
    return made


def published(root, output, *flags):
    assert console.run(publish.main, ["publish", str(root), f"--output={output}", *flags]) == 0
    return {path.parts[-1]: path for path in output.glob(f"{LEARNER}/*")}


def test_finished_runs_are_kept_with_the_policies_of_the_first(root, tmp_path):
    kept = published(root, tmp_path / "results")
    assert set(kept) == {"seed_1", "seed_2"}
    assert (kept["seed_1"] / "policy.npz").exists()
    assert not list(kept["seed_2"].glob("policy.*"))
    for path in kept.values():
        assert records.read_run(path).evaluated
    assert (tmp_path / "results/runs_history.txt").read_text().startswith("2018")
    both = published(root, tmp_path / "results", "--policies=2")
    assert (both["seed_2"] / "policy.json").exists()
    small = published(root, tmp_path / "results", "--policies=2", "--megabytes=1e-5")
    assert not list(small["seed_1"].glob("policy.*"))


def test_older_records_are_replaced_and_those_of_other_flags_removed(root, tmp_path):
    output = tmp_path / "results"
    write_run(output, f"{LEARNER}/seed_1", -50.0, {"theta": returns(-50.0)})
    write_run(output, f"{LEARNER}/seed_5", -50.0, {"theta": returns(-50.0)})
    write_run(output, f"{LEARNER}/seed_6", -50.0, {"theta": returns(-50.0)}, {"k": 3})
    write_run(output, f"{NAVIGATION_3}/maddpg/seed_1", -50.0, {"theta": returns(-50.0)})
    kept = published(root, output)
    assert set(kept) == {"seed_1", "seed_2", "seed_5"}
    assert json.loads((kept["seed_1"] / "evaluation.json").read_text())["theta"] == returns(-13.0)
    assert (output / NAVIGATION_3 / "maddpg/seed_1/flags.txt").exists()


def test_what_else_is_known_of_the_same_training_stays(root, tmp_path):
    place = published(root, tmp_path / "results")["seed_1"]
    (place / "num_agents_5").mkdir()
    (place / "num_agents_5/evaluation.json").write_text("{}")
    (place / "episode.png").write_text("a picture")
    published(root, tmp_path / "results", "--policies=0")
    assert (place / "num_agents_5/evaluation.json").exists()
    assert (place / "episode.png").read_text() == "a picture"
    assert not (place / "policy.npz").exists()
    metrics = root / LEARNER / "seed_1/metrics.csv"
    *_, last = rows = metrics.read_text().splitlines(keepends=True)
    metrics.write_text("".join([*rows, last]))  # another training
    published(root, tmp_path / "results")
    assert not (place / "episode.png").exists()
    assert not (place / "num_agents_5").exists()


def test_crossplay_comes_along(root, tmp_path):
    write_run(root, f"{PURSUIT_3V1}/maddpg/seed_1", 1.0, columns=("predators/return_mean",))
    write_crossplay(root, PURSUIT_3V1, ["maddpg/seed_1"], {("greedy", "maddpg/seed_1"): 1.0})
    published(root, tmp_path / "results")
    place = tmp_path / "results" / PURSUIT_3V1
    record = json.loads((place / "crossplay/crossplay.json").read_text())
    assert record["runs"] == {"maddpg/seed_1": str(place / "maddpg/seed_1")}
    assert record["pairs"][0]["predators"] == "greedy"


def test_long_curves_keep_means_of_their_rows(root, tmp_path):
    whole, some = (
        records.read_run(published(root, tmp_path / name, *flags)["seed_1"])
        for name, flags in (("all", []), ("some", ["--rows=2"]))
    )
    rows = len(whole.curve["episodes"])
    assert rows == 10
    assert len(some.curve["episodes"]) == 2
    assert some.evaluated
    half = rows // 2
    for name, values in whole.curve.items():
        blocks = (values[:half], values[half:])
        totals = name in metrics_file.TOTALS
        expected = [block[-1] if totals else block.mean() for block in blocks]
        np.testing.assert_allclose(some.curve[name], expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_where_there_is_nothing_to_publish(name, tmp_path, capfd):
    (tmp_path / "empty").mkdir()
    argv = ["publish", str(tmp_path / name), f"--output={tmp_path / 'results'}"]
    assert console.run(publish.main, argv) == console.BAD_INPUT
    assert f"ROOT = {tmp_path / name}: " in capfd.readouterr().err
    assert not (tmp_path / "results").exists()
