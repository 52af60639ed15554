"""The hook that turns the pages for a checkout into pages for a site."""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("mkdocs")
ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site():
    spec = importlib.util.spec_from_file_location("docs_site", ROOT / "scripts/docs_site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("folder", "before", "after"),
    [
        (DOCS, "[a page](paper.md#top)", "[a page](paper.md#top)"),
        (ROOT, "[a page](docs/paper.md)", "[a page](paper.md)"),
        (DOCS, "[the start](../README.md)", "[the start](index.md)"),
        (DOCS, "[code](../dimapg_tf/trpo.py)", "[code][dimapg_tf.trpo]"),
        (DOCS, "[a folder](../results/ablation)", "a folder"),
        (DOCS, "[the report](../results/report/index.html)", "the report"),
        (DOCS, "[not on the site](../reproduction/plan.py)", "not on the site"),
        (DOCS, "[elsewhere](https://pypi.org)", "[elsewhere](https://pypi.org)"),
        (DOCS, "[here](#below)", "[here](#below)"),
    ],
)
def test_links(site, folder, before, after):
    assert site.rewritten(f"See {before}.", folder) == (f"See {after}.", set())


def test_records_and_pictures_come_along(site):
    record, picture = "results/benchmarks/training_speed.json", "results/report/fig3.png"
    text, needed = site.rewritten(f"[record](../{record}) ![a](../{picture})", DOCS)
    assert text == f"[record]({record}) ![a]({picture})"
    assert needed == {ROOT / record, ROOT / picture}
    text, needed = site.rewritten(f'<img alt="a" src="{picture}">', ROOT)
    assert (text, needed) == (f'<img alt="a" src="{picture}">', {ROOT / picture})


def test_every_module_is_in_the_reference_once(site):
    """But the scripts, which are commands, and modules that hold nothing."""
    listed = [module for _, names in site.API.values() for module in site.modules(names)]
    assert len(listed) == len(set(listed))
    scripts = {"evaluate", "train", "launch", "crossplay", "render", "export", "keep"}
    scripts |= {"fine_tune", "sweep"}
    paths = [*ROOT.glob("dimapg_tf/**/*.py"), *ROOT.glob("baselines/**/*.py")]
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in paths
        if path.read_text(encoding="utf-8").strip()
    }
    missing = modules - set(listed)
    assert missing - {"dimapg_tf"} <= {f"dimapg_tf.{name}" for name in scripts}


def test_formulas_become_mathml(site):
    page = site.math(r'<p><span class="arithmatex">\(\mathcal L_n &lt; \theta\)</span></p>')
    assert page.startswith("<p><math")
    assert page.endswith("</math></p>")
    assert "ℒ" in page
    assert "arithmatex" not in page
    assert 'display="inline"' in page
    block = site.math('<div class="arithmatex">\\[\nx\n\\]</div>')
    assert 'display="block"' in block
