"""Records: the policies as they were, without what only training needs."""

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
    return logdir


def test_keep(finished, tmp_path, capfd):
    kept = tmp_path / "results" / "seed_3"
    assert console.run(keep.main, ["keep", str(finished), str(kept)]) == 0
    for name in ("flags.txt", "versions.json", "metrics.csv"):
        assert (kept / name).read_bytes() == (finished / name).read_bytes()
    thetas = [trpo.flatten(load_policy(path).thetas["agents"]) for path in (finished, kept)]
    assert (thetas[0] == thetas[1]).numpy().all()
    sizes = [
        sum(p.stat().st_size for p in (path / "checkpoints").glob("*.data*"))
        for path in (finished, kept)
    ]
    assert sizes[1] < sizes[0] / 2
    assert not (kept / "tensorboard").exists()

    # It is no run to go on with, and is not overwritten.
    again = [*TINY, REINFORCE, "--episodes=16", f"--logdir={kept}", "--resume"]
    assert console.run(train.main, ["train", *again]) == console.BAD_INPUT
    assert console.run(keep.main, ["keep", str(finished), str(kept)]) == console.BAD_INPUT
    assert "is there already" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["one"], ["no/such/run", "DESTINATION"]], ids=str)
def test_bad_arguments(arguments, tmp_path, capfd):
    arguments = [str(tmp_path / "new") if a == "DESTINATION" else a for a in arguments]
    assert console.run(keep.main, ["keep", *arguments]) == console.BAD_INPUT
    assert len(capfd.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "new").exists()
