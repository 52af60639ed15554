"""The README and the pages in docs/: links, commands, flags, the map of equations, the Python."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import quick_compilation

import dimapg_tf

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
SOURCES = ("dimapg_tf", "baselines", "reproduction", "benchmarks")
# Flags of other programs, and what is a flag with "no" before its name.
NOT_OURS = {"depth", "strict"}

page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


@page
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^()\s#]+)", text)
    targets += re.findall(r'\ssrc="(?!https?:)([^"]+)"', text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@page
def test_files_that_are_named_are_there(page):
    named = re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|sh|md|json|flags))`", page.read_text("utf-8"))
    homes = (ROOT, ROOT / "dimapg_tf")  # the library's files may go without its name
    missing = [
        name
        for name in named
        if not name.startswith("runs/") and not any((home / name).exists() for home in homes)
    ]
    assert not missing


@page
def test_modules_that_are_named_can_be_run(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"python -m ([\w.]+)", text)
    named += re.findall(r"`((?:dimapg_tf|baselines)\.[\w.]*train)`", text)
    assert [name for name in named if not is_module(name)] == []


@page
def test_configurations_that_are_named_are_there(page):
    from dimapg_tf.envs import ENVIRONMENTS

    text = page.read_text(encoding="utf-8")
    for folder, others in (("env", ENVIRONMENTS), ("algorithm", ())):
        known = {path.stem for path in (ROOT / "configs" / folder).glob("*.flags")} | set(others)
        named = re.findall(rf"--{folder}_config=(\w+)", text)
        named += re.findall(rf'{folder}="(\w+)"', text)
        assert set(named) - {"NAME"} <= known


@page
def test_flags_that_are_named_exist(page):
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for package in SOURCES
        for path in (ROOT / package).rglob("*.py")
    )
    named = set(re.findall(r"(?<![\w-])--([a-z]\w*)", page.read_text(encoding="utf-8")))
    assert {name for name in named - NOT_OURS if not re.search(rf"\b{name}\b", source)} == set()


def test_functions_of_the_map_of_equations_are_where_it_says():
    rows = re.findall(
        r"^\| [^|]+ \| \[[^]]+\]\(([^)]+\.py)\) \| ([^|]+) \|$",
        (ROOT / "docs/paper.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) >= 20
    for target, functions in rows:
        tree = ast.parse((ROOT / "docs" / target).read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if hasattr(node, "name")}
        named = set(re.findall(r"`(\w+)`", functions))
        assert named
        assert named <= defined, target


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_version_of_the_citation():
    assert f"\nversion: {dimapg_tf.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_python_of_the_readme_runs(tmp_path):
    """As it stands there, but for the numbers of episodes."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    shorter = code.replace("episodes=2_000", "episodes=1").replace("episodes=100", "episodes=2")
    assert shorter.count("episodes=1\n") == shorter.count("episodes=2") == 1
    checks = "assert sorted(rewards) == ['agents'] and rewards['agents'].shape == (8, 3)\n"
    done = subprocess.run(
        [sys.executable, "-c", shorter + checks],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            **quick_compilation.environment(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs/first/episode.gif").stat().st_size > 10_000
