"""Damaged and missing files of a run: one line that names file and line, nothing lost."""

import json
import shutil

import pytest

from dimapg_tf.experiment import lock
from dimapg_tf.experiment.errors import CheckpointError, RunDirectoryError
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.experiment.policies import load_policy
from dimapg_tf.experiment.run import Run

ITERATIONS = 8  # with checkpoints of 4, 6 and 8


@pytest.fixture
def run(stub, tmp_path):
    """The directory of a run of 8 iterations, and its configuration of 10."""
    Run(tmp_path / "run", stub(ITERATIONS)).train()
    return tmp_path / "run", stub(ITERATIONS + 2)


def contents(path):
    return {p.relative_to(path): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def refused(error, path, config, match, **how):
    """A resume must fail so, and leave all files as they were."""
    before = contents(path)
    with pytest.raises(error, match=match) as caught:
        Run(path, config).train(resume=True, **how)
    assert contents(path) == before
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def iterations(path):
    return [int(row["iteration"]) for row in read_rows(path / "metrics.csv")]


def cut_metrics(path, kept):
    lines = (path / "metrics.csv").read_bytes().splitlines(keepends=True)
    (path / "metrics.csv").write_bytes(b"".join(kept(lines)))


@pytest.mark.parametrize(
    ("kept", "match", "left"),
    [
        (lambda lines: lines[:5], r"iterations 5-8 are missing.*iteration 8", [1, 2, 3, 4]),
        (lambda lines: [], r"iterations 1-8 are missing", []),
        (lambda lines: lines[:1], r"iterations 1-8 are missing", []),
        (lambda lines: lines[:3] + lines[5:], r"iterations 3-4 are missing", [1, 2, 5, 6, 7, 8]),
        (lambda lines: [*lines[:3], b"3,x\r\n", *lines[4:]], r"metrics.csv:4: .*2 cells", [1, 2]),
        (lambda lines: [*lines[:3], b"\0\xff\r\n", *lines[4:]], r"metrics.csv:4: ", []),
        (
            lambda lines: [*lines[:4], *lines[2:]],
            "metrics.csv:5: .*iteration 2 comes after 3",
            None,
        ),
        (lambda lines: [b"a,b\r\n", *lines[1:]], "metrics.csv:1: .*no header", []),
    ],
    ids=["halved", "empty", "header", "hole", "cells", "bytes", "order", "no header"],
)
def test_rows_that_are_lost(run, kept, match, left):
    """Nobody goes on without them unawares."""
    path, config = run
    cut_metrics(path, kept)
    message = refused(RunDirectoryError, path, config, match)
    assert "--accept_lost_metrics" in message
    assert Run(path, config).train(resume=True, accept_lost_metrics=True) == 0
    if left is not None:
        assert iterations(path) == [*left, 9, 10]


def test_no_metrics_at_all(run):
    path, config = run
    (path / "metrics.csv").unlink()
    refused(RunDirectoryError, path, config, "is not there: rows of iterations 1-8 are missing")


def test_what_follows_the_checkpoint_may_be_damaged(run):
    """It will be done again."""
    path, config = run
    cut_metrics(path, lambda lines: [*lines, b"9,90\r\n", b"\xff\xfe,\0", b"x" * 200_000])
    assert Run(path, config).train(resume=True) == 0
    assert iterations(path) == list(range(1, 11))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"resumed_with": 3}', "[" * 100_000, "\ud800"], ids=range(6)
)
def test_versions(run, text):
    path, config = run
    (path / "versions.json").write_bytes(text.encode(errors="surrogatepass"))
    refused(RunDirectoryError, path, config, "versions.json is damaged")
    (path / "versions.json").unlink()
    assert Run(path, config).train(resume=True) == 0


@pytest.mark.parametrize("text", ["", "# dimapg_tf run", "--env=survival\n", "\xff"], ids=range(4))
def test_flags(run, text):
    path, config = run
    (path / "flags.txt").write_text(text, encoding="latin-1")
    before = contents(path)
    for call in (lambda: Run(path, config), lambda: Run(path), lambda: load_policy(path)):
        with pytest.raises(RunDirectoryError, match=r"flags\.txt"):
            call()
    assert contents(path) == before


