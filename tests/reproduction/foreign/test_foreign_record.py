"""The record of environments that others wrote, and what the tutorial says of it."""

import json
from pathlib import Path

import pytest

from reproduction.foreign import presentation
from reproduction.foreign.environments import FOREIGN
from reproduction.report import sections

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def record():
    return json.loads((ROOT / "results/foreign/record.json").read_text(encoding="utf-8"))


def test_every_environment_beats_random_play_beyond_the_spread_of_seeds(record):
    assert list(record["environments"]) == list(FOREIGN)
    for name, foreign in FOREIGN.items():
        seeds = record["environments"][name]["seeds"]
        assert list(seeds) == ["1", "2", "3"]
        assert record["environments"][name]["flags"] == [f"--env_config={name}", *foreign.flags]
        assert all(seed["episodes"] >= foreign.episodes for seed in seeds.values())
        for score in foreign.scores:
            assert presentation.beats_random(record, name, score), (name, score)


def test_the_tutorial_says_what_the_record_says(record):
    text = sections.read(ROOT / "docs" / presentation.PAGE, presentation.SECTION)
    assert text == presentation.table(record)
    assert (ROOT / "docs" / presentation.FIGURE).stat().st_size > 10_000
    assert f"]({presentation.FIGURE})" in (ROOT / "docs" / presentation.PAGE).read_text("utf-8")
