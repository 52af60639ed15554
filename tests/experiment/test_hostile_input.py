"""What was tried against tracebacks: every case ends with one line and exit code 2, or is harmless.

More of it stands where it belongs: damaged run directories in test_damage, records below a report
in test_hostile_records, faults of the disk in test_kill_points, memory in test_memory_estimate.
"""

import json

import pytest

from baselines.a3c_kitchensink import train as a3c
from baselines.maddpg import train as maddpg
from baselines.trpo_kitchensink import train as trpo
from dimapg_tf import crossplay, evaluate, fine_tune, keep, render, train
from dimapg_tf.experiment import console, policy_file
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.run import Run


def shortened(value):
    return ascii(value)[:20]


def refused(main, arguments, capfd):
    """One line on stderr and exit code 2."""
    capfd.readouterr()
    code = console.run(main, ["script", *arguments])
    out, err = capfd.readouterr()
    assert (code, out) == (console.BAD_INPUT, "")
    (line,) = err.splitlines()
    assert line.startswith("script: ")
    assert len(line) < 2000
    return line


LONG = "x" * 5000
REAL = ("nan", "inf", "-inf", "-1", "1e999", "", "x", "1,5", "0x1p3", "--", "٣x")
WHOLE = ("0", "-1", "1.5", "nan", "", "x", "1e3", "1_0_", "9" * 5000)
VALUES = {
    **dict.fromkeys(("gamma", "gae_lambda"), (*REAL, "1.0001")),
    **dict.fromkeys(("alpha_1", "alpha_2", "epsilon", "cg_damping", "entropy_bonus"), REAL),
    "delta": (*REAL, "0"),
    **dict.fromkeys(("k", "trajectories", "sampled_agents", "cg_iterations"), WHOLE),
    **dict.fromkeys(("fisher_stride", "episodes", "checkpoint_every"), WHOLE),
    **dict.fromkeys(("num_agents", "horizon"), WHOLE),
    "seed": WHOLE[1:],
    "hidden": ("0", "-5", "1,,2", "a", "1e3", "1.5", ","),
    **dict.fromkeys(("agent_radius", "arena"), ("nan", "-1", "0", "", "x")),
    "reward_clip": ("nan", "-1", "0", "", "x"),
    **dict.fromkeys(("meta_gradient", "deviation", "baseline", "optimizer"), ("", "None", "é")),
    **dict.fromkeys(("others_term", "resume", "print_config"), ("maybe", "2", "")),
    "resume_from": ("x", "1.5", ""),
    "env": ("", "Survival", "../x", LONG),
    "algorithm": ("", "maddpg", "os:system"),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in VALUES.items() for value in values]
)
def test_values(name, value, capfd):
    line = refused(train.main, ["--print_config", f"--{name}={value}"], capfd)
    assert name in line


ODD = (
    *("---", "--=", "=3", "--k", "--k=1=2", "--nok", "surplus", "--no", "\0", "--k\0=1"),
    *("--flagfile", "--flagfile=", "--flagfile=/", "--flagfile=/no/such", "--flagfile=\0"),
    *("--flagfile=" + LONG, "--env_config=", "--env_config=../../etc/passwd"),
    *("--env_config=a\0b", "--env_config=" + LONG, "--algorithm_config=.", "--env_config"),
    *("--algorithm_config=survival_230", "--undefok=x", "--K=3", "--env.x=1", "--logdir"),
    *("--no_such_flag", "--num_agent=3", "\ud800", "--k=\ud800"),
)


@pytest.mark.parametrize("argument", ODD, ids=shortened)
def test_arguments(argument, capfd):
    refused(train.main, ["--print_config", argument], capfd)


@pytest.mark.parametrize("main", [train, fine_tune, maddpg, a3c, trpo], ids=lambda m: m.__name__)
def test_no_logdir(main, capfd):
    assert "logdir" in refused(main.main, [], capfd)
    for path in ("", "\0"):
        refused(main.main, [f"--logdir={path}"], capfd)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/null/x", LONG, "a" * 300, "LOOP", "FILE"])
def test_logdirs(path, tmp_path, capfd):
    (tmp_path / "LOOP").symlink_to("LOOP")
    (tmp_path / "FILE").write_text("mine")
    refused(train.main, [f"--logdir={tmp_path / path}"], capfd)


SCRIPTS = {
    "evaluate": (evaluate.main, []),
    "render": (render.main, []),
    "keep": (keep.main, ["DESTINATION"]),
    "crossplay": (crossplay.main, ["--noheat_map"]),
}
PATHS = (
    *("", "\0", "no/such", "/dev/null", "/proc/self/mem", LONG, "~nobody/x"),
    *("EMPTY", "LOOP"),
)


@pytest.mark.parametrize("path", PATHS, ids=shortened)
@pytest.mark.parametrize("script", SCRIPTS)
def test_run_directories(script, path, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "EMPTY").mkdir()
    (tmp_path / "LOOP").symlink_to("LOOP")
    main, more = SCRIPTS[script]
    refused(main, [path, *more], capfd)
    assert not (tmp_path / "DESTINATION").exists()


@pytest.mark.parametrize("script", ["evaluate", "render", "crossplay"])
@pytest.mark.parametrize("flag", ["--seed=-1", "--seed=x", "--no_such=1", "--seed"])
def test_flags_of_scripts(script, flag, stub, tmp_path, capfd):
    Run(tmp_path / "run", stub(2)).train()
    main, more = SCRIPTS[script]
    refused(main, [str(tmp_path / "run"), *more, flag], capfd)


CHANGES = {
    "schema": ("x", 2, None, []),
    "algorithm": (3, None, "maddpg"),
    "env": (3, "survival"),
    "settings": ([], "x", None, 3),
    "env_settings": ([], "x", 3),
    "seed": ("1", 2, None),
    "populations": ({}, [], {"agents": [1]}, {"agents": {"num_agents": "x"}}, None, {"other": {}}),
    "iteration": (None,),
    "shapes": ([], {}, None, {"agents/0/weights": [1, 2]}, 3),
    "sha256": (5, "", "0" * 64, None),
}


@pytest.fixture
def run(stub, tmp_path):
    Run(tmp_path / "run", stub(2)).train()
    return Run(tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in CHANGES.items() for value in values]
)
def test_descriptions_of_policies(name, value, run):
    path = run.directory.path / "policy.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, name: value}))
    with pytest.raises(CheckpointError) as caught:
        run.load_policy()
    assert len(str(caught.value).splitlines()) == 1
    path.write_text(json.dumps({key: v for key, v in record.items() if key != name}))
    with pytest.raises(CheckpointError):
        run.load_policy()


@pytest.mark.parametrize("name", ["policy.json", "policy.npz"])
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"{", b"[]", b"3", b"\xff" * 50, b"PK\x03\x04", b"[" * 100_000]
)
def test_files_of_policies(name, content, run):
    (run.directory.path / name).write_bytes(content)
    with pytest.raises(CheckpointError):
        policy_file.read(run.directory.path)
