"""The noise of a gradient, on vectors whose mean and variance are known."""

import numpy as np
import pytest

from reproduction.gradient_bias import variance


def test_signal_and_variance_without_bias(generator):
    """Means over many repetitions with a few draws each are the truth."""
    mean = generator.normal(size=6)
    spread = generator.uniform(0.5, 2.0, 6)
    got = [
        variance.noise_of(mean + spread * generator.normal(size=(4, 6)), episodes=5)
        for _ in range(4000)
    ]
    assert np.mean([noise.signal for noise in got]) == pytest.approx(mean @ mean, rel=0.05)
    assert np.mean([noise.variance for noise in got]) == pytest.approx(spread @ spread, rel=0.05)


def test_by_loops(generator):
    draws = generator.normal(1.0, 1.0, (5, 3))
    signal = np.mean([a @ b for i, a in enumerate(draws) for j, b in enumerate(draws) if i != j])
    noise = variance.noise_of(draws, episodes=20)
    assert noise.signal == pytest.approx(signal)
    assert noise.variance == pytest.approx(np.var(draws, axis=0, ddof=1).sum())
    assert noise.episodes_needed == pytest.approx(20 * noise.variance / signal)


def test_what_is_only_noise_has_no_signal(generator):
    found = [
        np.isfinite(variance.noise_of(generator.normal(size=(50, 400)), 1).episodes_needed)
        for _ in range(100)
    ]
    assert np.mean(found) < 0.1
