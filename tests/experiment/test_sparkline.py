"""A learning curve in one line."""

import pytest

from dimapg_tf.experiment import sparkline


def test_a_curve_from_lowest_to_highest():
    line = sparkline.curve("min_return_per_episode", [-8.0, -7.0, -5.0, -1.0], 80)
    assert line == "worst agent ▁▂▄█ -8.0 to -1.0"
    assert sparkline.curve("predators/return_mean", [2.0, 2.0], 80).split() == [
        *("predators", "return", "mean", "▁▁", "2.0", "to", "2.0")
    ]


@pytest.mark.parametrize("width", [29, 40, 79])
def test_many_values_share_the_width(width):
    line = sparkline.curve("min_return_per_episode", [float(v) for v in range(1000)], width)
    assert len(line) == width
    drawn = line.split()[2]
    assert list(drawn) == sorted(drawn)
    assert (drawn[0], drawn[-1]) == ("▁", "█")


def test_nothing_to_draw():
    assert sparkline.curve("min_return_per_episode", [1.0], 80) == ""
    assert sparkline.curve("min_return_per_episode", [1.0, 2.0], 20) == ""


def test_what_is_drawn():
    assert sparkline.column(["iteration", "return_mean", "min_return_per_episode"]) == (
        "min_return_per_episode"
    )
    names = ["return_mean", "min_return_per_episode", "predators/return_mean", "prey/return_mean"]
    assert sparkline.column(names) == "predators/return_mean"
    assert sparkline.column(["iteration", "episodes"]) is None
