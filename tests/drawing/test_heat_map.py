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


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("fleeing", ["fleeing"]),
        ("dimapg_trpo/seed_1", ["dimapg_trpo", "seed_1"]),
        ("dimapg_reinforce_exploratory/seed_1", ["dimapg_", "reinforce_", "exploratory", "seed_1"]),
    ],
)
def test_long_names_are_broken(name, lines):
    assert heat_map._broken(name).split("\n") == lines
