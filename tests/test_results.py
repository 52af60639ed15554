"""What the README and the documents say of results is what the committed records say."""

import json
import re
from pathlib import Path

import pytest

from reproduction.gradient_bias import study
from reproduction.report import build, documents, headlines, records, sections
from reproduction.report.table import PLUS_MINUS

ROOT = Path(__file__).parents[1]
DOCS, REPORT = ROOT / "docs", ROOT / "results/report"
LARGEST_PAGE = 2_000_000  # bytes


@pytest.fixture(scope="module")
def results():
    return records.read(ROOT / "results")


@pytest.mark.parametrize("section", documents.PAGES)
def test_documents_are_what_the_records_say(section, results):
    """`python -m reproduction.report results --docs docs` would change nothing."""
    text = documents.texts(results, DOCS, REPORT)[section]
    assert sections.read(DOCS / documents.PAGES[section], section) == text
    assert text.count("](../results/") >= 10


def test_readme_is_what_the_records_say(results):
    """`python -m reproduction.report results --readme README.md` would change nothing."""
    text = headlines.section(results)
    assert sections.read(ROOT / "README.md", documents.README) == text
    assert text.count("\n| ") == 5


def test_plus_minus_means_one_thing_and_every_table_says_it(results):
    found = build.all_tables(results)
    assert len(found) > 12
    shown = [t for t in found if "±" in t.markdown(REPORT)]
    assert len(shown) >= 8
    for table in found:
        notes = " ".join(table.notes)
        assert table not in shown or PLUS_MINUS in notes, table.title
        assert notes.count("± is") == notes.count("±"), table.title


def test_links_of_documents_lead_somewhere():
    for page in documents.PAGES.values():
        text = (DOCS / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", text):
            assert (DOCS / target).exists(), f"{page}: {target}"


def test_report_is_there():
    for name in ("index.html", "tables.md", "fig3.png", "fig4.png"):
        assert (REPORT / name).stat().st_size > 10_000
    assert (REPORT / "index.html").stat().st_size < LARGEST_PAGE


def test_pictures_of_documents_are_those_of_the_report():
    for name in documents.PICTURES:
        assert (DOCS / name).read_bytes() == (REPORT / name).read_bytes()


def test_table_of_the_bias():
    record = json.loads((DOCS / "gradient_bias.json").read_text())
    assert sections.read(DOCS / "gradient.md", "bias") == study.table(record["cases"])
