"""The page, its figures, and the script that writes them, from small records."""

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from small_records import write_all

from dimapg_tf.drawing import learning_curves
from dimapg_tf.types import ConfigurationError
from reproduction.report import __main__ as script
from reproduction.report import charts, curves, documents, names, records, sections

VOID = {"meta", "img", "br", "link"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Small records, reported on."""
    folder = write_all(tmp_path_factory.mktemp("reported"))
    (folder / "docs").mkdir()
    pages = {"README.md": ["results", "paper"], "docs/results.md": ["results"]}
    pages["docs/gradient.md"] = ["ablation", "gradients"]
    for page, names_of_sections in pages.items():
        every = [sections.markers(section) for section in names_of_sections]
        text = "".join(f"{begin}old\n{end}\n" for begin, end in every)
        (folder / page).write_text(f"before\n{text}after\n")
    written = f"--readme={folder}/README.md", f"--docs={folder}/docs"
    assert script.main(["report", str(folder), *written]) == 0
    return folder


class Parsed(HTMLParser):
    """Checks that tags are closed in order; collects what is referred to."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.sources, self.links, self.images = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.open += [] if tag in VOID else [tag]
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.sources += [attrs[name] for name in ("src", "srcset", "data") if name in attrs]
        self.links += [attrs[name] for name in ("href", "xlink:href") if name in attrs]
        self.images += [attrs] if tag == "img" else []

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(root):
    return (root / "report/index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parsed(page):
    return Parsed(page)


def test_page_is_whole_and_needs_no_network(root, page, parsed):
    assert parsed.open == []
    assert all((root / "report" / source).exists() for source in parsed.sources)
    assert not any(link.startswith(("http", "//")) for link in parsed.links)
    assert not re.search(r"@import|url\((?!#)|<script|<link", page)


def test_links_lead_somewhere(root, parsed):
    assert len(set(parsed.ids)) == len(parsed.ids)
    for link in parsed.links:
        if link.startswith("#"):
            assert link[1:] in parsed.ids
        else:
            assert (root / "report" / link).exists(), link


def test_sections_are_in_the_papers_order(parsed):
    sections = ["summary", "fig3", "table1", "fig4", "table2", "fig5", "fig6", "ablation"]
    assert [name for name in parsed.ids if name in sections] == sections


def test_pictures_have_a_text(page, parsed):
    assert len(parsed.images) == 3  # heat map, strip, animation
    assert "data:image" not in page  # which would make it large
    assert all(image["alt"] for image in parsed.images)
    assert page.count("<svg") == page.count('role="img" aria-label="')


def test_figures_follow_dark_and_light(page):
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawn) == 7  # without those of what was not run
    for text in drawn:
        ElementTree.fromstring(text)
        assert "currentColor" in text
        assert not any(ink in text for ink in charts.OF_THE_PAGE)
    assert "prefers-color-scheme: dark" in page


def test_what_is_not_there_is_said(page):
    assert "unfinished: 1,000 of 2,000 episodes" in page
    assert "Survival, N\u00a0=\u00a0630: not run" in page


def test_files(root):
    report = root / "report"
    for name in ("fig3", "fig4", "survival", "ablation", "crossplay_3v1"):
        assert (report / f"{name}.pdf").read_bytes()[:4] == b"%PDF"
        assert (report / f"{name}.png").read_bytes()[1:4] == b"PNG"
    assert "| Using θₙ" in (report / "tables.md").read_text().replace("[", "")
    assert (report / "marl_eval.json").exists()


def test_documents_are_written_between_their_markers(root):
    results = records.read(root)
    texts = documents.texts(results, root / "docs", root / "report")
    assert texts.keys() == documents.PAGES.keys()
    for section, text in texts.items():
        path = root / "docs" / documents.PAGES[section]
        whole = path.read_text()
        assert whole.startswith("before\n")
        assert whole.endswith("after\n")
        assert "old" not in whole
        assert sections.read(path, section) == text
        for target in re.findall(r"\]\((.+?)\)", text):
            assert (root / "docs" / target).exists(), target
    assert "](fig3.png)" in texts["results"]
    assert "| plain parameter sharing |" in re.sub(r"[\[\]]|\(.*?\)", "", texts["ablation"])


def test_readme_has_headline_numbers(root):
    rows = sections.read(root / "README.md", "results").split("\n")
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows if row[:1] == "|"][2:]
    assert cells == [
        [
            "Predator-Prey, 3v1, 1,000 episodes",
            "contacts of its predators with scripted fleeing prey",
            *("6.0 (seeds: 1)", "greedy predators 4.5"),
        ],
    ]


