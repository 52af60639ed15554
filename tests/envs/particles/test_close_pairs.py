"""Pairs of close points, against a table of all."""

import numpy as np
import pytest

from dimapg_tf.envs.particles import close_pairs


@pytest.mark.parametrize("count", [1, 20, 90])
def test_close_pairs(count, generator, monkeypatch):
    """Also those that are exactly as far apart as is not close."""
    monkeypatch.setattr(close_pairs, "PAIRS_AT_ONCE", 200)
    worlds = generator.integers(0, 20, (3, count, 2)).astype(np.float32) / 16
    apart = np.linalg.norm(worlds[:, :, None] - worlds[:, None], axis=-1)
    expected = np.triu(apart < 0.25, k=1)
    assert (
        close_pairs.count(worlds, np.full(count, 0.125)).tolist()
        == expected.sum(axis=(1, 2)).tolist()
    )
    for points, of_world in zip(worlds, expected):
        pairs = sorted(zip(*close_pairs.of(points, 0.25)))
        assert pairs == sorted(zip(*np.nonzero(of_world)))
