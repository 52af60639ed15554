"""A run in progress is read while it is written; tests/stress_saves.py does it for longer."""

from stress_saves import stress


def test_readers_find_it_whole(tmp_path):
    ((reads, different),) = stress(150, 1, tmp_path)
    assert reads > 10
    assert different > 10
