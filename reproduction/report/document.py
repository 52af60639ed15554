"""An HTML page that needs no network: sections, tables, figures, a table of contents.

Figures are drawn in the page itself; pictures are files beside it or in the run directories, so
that the page stays small. It finds them as long as it stands where it was written.
"""

import html
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from reproduction.report import charts, names
from reproduction.report.charts import Chart
from reproduction.report.records import Results, RunRecord
from reproduction.report.table import Table, escaped, relative


class Page:
    """Sections as they are added; `html` puts them together under a table of contents.

    Args:
      results: the records; output: the directory that the page will stand in, with the figures.
    """

    def __init__(self, results: Results, output: Path):
        self.results, self.output = results, output
        self._sections: list[tuple[str, str, str]] = []

    def add(self, anchor: str, title: str, *parts: str) -> None:
        """A section with a heading and a line in the table of contents."""
        self._sections.append((anchor, title, "\n".join(part for part in parts if part)))

    def table(self, table: Table) -> str:
        """A table, its links relative to the page; nothing for one without rows."""
        return table.html(self.output) if table.rows else ""

    def chart(self, chart: Chart) -> str:
        """The panels as SVG, the caption, the files that hold the same, and what is not there."""
        drawn = "\n".join(charts.svg(panel) for panel in chart.panels if not panel.empty)
        left = "".join(
            f'<p class="note">{escaped(panel.title)}: not run.</p>'
            for panel in chart.panels
            if panel.empty
        )
        if not drawn:
            return left
        return (
            f'<figure><div class="panels">{drawn}</div>\n'
            f"<figcaption>{escaped(chart.caption)} {file_links(chart.name)}</figcaption></figure>\n"
            f"{left}"
        )

    def image(self, path: Path, alt: str, caption: str, width: str = "100%") -> str:
        """A picture in a file of its own, no wider than `width` and than it is."""
        source = html.escape(relative(path, self.output))
        return (
            f'<figure><img src="{source}" alt="{escaped(alt)}" loading="lazy" '
            f'style="max-width: min(100%, {width})">\n'
            f"<figcaption>{caption}</figcaption></figure>"
        )

    def episode(self, runs: Sequence[RunRecord]) -> str:
        """The strip of the first run that has one, and its animation to be opened."""
        for run in runs:
            if run.strip:
                task_and_learner = f"{names.task(run.env)}, {names.learner(run.learner).title}"
                caption = escaped(f"{task_and_learner}, seed {run.seed}: moments of one episode.")
                strip = self.image(run.strip, f"Moments of an episode: {task_and_learner}", caption)
                return strip + self._animation(run, task_and_learner)
        return ""

    def _animation(self, run: RunRecord, task_and_learner: str) -> str:
        if run.gif is None:
            return ""
        picture = self.image(run.gif, f"Animation of the episode: {task_and_learner}", "")
        return f"<details><summary>The same episode, animated</summary>{picture}</details>"

    def html(self, title: str, lead: str) -> str:
        """The whole document."""
        style = files("reproduction.report").joinpath("page.css").read_text(encoding="utf-8")
        contents = "".join(
            f'<li><a href="#{anchor}">{escaped(heading)}</a></li>'
            for anchor, heading, _ in self._sections
        )
        body = "\n".join(
            f'<section id="{anchor}">\n<h2>{escaped(heading)}</h2>\n{text}\n</section>'
            for anchor, heading, text in self._sections
        )
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escaped(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{escaped(title)}</h1>
{lead}
<nav aria-label="Contents"><ol>{contents}</ol></nav>
</header>
<main>
{body}
</main>
</body>
</html>
"""


def file_links(name: str) -> str:
    return (
        f'<span class="files">[<a href="{name}.pdf">PDF</a>, <a href="{name}.png">PNG</a>]</span>'
    )
