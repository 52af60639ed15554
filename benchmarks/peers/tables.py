"""Tables in Markdown, and numbers in them."""

from collections.abc import Sequence

ABSENT = "–"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """With an empty line after it; empty where there are no rows."""
    if not rows:
        return ""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines) + "\n"


def digits(value: float, count: int = 2) -> str:
    """So many of them that count."""
    return f"{float(f'{value:.{count}g}'):,.10g}"


def speed(value: float) -> str:
    """A number a second, in thousands or millions where that is shorter."""
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{digits(value / unit, 3)} {letter}"
    return digits(value, 3)
