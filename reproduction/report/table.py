"""A table once, as Markdown and as HTML, and how numbers are written in it."""

import html
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reproduction.report import statistics

NONE = "–"
# What ± means, wherever it stands; said below every table that has one.
PLUS_MINUS = "± is the standard deviation over seeds; one seed has none."


@dataclass(frozen=True)
class Cell:
    """A text, perhaps a link to a record; numbers stand to the right."""

    text: str
    link: Path | None = None


@dataclass
class Table:
    """Rows of cells under a title; notes are sentences that stand below it."""

    title: str
    columns: Sequence[str]
    rows: list[list[Cell | str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    text_columns: int = 1  # at the left, of words; the others are numbers

    def markdown(self, start: Path) -> str:
        """The table alone; links are relative to the directory `start`."""
        right = len(self.columns) - self.text_columns
        lines = [
            f"| {' | '.join(self.columns)} |",
            f"|{'|'.join(['---'] * self.text_columns + ['---:'] * right)}|",
        ]
        for row in self.rows:
            texts = [
                f"[{c.text}]({relative(c.link, start)})" if c.link else c.text for c in _cells(row)
            ]
            lines.append(f"| {' | '.join(texts)} |")
        return "\n".join(lines) + "\n"

    def html(self, start: Path) -> str:
        """The same with its title and notes, in a box that scrolls where the screen is narrow."""
        head = "".join(
            f'<th scope="col"{self._kind(index)}>{escaped(name)}</th>'
            for index, name in enumerate(self.columns)
        )
        body = "".join(f"<tr>{self._row(row, start)}</tr>\n" for row in self.rows)
        notes = "".join(f'<p class="note">{escaped(note)}</p>\n' for note in self.notes)
        title = escaped(self.title)
        return (
            f'<p class="caption">{title}</p>\n'
            f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
            f"<table>\n<thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{body}</tbody></table></div>\n{notes}"
        )

    def _row(self, row: list[Cell | str], start: Path) -> str:
        parts = []
        for index, cell in enumerate(_cells(row)):
            text = escaped(cell.text)
            if cell.link:
                text = f'<a href="{html.escape(relative(cell.link, start))}">{text}</a>'
            opening, tag = ('th scope="row"', "th") if index == 0 else ("td", "td")
            parts.append(f"<{opening}{self._kind(index)}>{text}</{tag}>")
        return "".join(parts)

    def _kind(self, index: int) -> str:
        return ' class="words"' if index < self.text_columns else ""


def escaped(text: str) -> str:
    """Escaped; "N = 3" is not broken into lines."""
    return html.escape(text).replace(" = ", "\u00a0=\u00a0")


def _cells(row: list[Cell | str]) -> list[Cell]:
    return [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]


def relative(path: Path, start: Path) -> str:
    """A link from a file in the directory `start`."""
    return os.path.relpath(path, start).replace(os.sep, "/")


def number(value: float | None, digits: int = 1) -> str:
    """With a true minus sign and without "-0.0"."""
    if value is None or not np.isfinite(value):
        return NONE
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "−")


def signed(value: float | None, digits: int = 1) -> str:
    """A difference, with its sign."""
    text = number(value, digits)
    return text if text[0] in f"−{NONE}" else f"+{text}"


def mean_and_spread(values: Sequence[float], digits: int = 1) -> str:
    """Mean over seeds ± their standard deviation; one seed has none."""
    if not len(values):
        return NONE
    summary = statistics.summary(values)
    text = number(summary.mean, digits)
    return text if summary.spread is None else f"{text} ± {number(summary.spread, digits)}"


def difference(values: Sequence[float], paper: float, digits: int = 1) -> str:
    """Mean over seeds minus the paper's number."""
    return signed(float(np.mean(values)) - paper, digits) if len(values) else NONE


def span(values: Sequence[float], digits: int = 0) -> str:
    """One number where all are the same as shown, else the lowest and the highest."""
    texts = [number(value, digits) for value in sorted(values)]
    if not texts:
        return NONE
    return texts[0] if texts[0] == texts[-1] else f"{texts[0]} to {texts[-1]}"