@pytest.mark.parametrize("text", ["nothing", "<!-- results: end -->\n<!-- results: begin -->\n"])
def test_a_document_without_markers_is_left_alone(text, root, tmp_path):
    target = tmp_path / "README.md"
    target.write_text(text)
    with pytest.raises(ConfigurationError, match="results: begin"):
        documents.write_readme(records.read(root), target)
    assert target.read_text() == text
    with pytest.raises(ConfigurationError, match="no such file"):
        documents.write_docs(records.read(root), tmp_path, root / "report")


def test_script_wants_one_directory(root):
    with pytest.raises(ConfigurationError, match="one directory"):
        script.main(["report"])
    with pytest.raises(ConfigurationError, match="no such directory"):
        script.main(["report", str(root / "nowhere")])


def test_learners_have_names_and_colours_of_their_own():
    """By the plan's entry, not by how a directory's name begins."""
    variant = names.learner("dimapg_set_first_order")
    assert (variant.family, variant.variant) == ("DiMA-PG", "first order")
    assert names.learner("dimapg_predator_prey").title == "DiMA-PG"
    assert names.learner("dimapg_trpo_of_mine").family == "dimapg trpo of mine"
    assert names.colour("dimapg_trpo_of_mine") == names.OTHER
    title = "A3C-Kitchensink (synchronous)"
    assert names.learner("a3c_kitchensink_synchronous").title == title
    assert names.colour("a3c_kitchensink_synchronous") == names.COLOURS["A3C-Kitchensink"]
    assert set(names.COLOURS) == set(names.FAMILIES)
    assert len(set(names.COLOURS.values())) == len(names.FAMILIES)
    styles = names.dashes(["dimapg_set_first_order", "maddpg_tuned", "dimapg"])
    assert styles["dimapg"] == styles["maddpg_tuned"] == "-"
    assert styles["dimapg_set_first_order"] != "-"


def test_curves():
    episodes = np.arange(1.0, 601.0)
    x, y = learning_curves.thinned(episodes, 2.0 * episodes)
    assert len(x) == learning_curves.PARTS
    assert x[0] == pytest.approx(2.5)
    assert y == pytest.approx(2.0 * x)
    x, y = learning_curves.thinned(np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, 3.0]))
    assert (list(x), list(y)) == ([1.0, 3.0], [1.0, 3.0])
    line = np.array([0.0, 10.0]), np.array([0.0, 10.0])
    other = np.array([2.0, 4.0, 6.0]), np.array([6.0, 8.0, 10.0])
    grid, mean = learning_curves.mean_curve([line, other])
    assert (grid[0], grid[-1]) == (2.0, 6.0)
    assert mean == pytest.approx(grid + 2.0)


@pytest.mark.parametrize(("longest", "scale"), [(400.0, "linear"), (401.0, "log")])
def test_short_runs_beside_long_ones(longest, scale):
    """A run of 100 episodes beside one of four times as many, and of more."""
    runs = []
    for learner, end in (("dimapg", longest), ("a3c_kitchensink", 100.0)):
        curve = {"episodes": np.array([50.0, end]), "return_mean": np.array([-2.0, -1.0])}
        path, flags = Path(learner), {"episodes": f"{end:.0f}"}
        runs.append(records.RunRecord(path, "simple_spread", learner, 1, flags, curve=curve))
    results = records.Results(Path(), runs, [], {}, [])
    panel = curves.panel(
        results, "simple_spread", "x", lambda run: run.curve["return_mean"], "return", {}
    )
    (axes,) = charts._drawn([panel]).axes
    assert axes.get_xscale() == scale
    assert (axes.get_xlim()[0] == 0.0) == (scale == "linear")
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert "100" in ticks
    grid, _ = learning_curves.mean_curve([(np.array([1.0, 100.0]), np.zeros(2))], logarithmic=True)
    assert grid[1:] / grid[:-1] == pytest.approx(grid[1] / grid[0])
