"""Parts of documents that are written by a program, between two comments of the document."""

import textwrap
from pathlib import Path

from dimapg_tf.experiment import files
from dimapg_tf.types import ConfigurationError

WIDTH = 100


def markers(name: str) -> tuple[str, str]:
    """The comments that a section stands between."""
    return f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"


def read(path: Path, name: str) -> str:
    """What a document has between the markers; raises ConfigurationError."""
    return _split(path, name)[1]


def write(path: Path, name: str, text: str) -> None:
    """Replace what a document has between the markers; raises ConfigurationError."""
    before, _, after = _split(path, name)
    begin, end = markers(name)
    files.write(path, before + begin + text + end + after)


def _split(path: Path, name: str) -> tuple[str, str, str]:
    begin, end = markers(name)
    if not path.is_file():
        raise ConfigurationError(f"{path}: no such file")
    text = path.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ConfigurationError(
            f"{path}: must hold the lines {begin.strip()} and {end} once, in this order"
        )
    before, rest = text.split(begin)
    return before, *rest.split(end)


def wrapped(text: str) -> str:
    """A paragraph in lines of a document's width."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"