def damage(path, iteration, how):
    (data,) = path.glob(f"checkpoints/ckpt-{iteration}.data*")
    whole = data.read_bytes()
    data.write_bytes(how(whole))


FLIPPED = lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:]  # noqa: E731
HALVED = lambda content: content[: len(content) // 2]  # noqa: E731


@pytest.mark.parametrize("how", [FLIPPED, HALVED, lambda _: b""], ids=["bit", "half", "empty"])
def test_the_latest_checkpoint(run, how, tmp_path):
    """It is said which one is whole; from there on it is the unbroken run."""
    path, config = run
    damage(path, 8, how)
    damage(path, 4, how)
    message = refused(CheckpointError, path, config, r"ckpt-8.*whole are those of iterations 6:")
    assert "--resume_from=6" in message
    refused(
        CheckpointError,
        path,
        config,
        "no checkpoint of iteration 5; there are 4, 6, 8",
        resume_from=5,
    )
    assert Run(path, config).train(resume_from=6) == 0
    assert iterations(path) == list(range(1, 11))
    Run(tmp_path / "whole", config).train()
    policies = [(p / "policy.npz").read_bytes() for p in (path, tmp_path / "whole")]
    assert policies[0] == policies[1]


def test_no_checkpoint_is_whole(run):
    path, config = run
    for iteration in (4, 6, 8):
        damage(path, iteration, HALVED)
    refused(CheckpointError, path, config, "ckpt-8.*no other checkpoint is whole")


def test_files_of_other_names_are_no_checkpoints(run):
    path, config = run
    for name in ("ckpt-final.index", "ckpt-.index", "ckpt-9.index.bak", "ckpt--1.index"):
        (path / "checkpoints" / name).write_text("mine")
    assert Run(path, config).train(resume=True) == 0
    assert (path / "checkpoints" / "ckpt-final.index").read_text() == "mine"


@pytest.mark.parametrize(
    ("flag", "edited"), [("rate", "0.25"), ("num_agents", "3"), ("agent_radius", "0.3")]
)
def test_flags_that_do_not_fit_the_checkpoint(run, stub, flag, edited):
    path, _ = run
    lines = (path / "flags.txt").read_text().splitlines()
    lines = [f"--{flag}={edited}" if line.startswith(f"--{flag}=") else line for line in lines]
    (path / "flags.txt").write_text("\n".join(lines) + "\n")
    with pytest.raises(CheckpointError, match=f"does not fit the checkpoint: {flag} = {edited}"):
        load_policy(path)
    refused(
        CheckpointError, path, stub(10, **{flag: edited}), f"does not fit .*: {flag} = {edited}"
    )


def test_a_path_that_TensorFlow_would_take_for_a_pattern(run, tmp_path):
    path, config = run
    for name in ("run[1]", "a*b", "back\\slash", "what?", "~x {y,z}"):
        strange = tmp_path / "strange" / name
        shutil.copytree(path, strange)
        assert Run(strange, config).train(resume=True) == 0
        assert iterations(strange) == list(range(1, 11))
        load_policy(strange)


def test_two_processes(run):
    path, config = run
    with lock.locked(path):
        assert (path / "lock").read_text().split()[1:2] == ["on"]
        with pytest.raises(RunDirectoryError, match=r"process \d+ on \S+ trains here"):
            Run(path, config).train(resume=True)
    assert not (path / "lock").exists()
    # What a kill leaves behind stops nobody, whoever it names.
    for holder in ("1 on elsewhere\n", "999999999 on here\n", "", "\xff"):
        (path / "lock").write_text(holder, encoding="latin-1")
        with lock.locked(path):
            pass


def test_versions_of_a_resume_are_noted(run):
    path, config = run
    record = json.loads((path / "versions.json").read_text())
    (path / "versions.json").write_text(json.dumps({**record, "cores": 999}))
    assert Run(path, config).train(resume=True) == 0
    assert json.loads((path / "versions.json").read_text())["resumed_with"] == [record]
