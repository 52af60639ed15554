"""The worth of kept memory, in small."""

import json
import platform

import pytest

from benchmarks import freed_memory
from dimapg_tf.experiment import console
from dimapg_tf.experiment.config import load_config


def test_learners_have_flagfiles():
    for env, algorithm in freed_memory.LEARNERS:
        load_config(env, algorithm)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_kept_memory_is_not_handed_out_anew(tmp_path, monkeypatch):
    """With ten agents a program needs tens of megabytes: thousands of pages."""
    monkeypatch.setattr(freed_memory, "LEARNERS", (("cooperative_navigation_10", "dimapg"),))
    path = tmp_path / "record.json"
    argv = ["freed_memory", "--rounds=1", "--iterations=6", f"--output={path}"]
    assert console.run(freed_memory.main, argv) == 0
    (record,) = json.loads(path.read_text())["records"]
    faults = {way: values[0] for way, values in record["faults_per_iteration"].items()}
    assert faults["kept"] < 0.5 * faults["given back"]  # the heap still grows a little
    assert all(values[0] > 0.0 for values in record["episodes_per_second"].values())
