"""Records: the policies as they were, without what only training needs."""

import json
import shutil

import pytest

from dimapg_tf import keep, train, trpo
from dimapg_tf.experiment import console
from dimapg_tf.experiment.policies import load_policy

TINY = ["--horizon=4", "--trajectories=2", "--k=1", "--hidden=4", "--episodes=8", "--seed=3"]
REINFORCE = "--central_update=reinforce"  # with Adam's moments


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("runs") / "finished"
    assert console.run(train.main, ["train", *TINY, REINFORCE, f"--logdir={logdir}"]) == 0
    (logdir / "episode.png").write_bytes(b"a picture")
    return logdir


def equal_policies(*paths):
    thetas = [trpo.flatten(load_policy(path).thetas["agents"]).numpy() for path in paths]
    return all((theta == thetas[0]).all() for theta in thetas)


@pytest.mark.parametrize("older", [False, True])
def test_keep(older, finished, tmp_path, capfd):
    """Also of a run from before policy.npz, whose policies are in its checkpoints alone."""
    run, kept = tmp_path / "run", tmp_path / "results" / "seed_3"
    shutil.copytree(finished, run)
    if older:
        for name in ("policy.npz", "policy.json"):
            (run / name).unlink()
    assert console.run(keep.main, ["keep", str(run), str(kept)]) == 0
    assert {path.name for path in kept.iterdir()} == {
        *("flags.txt", "versions.json", "metrics.csv", "episode.png"),
        *("policy.npz", "policy.json"),
    }
    for name in ("flags.txt", "versions.json", "metrics.csv", "episode.png"):
        assert (kept / name).read_bytes() == (run / name).read_bytes()
    assert equal_policies(finished, kept)
    described, expected = (
        json.loads((path / "policy.json").read_text()) for path in (kept, finished)
    )
    assert {**described, "sha256": ""} == {**expected, "sha256": ""}

    # It is no run to go on with, and is not overwritten.
    again = [*TINY, REINFORCE, "--episodes=16", f"--logdir={kept}", "--resume"]
    assert console.run(train.main, ["train", *again]) == console.BAD_INPUT
    assert console.run(keep.main, ["keep", str(finished), str(kept)]) == console.BAD_INPUT
    assert "is there already" in capfd.readouterr().err


def test_an_older_run_is_refused_until_it_is_kept(finished, tmp_path, capfd):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / "policy.json").unlink()
    with pytest.raises(ValueError, match=r"dimapg_tf\.keep"):
        load_policy(run)
    # A resumed run writes it anew, also if there is nothing left to do.
    again = ["train", *TINY, REINFORCE, f"--logdir={run}", "--resume"]
    assert console.run(train.main, again) == 0
    assert equal_policies(finished, run)


@pytest.mark.parametrize("arguments", [[], ["one"], ["no/such/run", "DESTINATION"]], ids=str)
def test_bad_arguments(arguments, tmp_path, capfd):
    arguments = [str(tmp_path / "new") if a == "DESTINATION" else a for a in arguments]
    assert console.run(keep.main, ["keep", *arguments]) == console.BAD_INPUT
    assert len(capfd.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "new").exists()
