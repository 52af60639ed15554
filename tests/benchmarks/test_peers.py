"""Contests of contenders that are nobody: their order, what is kept, and who is left out."""

import re
import sys
from pathlib import Path

import pytest
from peers_record import fake, fake_sides

from benchmarks.peers import __main__ as script
from benchmarks.peers import found, parts, quality
from benchmarks.peers.contests import PEERS, Contender, Contest
from benchmarks.peers.measuring import Measuring
from benchmarks.peers.options import PARTS, Options
from benchmarks.peers.sides import serving
from benchmarks.peers.store import Store, read
from benchmarks.peers.tasks import TASKS
from dimapg_tf.experiment.config import load_config
from dimapg_tf.types import ConfigurationError

ABOUT = {"versions": {"commit": "c", "uncommitted_changes": False}, "options": {"seconds": 0.1}}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch, tmp_path):
    fake_sides(monkeypatch, tmp_path)


@pytest.fixture
def lines():
    return []


@pytest.fixture
def carry_out(tmp_path, lines):
    """Carries out a contest with what is on the disk, as a new call does; returns the record."""

    def call(*contenders, rounds=2, fresh=False, patience=30.0):
        store = Store(tmp_path / "record.json", ABOUT, {})
        contest = Contest("training", "N = 3", contenders, rounds, fresh)
        Measuring(store, lines.append, patience).carry_out(contest)
        return read(tmp_path / "record.json")

    return call


def speeds(record):
    return {
        name: [sample["agent_steps_per_second"] for sample in samples]
        for name, samples in record["samples"]["training"]["N = 3"].items()
    }


@pytest.mark.parametrize("fresh", [False, True])
def test_every_contender_once_a_round(carry_out, tmp_path, fresh):
    record = carry_out(fake("a", tmp_path, 1.0), fake("b", tmp_path, 2.0), rounds=3, fresh=fresh)
    assert (tmp_path / "log").read_text() == "a b a b a b "
    assert speeds(record) == {"a": [1.0] * 3, "b": [2.0] * 3}


def test_a_second_call_goes_on(carry_out, tmp_path, lines):
    carry_out(fake("a", tmp_path), rounds=1)
    carry_out(fake("a", tmp_path), fake("b", tmp_path), rounds=2)
    # The round that a has already is b's alone.
    assert (tmp_path / "log").read_text() == "a b a b "
    lines.clear()
    carry_out(fake("a", tmp_path), fake("b", tmp_path), rounds=2)
    assert (tmp_path / "log").read_text() == "a b a b "
    assert lines == []


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("at once", "ValueError: no such world"),
        ("silently", "ended with code 1: what a package says .* out of memory"),
        ("never answers", "no answer within 5 s"),
    ],
)
def test_who_fails_is_left_out_in_one_line(carry_out, tmp_path, lines, how, why):
    bad = fake("bad", tmp_path, fails=how)
    patience = 5.0 if how == "never answers" else 30.0
    record = carry_out(bad, fake("good", tmp_path), rounds=1, patience=patience)
    assert speeds(record) == {"good": [1.0]}
    (line,) = [line for line in lines if "left out" in line]
    assert "\n" not in line
    (told,) = record["left_out"]["training"]["N = 3"].values()
    assert line == f"training, N = 3: bad is left out: {told}"
    assert re.fullmatch(why, told)


def test_what_was_measured_before_a_failure_stays(carry_out, tmp_path):
    record = carry_out(fake("a", tmp_path, fails="at the second"), rounds=2)
    assert speeds(record) == {"a": [1.0]}
    assert record["left_out"]["training"]["N = 3"] == {"a": "RuntimeError: the second fails"}
    record = carry_out(fake("a", tmp_path), rounds=2)
    assert speeds(record) == {"a": [1.0, 1.0]}
    assert record["left_out"]["training"]["N = 3"] == {}


def test_who_is_not_there_is_not_started(carry_out, tmp_path):
    absent = Contender("absent", "fake", {}, python=None)
    assert speeds(carry_out(absent, fake("a", tmp_path), rounds=1)) == {"a": [1.0]}


@pytest.mark.parametrize(
    ("chapter", "name", "value"),
    [("versions", "commit", "d"), ("options", "seconds", 0.2), ("versions", "cores", 2)],
)
def test_a_record_is_of_one_commit_and_machine(carry_out, tmp_path, chapter, name, value):
    carry_out(fake("a", tmp_path), rounds=1)
    other = {**ABOUT, chapter: {**ABOUT[chapter], name: value}}
    with pytest.raises(ConfigurationError, match=f"was begun with {name} = .* now it is {value}"):
        Store(tmp_path / "record.json", other, {})
    changed = {**ABOUT["versions"], "uncommitted_changes": True}
    Store(tmp_path / "record.json", {**ABOUT, "versions": changed}, {"JaxMARL": {"jax": "1"}})


def test_a_peer_of_another_version_is_refused(tmp_path):
    store = Store(tmp_path / "record.json", ABOUT, {"JaxMARL": {"jax": "1"}})
    store.add("worlds", "N = 3", "JaxMARL", {})
    Store(tmp_path / "record.json", ABOUT, {"VMAS": {"vmas": "1"}})
    with pytest.raises(ConfigurationError, match="jax = 1, and now it is 2"):
        Store(tmp_path / "record.json", ABOUT, {"JaxMARL": {"jax": "2"}})


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_file_that_is_no_record(tmp_path, text):
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"record\.json: no record"):
        Store(tmp_path / "record.json", ABOUT, {})


