"""Compiled programs that are kept: they save time, and no state of the cache changes a result."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dimapg_tf.experiment import compilation_cache, machine
from dimapg_tf.experiment.compilation_cache import Store
from dimapg_tf.types import ConfigurationError

ROOT = Path(__file__).parents[2]
PROGRAMS = 3
SCRIPT = """
from dimapg_tf.experiment.console import prepare_tensorflow

prepare_tensorflow()
import tensorflow as tf

@tf.function(jit_compile=True, autograph=False)
def first(x):
    return tf.while_loop(lambda i, _: i < 9, lambda i, y: (i + 1, tf.tanh(y @ y)), (0, x))[1]

@tf.function(jit_compile=True, autograph=False)
def second(x):
    return tf.reduce_logsumexp(x, axis=1) / tf.norm(x)

x = tf.reshape(tf.sin(tf.range(400.0)), [20, 20])
print(first(x).numpy().tobytes().hex(), second(x).numpy().tobytes().hex())
"""


def started(cache, **environment):
    """A new interpreter that compiles PROGRAMS programs: one to say hello, and two that it runs."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, compilation_cache.VARIABLE: str(cache), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    printed, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    return printed


def entries(root):
    return sorted(root.glob("*/*.pb"))


def test_results_are_those_without_cache_whatever_state_it_is_in(tmp_path):
    off, cold = started(compilation_cache.OFF), started(tmp_path)
    expected = ended(off)
    assert ended(cold) == expected
    before = entries(tmp_path)
    assert len(before) == PROGRAMS
    cut_short, garbage, whole = before
    cut_short.write_bytes(cut_short.read_bytes()[:-100])
    garbage.write_bytes(os.urandom(garbage.stat().st_size))
    assert ended(started(tmp_path)) == expected
    # What was damaged has been compiled and written anew; what was whole has been used.
    after = entries(tmp_path)
    assert set(before) & set(after) == {whole}
    assert set(map(program, after)) == set(map(program, before))
    assert [path.name for path in whole.parent.iterdir() if path not in after] == ["lock"]


def program(entry):
    """What TensorFlow calls it: the name without its checksum."""
    return entry.name.partition(".")[2]


def compiled(store, name, size=10, byte=b"x"):
    """As TensorFlow leaves a program."""
    (store.work / f"{name}.pb").write_bytes(size * byte)


def seen(store):
    return sorted(path.stem for path in store.work.glob("*.pb"))


def test_processes_side_by_side(tmp_path):
    one, other = Store(tmp_path), Store(tmp_path)
    compiled(one, "a")
    compiled(other, "a", byte=b"y")  # TensorFlow compiles nothing twice to the same bytes
    compiled(other, "b")
    one.publish()
    assert seen(other) == ["a", "b"]  # nobody's directory changes under him
    other.close()
    assert not other.work.exists()
    assert seen(one) == ["a"]
    late = Store(tmp_path)
    assert seen(late) == ["a", "b"]
    one.close()
    late.close()
    assert len(entries(tmp_path)) == 2


def test_damage_is_not_shown_to_tensorflow(tmp_path):
    store = Store(tmp_path)
    for name in "abc":
        compiled(store, name, byte=name.encode())
    store.close()
    first, second, _ = entries(tmp_path)
    first.write_bytes(b"")
    second.rename(second.with_name("0123." + second.name.partition(".")[2]))
    (store.directory / "no checksum.pb").write_bytes(b"foreign")
    again = Store(tmp_path)
    assert len(seen(again)) == len(entries(tmp_path)) == 1
    again.close()


def test_the_oldest_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation_cache, "MAX_BYTES", 25)
    store = Store(tmp_path)
    for age, name in enumerate("abcd"):
        compiled(store, name, byte=name.encode())
        store.publish()
        newest = max(entries(tmp_path), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, ns=(age + 1, age + 1))
    store.close()
    assert set(map(program, entries(tmp_path))) == {"c.pb", "d.pb"}


def test_what_killed_processes_leave_is_removed(tmp_path):
    killed, alive = Store(tmp_path), Store(tmp_path)
    compiled(killed, "perhaps half written")
    killed._lock.close()
    Store(tmp_path).close()
    assert not killed.work.exists()
    assert alive.work.exists()
    assert not entries(tmp_path)
    alive.close()


def test_other_machines_and_flags_have_entries_of_their_own(tmp_path, monkeypatch):
    here = machine.fingerprint()
    assert here == machine.fingerprint()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    flags = machine.fingerprint()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(77))
    cores = machine.fingerprint()
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: One\nflags\t: fpu avx512f\nbogomips: 1\n\nmodel name : Two\n")
    monkeypatch.setattr(machine, "CPUINFO", cpuinfo)
    processor = machine.fingerprint()
    assert len({here, flags, cores, processor}) == 4


def told():
    with compilation_cache.told_to_tensorflow():
        return os.environ.get(compilation_cache.TENSORFLOW_FLAGS, "")


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.delenv(compilation_cache.TENSORFLOW_FLAGS, raising=False)
    monkeypatch.setattr(compilation_cache, "_stores", [])
    return monkeypatch


def test_tensorflow_is_told_while_it_reads(environment, tmp_path):
    environment.setenv(compilation_cache.TENSORFLOW_FLAGS, "--tf_xla_clustering_debug")
    environment.setenv(compilation_cache.VARIABLE, str(tmp_path))
    text = told()
    assert text.startswith("--tf_xla_clustering_debug --tf_xla_persistent_cache_directory=")
    assert str(tmp_path) in text
    assert os.environ[compilation_cache.TENSORFLOW_FLAGS] == "--tf_xla_clustering_debug"
    environment.setenv(compilation_cache.TENSORFLOW_FLAGS, "--tf_xla_persistent_cache_directory=my")
    assert told() == "--tf_xla_persistent_cache_directory=my"


def test_a_cache_that_cannot_be_used_is_done_without(environment, tmp_path):
    (tmp_path / "file").write_text("")
    world = tmp_path / "world"
    world.mkdir()
    world.chmod(0o777)
    for place in ("/proc/none", tmp_path / "file", world, compilation_cache.OFF):
        environment.setenv(compilation_cache.VARIABLE, str(place))
        assert told() == ""
    environment.setenv(compilation_cache.VARIABLE, str(tmp_path / "full"))
    environment.setattr(compilation_cache, "MIN_FREE_BYTES", 2**62)
    assert told() == ""


def test_the_flag(environment, tmp_path):
    environment.setenv(compilation_cache.VARIABLE, "before")
    compilation_cache.choose(None)
    assert os.environ[compilation_cache.VARIABLE] == "before"
    compilation_cache.choose(str(tmp_path / "new"))
    assert os.environ[compilation_cache.VARIABLE] == str(tmp_path / "new")
    with pytest.raises(ConfigurationError, match="xla_cache = /proc/none: must be a directory"):
        compilation_cache.choose("/proc/none")
    compilation_cache.choose("off")
    assert os.environ[compilation_cache.VARIABLE] == "off"
    environment.delenv(compilation_cache.VARIABLE)
    environment.setenv("XDG_CACHE_HOME", "/somewhere")
    assert compilation_cache.default_directory() == "/somewhere/dimapg_tf/xla"
