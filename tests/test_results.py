"""The README's and the documents' results are those of the committed records."""

import json
from pathlib import Path

from reproduction import ablation
from reproduction.gradient_bias import study
from reproduction.report import readme, records

ROOT = Path(__file__).parents[1]


def test_readme_is_what_the_records_say():
    """`python -m reproduction.report results --readme README.md` would change nothing."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.split(readme.BEGIN)[1].split(readme.END)[0]
    results = ROOT / "results"
    assert shown == readme.section(records.read(results), ROOT, results / "report")
    assert shown.count("](results/") >= 10


def test_report_is_there():
    for name in ("index.html", "tables.md", "fig3.png", "fig4.png"):
        assert (ROOT / "results/report" / name).stat().st_size > 10_000


def between(marker):
    """What stands between the two comments with this name in docs/gradient.md."""
    page = (ROOT / "docs/gradient.md").read_text(encoding="utf-8")
    return page.split(f"<!-- {marker}:begin -->\n")[1].split(f"<!-- {marker}:end -->")[0]


def test_table_of_the_ablation():
    table = ablation.table()
    assert between("ablation") == table
    assert table.count("\n| ") >= 20


def test_table_of_the_bias():
    record = json.loads((ROOT / "docs/gradient_bias.json").read_text())
    assert between("bias") == study.table(record["cases"])
