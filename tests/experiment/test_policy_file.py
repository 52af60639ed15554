"""policy.npz and policy.json: what was written is read, whole or not at all."""

import json
import os

import numpy as np
import pytest

from dimapg_tf.experiment import files, policy_file
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.policy_file import Age, Origin
from dimapg_tf.types import Population

POPULATIONS = {"predators": Population(2, 4, 5), "prey": Population(1, 3, 5)}
ORIGIN = Origin("dimapg", {"k": 3}, "predator_prey", {"horizon": 7}, 1, POPULATIONS)


def arrays_of(value, layers=12):
    """More than ten layers, so that their order is not that of their names."""
    flat = [np.full((2, index + 1), value + index, np.float32) for index in range(2 * layers)]
    return {"predators": flat, "prey": flat[:2]}


def write(path, iteration):
    policy_file.write(path, ORIGIN, Age(iteration, 10 * iteration), arrays_of(iteration))


def iteration_read(path):
    """The iteration of the policy in a directory, of which all must be."""
    origin, age, arrays = policy_file.read(path)
    assert origin == ORIGIN
    assert age.episodes == 10 * age.iteration
    expected = arrays_of(age.iteration)
    assert list(arrays) == list(expected)
    for name, values in expected.items():
        for got, value in zip(arrays[name], values, strict=True):
            np.testing.assert_array_equal(got, value)
            assert got.dtype == value.dtype
    return age.iteration


def test_what_is_written_is_read(tmp_path):
    write(tmp_path, 3)
    assert iteration_read(tmp_path) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["policy.json", "policy.npz"]
    with np.load(tmp_path / "policy.npz") as held:
        assert held["prey/0/weights"].shape == (2, 1)
        assert held["prey/0/bias"].shape == (2, 2)
    described = json.loads((tmp_path / "policy.json").read_text())
    assert described["schema"] == 1
    assert described["env_settings"] == {"horizon": 7}
    assert described["populations"]["prey"]["num_actions"] == 5


@pytest.mark.parametrize(("renames", "expected"), [(0, 1), (1, 2), (2, 2)])
def test_a_kill_leaves_one_whole_policy(tmp_path, monkeypatch, renames, expected):
    """Killed before, between or after the two renames; then the next one is written as well."""
    write(tmp_path, 1)
    done = []

    def replace(*paths):
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(paths)
        os.rename(*paths)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", replace)
        if renames < 2:
            with pytest.raises(KeyboardInterrupt):
                write(tmp_path, 2)
        else:
            write(tmp_path, 2)
    assert iteration_read(tmp_path) == expected

    # Killed once more while the next draft is written: what was whole still is.
    with monkeypatch.context() as patch:
        patch.setattr(policy_file.json, "dumps", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write(tmp_path, 3)
    assert iteration_read(tmp_path) == expected
    write(tmp_path, 4)
    assert iteration_read(tmp_path) == 4


def test_a_reader_of_a_run_in_progress_gets_the_next_policy(tmp_path, monkeypatch):
    """The run writes between the reading of policy.json and that of policy.npz."""
    write(tmp_path, 1)
    read_arrays, later = policy_file._arrays, [2, 3]

    def meanwhile(*arguments):
        if later:
            write(tmp_path, later.pop(0))
        return read_arrays(*arguments)

    monkeypatch.setattr(policy_file, "_arrays", meanwhile)
    assert iteration_read(tmp_path) == 3


def test_files_of_two_policies_are_refused(tmp_path):
    for iteration in (1, 2):
        (tmp_path / str(iteration)).mkdir()
        write(tmp_path / str(iteration), iteration)
    (tmp_path / "1/policy.npz").replace(tmp_path / "2/policy.npz")
    with pytest.raises(CheckpointError, match=r"policy\.npz is not the file that"):
        policy_file.read(tmp_path / "2")
    assert policy_file.age_of(tmp_path / "2") is None


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda d: d.pop("algorithm"), "algorithm"),
        (lambda d: d.update(schema=2), "schema = 2"),
        (lambda d: d.pop("schema"), "schema"),
        (lambda d: d["shapes"].update({"prey/0/bias": [9]}), "shapes"),
        (lambda d: d["populations"]["prey"].pop("num_agents"), "num_agents"),
        (lambda d: d.update(populations=[1]), "damaged"),
    ],
)
def test_a_description_that_is_not_right(tmp_path, edit, named):
    write(tmp_path, 1)
    path = tmp_path / "policy.json"
    description = json.loads(path.read_text())
    edit(description)
    path.write_text(json.dumps(description))
    with pytest.raises(CheckpointError, match=named) as caught:
        policy_file.read(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("missing", ["policy.npz", "policy.json"])
def test_a_missing_file(tmp_path, missing):
    write(tmp_path, 1)
    (tmp_path / missing).unlink()
    with pytest.raises(CheckpointError, match=missing):
        policy_file.read(tmp_path)


def test_pickles_are_refused(tmp_path, monkeypatch):
    """Also with the right checksum: no code comes out of a policy."""
    danger = {"predators": [np.array([{"an": "object"}], dtype=object)], "prey": []}
    policy_file.write(tmp_path, ORIGIN, Age(1, 1), danger)
    with pytest.raises(CheckpointError, match=r"damaged.*allow_pickle"):
        policy_file.read(tmp_path)
