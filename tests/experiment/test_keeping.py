"""Records: the policies as they were, without what only training needs."""

import errno
import json
import lzma
import os
import shutil

import pytest

from dimapg_tf import keep, train, trpo
from dimapg_tf.experiment import console
from dimapg_tf.experiment.metrics_file import read_rows
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
        *("flags.txt", "versions.json", "metrics.csv.xz", "episode.png"),
        *("policy.npz", "policy.json"),
    }
    for name in ("flags.txt", "versions.json", "episode.png"):
        assert (kept / name).read_bytes() == (run / name).read_bytes()
    assert lzma.decompress((kept / "metrics.csv.xz").read_bytes()) == (
        (run / "metrics.csv").read_bytes()
    )
    assert read_rows(kept / "metrics.csv") == read_rows(run / "metrics.csv")
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


def test_a_record_can_be_kept_again(finished, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for run, kept in ((finished, first), (first, second)):
        assert console.run(keep.main, ["keep", str(run), str(kept)]) == 0
    for path in first.iterdir():
        assert (second / path.name).read_bytes() == path.read_bytes(), path.name


def cut(path):
    path.write_bytes(path.read_bytes()[:20])


def flip(path):
    """A bit of every seventh byte: what is read of a checkpoint is hit, whatever it is."""
    path.write_bytes(bytes(byte ^ (i % 7 == 0) for i, byte in enumerate(path.read_bytes())))


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("policy.npz", "policy.npz"),
        ("policy.json", "policy.json"),
        ("checkpoints/ckpt-*.data*", "checkpoints"),
        ("checkpoints/ckpt-*.index", "checkpoints"),
        ("flags.txt", "flags.txt"),
    ],
    ids=str,
)
def test_damage_is_told_in_one_line_and_nothing_is_left(
    name, told, damage, finished, tmp_path, capfd
):
    """Without policy.npz a run's policies come from its checkpoint."""
    run, kept = tmp_path / "run", tmp_path / "kept"
    shutil.copytree(finished, run)
    if "checkpoints" in name:
        for other in ("policy.npz", "policy.json"):
            (run / other).unlink()
    for path in run.glob(name):
        damage(path)
    assert console.run(keep.main, ["keep", str(run), str(kept)]) == console.BAD_INPUT
    said = capfd.readouterr().err
    assert len(said.strip().splitlines()) == 1, said
    assert told in said
    assert not kept.exists()


def test_files_of_other_names_are_no_checkpoints(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    for name in ("policy.npz", "policy.json"):
        (run / name).unlink()
    for name in ("ckpt-final.index", "ckpt-99.index.bak", "ckpt-final.data-00000-of-00001"):
        (run / "checkpoints" / name).write_text("mine")
    assert console.run(keep.main, ["keep", str(run), str(tmp_path / "kept")]) == 0
    assert equal_policies(finished, tmp_path / "kept")


def test_half_a_record_is_not_left(finished, tmp_path, monkeypatch, capfd):
    def full(source, _):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source))

    monkeypatch.setattr(shutil, "copy", full)
    kept = tmp_path / "kept"
    assert console.run(keep.main, ["keep", str(finished), str(kept)]) != 0
    said = capfd.readouterr().err
    assert "No space left on device" in said
    assert len(said.strip().splitlines()) == 1
    assert not kept.exists()


@pytest.mark.parametrize("arguments", [[], ["one"], ["no/such/run", "DESTINATION"]], ids=str)
def test_bad_arguments(arguments, tmp_path, capfd):
    arguments = [str(tmp_path / "new") if a == "DESTINATION" else a for a in arguments]
    assert console.run(keep.main, ["keep", *arguments]) == console.BAD_INPUT
    assert len(capfd.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "new").exists()
