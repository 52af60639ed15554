"""How tables and numbers are written."""

from pathlib import Path

from reproduction.report.table import Cell, Table, number, signed, span


def test_markdown_and_html_hold_the_same():
    table = Table("T & U", ["name", "x"], [[Cell("a", Path("r/s")), "1"]], ["A note."])
    assert table.markdown(Path()) == "| name | x |\n|---|---:|\n| [a](r/s) | 1 |\n"
    page = table.html(Path("r/report"))
    assert '<a href="../s">a</a>' in page
    assert "<td>1</td>" in page
    assert "T &amp; U" in page
    assert "A note." in page


def test_numbers():
    assert number(-1234.56) == "−1,234.6"
    assert number(-0.04) == "0.0"
    assert number(float("nan")) == "–"
    assert signed(2.0) == "+2.0"
    assert signed(None) == "–"
    assert span([3, 3.2]) == "3"
    assert span([4, 1]) == "1 to 4"
