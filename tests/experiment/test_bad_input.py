"""What a user can get wrong: one clear line that names it, a non-zero exit, nothing overwritten."""

import shutil

import pytest

from dimapg_tf import evaluate, train
from dimapg_tf.experiment import console

TINY = ["--horizon=4", "--trajectories=2", "--k=1", "--hidden=4", "--episodes=8"]


def contents(path):
    return {p.relative_to(path): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The directory of a finished run."""
    logdir = tmp_path_factory.mktemp("runs") / "finished"
    assert console.run(train.main, ["train", *TINY, f"--logdir={logdir}"]) == 0
    return logdir


def fails(main, arguments, capfd, *named):
    """Run a script's main; it must fail with one line on stderr that holds all of `named`."""
    capfd.readouterr()
    assert console.run(main, arguments) == console.BAD_INPUT
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    for text in named:
        assert text in lines[0]


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--no_such_flag=1"], ["no_such_flag"]),
        (["--num_agent=3"], ["num_agent", "num_agents"]),
        (["--flagfile=no/such/file.flags"], ["no/such/file.flags"]),
        (["--num_agents=0"], ["num_agents = 0"]),
        (["--num_agents=three"], ["num_agents", "three"]),
        (["--k=-1"], ["k = -1"]),
        (["--sampled_agents=0"], ["sampled_agents = 0"]),
        (["--gamma=1.5"], ["gamma = 1.5"]),
        (["--deviation=both"], ["deviation = 'both'", "isolated"]),
        (["--deviation=simultaneous", "--others_term"], ["others_term", "isolated"]),
        (["--baseline=none"], ["baseline = 'none'", "shared"]),
        (["--env=survival", "--num_agents=2000"], ["num_agents = 2000", "1024"]),
        (["--hidden=100,many"], ["hidden", "many"]),
        (["--env=chess"], ["chess", "cooperative_navigation"]),
        (["--module=json"], ["module", "cooperative_navigation"]),
        (["--episodes=0"], ["episodes = 0"]),
        (["--checkpoint_every=0"], ["checkpoint_every = 0"]),
        (["--seed=-1"], ["seed = -1"]),
        (["surplus"], ["surplus"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_bad_flags(flags, named, tmp_path, capfd):
    logdir = tmp_path / "new"
    fails(train.main, ["train", *TINY, f"--logdir={logdir}", *flags], capfd, *named)
    assert not logdir.exists()


def test_a_logdir_that_cannot_be_made(capfd):
    fails(train.main, ["train", *TINY, "--logdir=/dev/null/run"], capfd, "/dev/null/run")


def test_missing_logdir(capfd):
    fails(train.main, ["train", *TINY], capfd, "logdir")


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--seed=2"], ["another configuration", "--seed"]),
        (["--gamma=0.5", "--resume"], ["another configuration", "--gamma"]),
        ([], ["already holds this run", "--resume"]),
    ],
    ids=str,
)
def test_a_run_is_not_overwritten(flags, named, finished, capfd):
    before = contents(finished)
    fails(
        train.main,
        ["train", *TINY, f"--logdir={finished}", *flags],
        capfd,
        str(finished),
        *named,
    )
    assert contents(finished) == before


def test_a_directory_of_something_else(tmp_path, capfd):
    (tmp_path / "precious.txt").write_text("mine")
    fails(train.main, ["train", *TINY, f"--logdir={tmp_path}"], capfd, "no run directory")
    assert contents(tmp_path).keys() == {(tmp_path / "precious.txt").relative_to(tmp_path)}


@pytest.mark.parametrize(
    ("script", "folder", "pattern"),
    [
        ("train", "checkpoints", "*.index"),
        ("train", "checkpoints", "*.data*"),
        ("evaluate", "", "policy.npz"),
        ("evaluate", "", "policy.json"),
    ],
)
def test_a_truncated_file(script, folder, pattern, finished, tmp_path, capfd):
    broken = tmp_path / "broken"
    shutil.copytree(finished, broken)
    (damaged,) = (broken / folder).glob(pattern)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    before = contents(broken)
    if script == "train":
        more = [*TINY[:-1], "--episodes=16", f"--logdir={broken}", "--resume"]
        fails(train.main, ["train", *more], capfd, str(broken / folder))
    else:
        fails(evaluate.main, ["evaluate", str(broken)], capfd, str(damaged))
    after = contents(broken)
    assert {k: v for k, v in after.items() if k in before} == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], ["one run directory"]),
        (["no/such/run"], ["no/such/run"]),
        (["RUN", "--episodes=0"], ["episodes = 0"]),
        (["RUN", "--episode=3"], ["episode"]),
    ],
    ids=str,
)
def test_bad_arguments_of_evaluate(arguments, named, finished, capfd):
    arguments = [str(finished) if a == "RUN" else a for a in arguments]
    fails(evaluate.main, ["evaluate", *arguments], capfd, *named)


def test_evaluate_on_something_else(tmp_path, capfd):
    fails(evaluate.main, ["evaluate", str(tmp_path)], capfd, str(tmp_path), "flags.txt")


@pytest.mark.parametrize("main", [train.main, evaluate.main])
def test_help(main, capfd):
    assert console.run(main, ["script", "--help"]) == 0
    assert "python -m dimapg_tf." in capfd.readouterr().out
