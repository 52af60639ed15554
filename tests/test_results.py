"""The README's and the documents' results are those of the committed records."""

import csv
import importlib.util
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


def benchmark(name):
    """A script of the folder benchmarks, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"benchmarks/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def between(marker):
    """What stands between the two comments with this name in docs/gradient.md."""
    page = (ROOT / "docs/gradient.md").read_text(encoding="utf-8")
    return page.split(f"<!-- {marker}:begin -->\n")[1].split(f"<!-- {marker}:end -->")[0]


def test_table_of_the_ablation():
    table = benchmark("ablation").table()
    assert between("ablation") == table
    assert table.count("\n| ") >= 20


def test_table_of_the_bias():
    record = json.loads((ROOT / "docs/gradient_bias.json").read_text())
    assert between("bias") == benchmark("gradient_bias").table(record["cases"])
