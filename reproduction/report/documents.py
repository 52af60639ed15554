"""What the README and docs/ say about the records, written into them; see sections.py."""

import shutil
from pathlib import Path

from reproduction.report import (
    ablation,
    gradients,
    headlines,
    in_the_readme,
    results_page,
    sections,
)
from reproduction.report.records import Results

# The sections of its headline numbers, and of the paper's figures and tables.
README, PRINTED = "results", "paper"
PAGES = {"results": "results.md", "ablation": "gradient.md"}  # {section: page in docs}
GRADIENTS = "gradients"  # a second section of the latter page
# That these pages show.
PICTURES = ("fig3.png", "near.png", "scale.png", "crowds.png", "fig4.png", "ablation.png")


def texts(results: Results, docs: Path, report: Path) -> dict[str, str]:
    """{section: what stands in its page}; pictures must have been copied."""
    return {
        "results": results_page.section(results, docs, report),
        "ablation": ablation.section(results, docs),
    }


def write_docs(results: Results, docs: Path, report: Path) -> None:
    """Write the sections of the pages in docs/; report: a report of the same records.

    Raises:
      ConfigurationError: a page is not there, or has no markers.
    """
    for section, page in (*PAGES.items(), (GRADIENTS, PAGES["ablation"])):
        sections.read(docs / page, section)
    for name in PICTURES:
        if (report / name).exists():
            shutil.copyfile(report / name, docs / name)
    for section, text in texts(results, docs, report).items():
        sections.write(docs / PAGES[section], section, text)
    sections.write(docs / PAGES["ablation"], GRADIENTS, gradients.section(results, docs))


def write_readme(results: Results, readme: Path) -> None:
    """Write the README's headline numbers and what the paper has in print.

    Raises:
      ConfigurationError: the README is not there, or has no markers.
    """
    for section in (README, PRINTED):
        sections.read(readme, section)
    sections.write(readme, README, headlines.section(results))
    sections.write(readme, PRINTED, in_the_readme.section(results))
