"""How the tests tell XLA not to optimise, and whom they do not tell."""

import os

import pytest
import quick_compilation
from quick_compilation import FLAGS, OFF, SWITCH, VARIABLE


@pytest.mark.parametrize("before", [None, "--xla_dump_to=x"])
def test_flags_are_set_in_the_block_only(before, monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    if before:
        monkeypatch.setenv(VARIABLE, before)
    with quick_compilation.told_to_xla():
        # Of two values of one flag the last counts, so what a user says is obeyed.
        assert os.environ[VARIABLE] == " ".join([FLAGS, *([before] if before else [])])
    assert os.environ.get(VARIABLE) == before


def test_the_switch(monkeypatch):
    monkeypatch.setenv(VARIABLE, "--xla_dump_to=x")
    monkeypatch.setenv(SWITCH, OFF)
    assert quick_compilation.environment() == {VARIABLE: "--xla_dump_to=x"}