def test_peers_that_are_not_named(lines):
    assert list(found.peers({}, None, lines.append)) == ["mpe2"]
    assert len(lines) == len(PEERS)
    for line, peer in zip(lines, PEERS):
        assert line.startswith(f"{peer.name} is left out: ")
        assert f"pip install {peer.install}, then --{peer.flag}=" in line


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("/nowhere/python", "jaxmarl_python = /nowhere/python: no such program"),
        (sys.executable, "must have jaxmarl, jax .*No package metadata"),
    ],
)
def test_peers_that_are_not_what_is_said(lines, python, message):
    with pytest.raises(ConfigurationError, match=message):
        found.peers({"jaxmarl_python": python}, None, lines.append)


def test_a_clone_that_is_none(lines, tmp_path):
    with pytest.raises(ConfigurationError, match=r"has no baselines/IPPO/ippo_ff_mpe\.py"):
        found.peers({}, str(tmp_path), lines.append)


def contests(options, tmp_path):
    """Of all parts, as long as nothing is measured but what others must be told."""
    names = list(TASKS)
    store = Store(tmp_path / "record.json", ABOUT, {})
    for name in parts.TRAINED:
        store.add("quality", name, quality.LEVELS, {"nearest": -2.0, "assignment": -1.0})
    for part in PARTS[:-1]:
        yield from getattr(parts, part)(options, names)
    yield from quality.quality(options, names, store)


def test_who_came_to_no_level_has_one_seed(tmp_path):
    store = Store(tmp_path / "record.json", ABOUT, {})
    store.add("quality", "N = 3", quality.LEVELS, {"nearest": -2.0, "assignment": -1.0})
    reached = {"nearest": {"seconds": 9.0}, "assignment": None}
    store.add("quality", "N = 3", "MADDPG", {"reached": reached})
    store.add("quality", "N = 3", "A3C-Kitchensink", {"reached": dict.fromkeys(reached)})
    _, first, second = quality.quality(Options(quality_rounds=2), ["N = 3"], store)
    names = [[c.name for c in contest.contenders] for contest in (first, second)]
    assert set(names[0]) - set(names[1]) == {"A3C-Kitchensink"}
    assert "MADDPG" in names[1]


def test_programs_are_kept_for_a_second_start_alone(tmp_path):
    """In a directory that is there as long as the contest is carried out."""
    store = Store(tmp_path / "record.json", ABOUT, {})
    store.add("quality", "N = 3", quality.LEVELS, {"nearest": -2.0, "assignment": -1.0})
    held = quality.quality(Options(), ["N = 3"], store)
    next(held)
    kept = {}
    for contender in next(held).contenders:
        if contender.side.startswith("our_"):
            kept.setdefault(contender.side, set()).add(contender.environment[quality.CACHE])
    assert kept["our_quality"] == {"off"}
    (directory,) = kept["our_second_start"]
    assert Path(directory).is_dir()
    assert not list(held)
    assert not Path(directory).exists()


@pytest.mark.parametrize("name", parts.TRAINED)
def test_what_is_near_is_seen_as_in_our_configurations(name):
    task = TASKS[name]
    values = load_config(f"{task.trained}_near").values()
    assert task.near == {key: values[key] for key in task.near}


@pytest.mark.parametrize("smallest", [False, True])
def test_contests_are_sound(tmp_path, smallest):
    """Contenders have names of their own, sides that are there, and rounds."""
    options = Options(smallest=smallest, pythons={p.flag: "python" for p in PEERS}, clone="clone")
    held = list(contests(options, tmp_path))
    assert {contest.part for contest in held} == set(PARTS)
    folder = Path(serving.__file__).parent
    for contest in held:
        names = [contender.name for contender in contest.contenders]
        assert len(set(names)) == len(names)
        assert all((folder / f"{c.side}.py").is_file() for c in contest.contenders)
        assert all(contender.python for contender in contest.contenders)
        assert contest.fresh == (contest.part == "quality" and names != [quality.LEVELS])


def test_nobody_is_started_whose_python_is_not_named(tmp_path):
    absent = {c.name for contest in contests(Options(), tmp_path) for c in contest.contenders
              if c.peer}  # fmt: skip
    started = {c.name for contest in contests(Options(), tmp_path) for c in contest.contenders
               if c.python}  # fmt: skip
    assert absent
    assert not absent & started


def test_the_command(monkeypatch, tmp_path, capsys):
    contest = Contest("worlds", "N = 3", (fake("a", tmp_path),), 1)
    asked = []
    monkeypatch.setattr(parts, "worlds", lambda options, names: asked.append(names) or [contest])
    output = f"--output={tmp_path / 'record.json'}"
    arguments = ["peers", "--parts=worlds", "--tasks=N = 3,3v1", "--smallest", output]
    assert script.main(arguments) == 0
    assert asked == [["N = 3", "3v1"]]
    kept = read(tmp_path / "record.json")
    assert kept["samples"]["worlds"]["N = 3"]["a"] == [{"agent_steps_per_second": 1.0}]
    assert kept["options"]["smallest"] is True
    assert set(kept["peers"]) == {"mpe2"}
    assert "JaxMARL is left out" in capsys.readouterr().out
    for wrong in ("--parts=speed", "--tasks=N = 4"):
        with pytest.raises(ConfigurationError, match=r"must be one of|one of"):
            script.main(["peers", wrong, output])
