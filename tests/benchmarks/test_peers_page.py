"""What is made of a record of peers: tables, exponents, the picture, the page."""

import math
from pathlib import Path

import numpy as np
import pytest
from peers_record import record

from benchmarks.peers import figure, growth_table, page, store, tables
from dimapg_tf.types import ConfigurationError
from reproduction.report import sections

ROOT = Path(__file__).parents[2]


def cells(text, first):
    """The row of a table that begins so."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_worlds():
    text = page.texts(record())["peers_worlds"]
    assert cells(text, "N = 3") == [
        *("30 M (2 x 1024)", "12 M", "3 M", "2 M", "1 M", "–", "5 k", "30 ×", "6,000 ×"),
    ]
    assert cells(text, "12v4")[4:] == ["–", "–", "5 k", "–", "6,000 ×"]
    assert "further than 30 % from its median" in text
    assert text.endswith(f"![Both as a picture]({page.PICTURE})\n")


def test_training():
    text = page.texts(record())["peers_training"]
    paper, maddpg = cells(text, "DiMA-PG, the paper's batch"), cells(text, "MADDPG")
    assert paper == ["400 k (320 k–520 k)", "1 ×"] * 2
    assert maddpg == ["20 k (16 k–26 k)", "20 ×"] * 2


def test_quality():
    text = page.texts(record())["peers_quality"]
    header = text.splitlines()[0]
    assert "greedy-nearest, N = 3 (-15.9) | the assignment, N = 3 (-8.2)" in header
    # Of three seeds the one in the middle; one of them never came to the assignment.
    assert cells(text, "one") == ["1", "4"]
    assert cells(text, "two") == ["5", "not in 10 (best -12.3)"]
    assert cells(text, "three") == ["not in 10 (best none)"] * 2
    assert text.splitlines()[-1] == (
        "Medians of 3 seeds, of those who came to neither with the first one of that, "
        "at most 10 minutes each."
    )


def test_quality_of_a_record_of_its_own():
    later = record()
    later["samples"] = {"quality": later["samples"]["quality"]}
    later["options"] = later["options"] | {"max_minutes": 7.0}
    whole, joined = page.texts(record()), page.texts(record(), later)
    assert joined["peers_quality"] == whole["peers_quality"].replace("10", "7")
    assert {**joined, "peers_quality": ""} == {**whole, "peers_quality": ""}


def test_ceiling():
    text = page.texts(record())["peers_ceiling"]
    assert "needs 90 GFLOP" in text
    assert "take 1.5 s (60 GFLOP/s), the whole iteration 2 s: 75 % of the ceiling" in text


def test_growth():
    row = cells(page.texts(record())["peers_growth"], "population")
    assert row == ["10, 100, 1,000", "0.32 / 1 / 3.2", "0.50", "0.1 / 10 / 1,000", "2.00"]


def test_exponents():
    sizes = [1, 2, 4, 8]
    np.testing.assert_allclose(growth_table.exponent(sizes, [3.0 * n**1.7 for n in sizes]), 1.7)
    assert math.isnan(growth_table.exponent([1], [1.0]))
    assert math.isnan(growth_table.exponent(sizes, [0.0, 1.0, 2.0, 3.0]))


def test_numbers_are_read_at_once():
    shown = [tables.speed(v) for v in (28.06e6, 321_400.0, 1_000.0, 195.2)]
    assert shown == ["28.1 M", "321 k", "1 k", "195"]


def test_a_record_with_nothing_in_it(tmp_path):
    empty = record() | {"samples": {}}
    assert set(page.texts(empty).values()) == {""}
    figure.save({}, tmp_path / "peers.png")
    assert not (tmp_path / "peers.png").exists()


def write(path, content):
    import json

    path.write_text(json.dumps(content))
    return f"--record={path}"


def test_the_page_is_written(tmp_path):
    names = page.texts(record())
    begun = ["".join(sections.markers(name)) + "\n" for name in names]
    (tmp_path / page.PAGE).write_text("Before.\n" + "\n".join(begun) + "After.\n")
    given = write(tmp_path / "record.json", record())
    assert page.main(["page", given, f"--docs={tmp_path}"]) == 0
    for name, text in names.items():
        assert sections.read(tmp_path / page.PAGE, name) == text
    assert (tmp_path / page.PICTURE).stat().st_size > 10_000


def test_what_says_nothing_is_not_written(tmp_path):
    small = record()
    small["options"]["smallest"] = True
    with pytest.raises(ConfigurationError, match="of the smallest sizes"):
        page.main(["page", write(tmp_path / "record.json", small), f"--docs={tmp_path}"])


def test_the_documentation_says_what_the_record_says():
    """`python -m benchmarks.peers.page` would change nothing; without a record there is nothing."""
    paths = [ROOT / path for path in (page.RECORD, page.QUALITY)]
    kept = [store.read(path) for path in paths if path.exists()]
    for name, text in page.texts(*kept).items():
        assert sections.read(ROOT / "docs" / page.PAGE, name) == text
