"""The README's results are those of the committed records."""

import csv
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# | [3, seed 1](results/...) | 50,000 | 120 s | -10.5 / -10.3 | ... |
ROW = re.compile(r"^\| \[.+?\]\((results/\S+)\) \|(.+)\|$", re.MULTILINE)


def rows():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [(path, [c.strip() for c in cells.split("|")]) for path, cells in ROW.findall(text)]


def test_there_are_results():
    assert len(rows()) >= 3


@pytest.mark.parametrize(("path", "cells"), rows(), ids=lambda value: str(value)[-30:])
def test_row(path, cells):
    with open(ROOT / path / "metrics.csv", newline="") as file:
        *_, last = csv.DictReader(file)
    record = json.loads((ROOT / path / "evaluation.json").read_text())
    assert cells[0] == f"{int(last['episodes']):,}"
    assert cells[1] == f"{float(last['seconds']) / 60:.1f}"
    for cell, name in zip(cells[2:], ("theta", "theta_n")):
        row = record[name]
        shown = (row["min_return_per_episode"], row["min_mean_return"], row["return_mean"])
        assert cell == " / ".join(f"{value:.1f}" for value in shown)
    assert record["episodes"] == 100
