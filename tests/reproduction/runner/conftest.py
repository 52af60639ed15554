"""Commands that do no work in the place of the real ones."""

import sys
from pathlib import Path

import pytest
from fake_commands import ROOT

from reproduction import runner


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A directory with the fake python; commands see the flagfiles of the repository."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.02)
    script = tmp_path / "python"
    text = (Path(__file__).parent / "fake_python.py").read_text(encoding="utf-8")
    script.write_text(f"#!{sys.executable} -SE\n{text}", encoding="utf-8")
    script.chmod(0o755)
    return tmp_path
