"""The heat map of a cross-play matrix."""

import sys

import numpy as np
import pytest

from dimapg_tf.drawing import heat_map
from dimapg_tf.types import ConfigurationError

LABELS = ("a title", "predators", "prey", "mean return")


def test_without_matplotlib_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigurationError, match="plots"):
        heat_map.require_matplotlib()


def test_equal_numbers_give_equal_files(tmp_path):
    pytest.importorskip("matplotlib")
    values = np.array([[1.0, 20.0, 3.0], [4.0, 5.0, 6.0]])
    texts = [[f"{v:.1f}" for v in row] for row in values]
    for name in ("a", "b"):
        heat_map.draw(tmp_path / name, ["x/1", "y"], list("pqr"), values, texts, LABELS, (1, 1))
    for suffix in (".png", ".pdf"):
        first, second = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in "ab")
        assert first == second
        assert len(first) > 2_000
