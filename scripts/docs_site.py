"""What MkDocs does beside its plugins (a hook of mkdocs.yml).

The pages are written to be read in a checkout: they link to code and records by relative paths. On
the site

- the home page is the README;
- a link to a Python module leads to the API reference, which is a page for each package;
- pictures and records that a page links to are copied into the site, under the path they have here;
- links to anything else outside docs/ are left out, and their text stays;
- formulas become MathML, which browsers draw by themselves.
"""

import html
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
HOME, README = "index.md", "README.md"
# What a page may link to outside docs/; a report links to directories of runs, so it stays there.
COPIED = {".gif", ".json", ".pdf", ".png"}

# Page of the API reference: (title, packages and modules).
API = {
    "api/algorithm.md": ("Algorithm", ["dimapg_tf.algorithm"]),
    "api/environments.md": ("Environments", ["dimapg_tf.envs"]),
    "api/rollouts.md": ("Rollouts", ["dimapg_tf.rollouts"]),
    "api/experiment.md": ("Experiments", ["dimapg_tf.experiment"]),
    "api/distributed.md": ("Distributed", ["dimapg_tf.distributed"]),
    "api/foundations.md": (
        "Foundations",
        [
            *(
                "dimapg_tf.policy",
                "dimapg_tf.attention",
                "dimapg_tf.distributions",
                "dimapg_tf.trpo",
            ),
            *("dimapg_tf.returns", "dimapg_tf.seeds", "dimapg_tf.checks", "dimapg_tf.types"),
            *("dimapg_tf.workers", "dimapg_tf.tf_config"),
        ],
    ),
    "api/drawing.md": ("Drawing", ["dimapg_tf.drawing"]),
    "api/baselines.md": ("Baselines", ["baselines"]),
}

LINK = re.compile(
    r"(?P<image>!?)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s#]+)(?P<anchor>#[^()\s]*)?\)"
)
IMAGE = re.compile(r'(<img[^>]*\ssrc=")([^"]+)(")')
# MathML has letters of these alphabets, where TeX has commands.
LETTERS = {r"\mathcal L": "ℒ", r"\mathbb E": "𝔼"}
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)


def modules(names: list[str]) -> list[str]:
    """The modules of these packages, themselves included; of a module, itself."""
    found = []
    for name in names:
        path = ROOT.joinpath(*name.split("."))
        files = [path.with_suffix(".py")] if not path.is_dir() else sorted(path.rglob("*.py"))
        for file in files:
            if file.exists() and file.read_text(encoding="utf-8").strip():
                parts = file.relative_to(ROOT).with_suffix("").parts
                found.append(".".join(parts).removesuffix(".__init__"))
    return found


def documented() -> set[str]:
    """The modules that the API reference has."""
    return {module for _, names in API.values() for module in modules(names)}


def rewritten(markdown: str, folder: Path) -> tuple[str, set[Path]]:
    """A page with its links as the site has them.

    Args:
      folder: what the page's links are relative to.

    Returns:
      (the page, the files outside docs/ that the site needs); the page stands at the site's root.
    """
    needed: set[Path] = set()
    known = documented()

    def where(target: str) -> str | None:
        """The site's path of a target; None where the site has no such thing."""
        path = (folder / target).resolve()
        if path.is_relative_to(DOCS):
            return str(path.relative_to(DOCS))
        if path == ROOT / README:
            return HOME
        if path.is_file() and path.suffix in COPIED:
            needed.add(path)
            return str(path.relative_to(ROOT))
        return None

    def link(match: re.Match) -> str:
        image, text, target = match["image"], match["text"], match["target"]
        if "://" in target or target.startswith("mailto:"):
            return match[0]
        path = (folder / target).resolve()
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if path.suffix == ".py" and module in known:
            return f"[{text}][{module}]"
        found = where(target)
        if found is None:
            return text
        return f"{image}[{text}]({found}{match['anchor'] or ''})"

    def picture(match: re.Match) -> str:
        return match[1] + (where(match[2]) or match[2]) + match[3]

    return IMAGE.sub(picture, LINK.sub(link, markdown)), needed


def math(page: str) -> str:
    """HTML with the formulas that arithmatex has marked as MathML."""

    def formula(match: re.Match) -> str:
        display = "block" if match[2] == "[" else "inline"
        text = html.unescape(match[3]).strip()
        for command, letter in LETTERS.items():
            text = text.replace(command, letter)
        return convert(text, display=display)

    return FORMULA.sub(formula, page)


def reference(title: str, names: list[str]) -> str:
    """A page of the API reference."""
    return "\n\n".join([f"# {title}", *(f"::: {module}" for module in modules(names))]) + "\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the home page, the API reference, and the files that pages need from outside docs/."""
    home, needed = rewritten((ROOT / README).read_text(encoding="utf-8"), ROOT)
    files.append(File.generated(config, HOME, content=home))
    for page, (title, names) in API.items():
        files.append(File.generated(config, page, content=reference(title, names)))
    for page in sorted(DOCS.glob("*.md")):
        needed |= rewritten(page.read_text(encoding="utf-8"), DOCS)[1]
    for path in sorted(needed):
        uri = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page, config, files) -> str:
    """The links of the pages in docs/; those that `on_files` made have them already."""
    if page.file.generated_by or "/" in page.file.src_uri:
        return markdown
    return rewritten(markdown, DOCS)[0]


def on_page_content(html: str, page, config, files) -> str:
    """Formulas."""
    return math(html)
