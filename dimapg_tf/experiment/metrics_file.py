"""metrics.csv: a row an iteration, read strictly; no checkpoint knows of more than it does."""

import csv
import io
import lzma
from collections.abc import Iterator, Mapping
from pathlib import Path

from dimapg_tf.experiment import files
from dimapg_tf.experiment.errors import RunDirectoryError

Row = dict[str, str]
"""{column: text}; a measure that the version of that time did not have is empty."""

# Of a record that is kept: a third of the size, and pandas.read_csv reads it as it is. Unlike
# gzip's, the bytes do not depend on the time.
COMPRESSED = ".xz"
# These count on from row to row.
TOTALS = ("iteration", "episodes", "env_steps", "agent_steps", "seconds")


def compressed(path: Path) -> Path:
    """Where a record keeps what a run has at `path`."""
    return path.with_name(path.name + COMPRESSED)


def stored(path: Path) -> Path:
    """Where the rows of `path` are: there, or compressed beside it."""
    return compressed(path) if not path.exists() and compressed(path).exists() else path


def compress(path: Path, destination: Path, most_rows: int | None = None) -> None:
    """Write the file at `path`, or its compressed form, as a record keeps it.

    Args:
      most_rows: of more, each two, three or n become their mean; None: all are kept.

    Raises:
      RunDirectoryError: it cannot be read.
      OSError: it cannot be written.
    """
    content = _content(stored(path))
    rows = read_rows(path) if most_rows else []
    if most_rows and len(rows) > most_rows:
        header = dict(zip(rows[0], rows[0]))
        means = _means(rows, -(-len(rows) // most_rows))
        content = _text(list(header), header, *means).encode()
    destination.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


def _means(rows: list[Row], count: int) -> Iterator[Row]:
    """Of each `count` rows the totals at their end and the means of all else; the first of these
    blocks may be shorter, so that the last one ends with the last row."""
    for end in range((len(rows) - 1) % count + 1, len(rows) + 1, count):
        block = rows[max(0, end - count) : end]
        row = dict(block[-1])
        for name in row:
            values = [float(each[name]) for each in block if each[name]]
            if name not in TOTALS and values:
                row[name] = f"{sum(values) / len(values):.7g}"
        yield row


def decompress(path: Path, destination: Path) -> None:
    """Write the rows that a record keeps of the file at `path` as a run has them.

    Raises:
      RunDirectoryError: they cannot be read.
      OSError: they cannot be written.
    """
    destination.write_bytes(_content(stored(path)))


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return lzma.decompress(content) if path.suffix == COMPRESSED else content
    except OSError as error:
        raise RunDirectoryError(f"{path} cannot be read: {error.strerror}") from error
    except lzma.LZMAError as error:
        raise RunDirectoryError(f"{path} is damaged: {error}") from error


def read_rows(path: Path) -> list[Row]:
    """All rows in order; a last line without its end, which a kill cut short, is left out.

    A record's are read compressed, if there is no file at `path` itself.

    Raises:
      RunDirectoryError: a line is damaged; the message names it.
    """
    return [row for _, row in _rows(path)]


def rows_until(path: Path, iteration: int, accept_lost: bool = False) -> list[Row]:
    """The rows of iterations 1, 2, ..., `iteration`, which a checkpoint counts on.

    What follows them is of iterations that a killed run had done after its last checkpoint, and
    that will be done again.

    Args:
      accept_lost: go without rows that are missing or damaged.

    Raises:
      RunDirectoryError: rows are missing, or a line is damaged or out of order.
    """
    rows: dict[int, Row] = {}
    try:
        for number, row in _rows(path) if iteration and path.exists() else ():
            found = int(row["iteration"])
            if found > iteration:
                break
            if found <= max(rows, default=0):
                raise _damaged(path, number, f"iteration {found} comes after {max(rows)}")
            rows[found] = row
            if found == iteration:
                break
    except RunDirectoryError as error:
        if not accept_lost:
            raise RunDirectoryError(f"{error}; {_advice('what stands before it')}") from error
    missing = [number for number in range(1, iteration + 1) if number not in rows]
    if missing and not accept_lost:
        what = "is not there" if not path.exists() else "is not whole"
        raise RunDirectoryError(
            f"{path} {what}: rows of iterations {_ranges(missing)} are missing; the checkpoint is "
            f"of iteration {iteration}; {_advice('the others')}"
        )
    return list(rows.values())


def _advice(kept: str) -> str:
    return (
        f"--accept_lost_metrics (from Python, train(accept_lost_metrics=True)) goes on with {kept}"
    )


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(number of its line, row) of each row that is whole; raises RunDirectoryError."""
    path = stored(path)
    content = _content(path)
    try:
        text = content[: content.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise _damaged(path, number, "these bytes are no text") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    columns: list[str] | None = None
    try:
        for cells in reader:
            if columns is None:
                columns = cells
                if "iteration" not in columns or len(set(columns)) < len(columns):
                    raise _damaged(path, reader.line_num, "no header of metrics.csv")
            elif len(cells) != len(columns):
                what = f"{len(cells)} cells, but {len(columns)} columns"
                raise _damaged(path, reader.line_num, what)
            else:
                row = dict(zip(columns, cells))
                _check_numbers(path, reader.line_num, row)
                yield reader.line_num, row
    except csv.Error as error:
        raise _damaged(path, reader.line_num + 1, str(error)) from error


def _check_numbers(path: Path, number: int, row: Row) -> None:
    for name, text in row.items():
        try:
            int(text) if name == "iteration" else float(text or "nan")
        except ValueError as error:
            raise _damaged(path, number, f"{name} = {text[:40]!r} is no number") from error


def _damaged(path: Path, number: int, what: str) -> RunDirectoryError:
    return RunDirectoryError(f"{path}:{number}: the line is damaged: {what}")


def _ranges(numbers: list[int]) -> str:
    """1-3, 7, 9-12: the first few of them."""
    ends: list[list[int]] = []
    for number in numbers:
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    texts = [str(a) if a == b else f"{a}-{b}" for a, b in ends]
    return ", ".join(texts[:4]) + (", ..." if len(texts) > 4 else "")


def _text(columns: list[str], *rows: Mapping[str, object]) -> str:
    """Rows as lines of a file with these columns."""
    text = io.StringIO(newline="")
    csv.DictWriter(text, columns).writerows(rows)
    return text.getvalue()


class MetricsFile:
    """metrics.csv of a run in training.

    Args:
      path: where it is; replaced by one of the rows `kept`, which a crash leaves whole.
    """

    def __init__(self, path: Path, kept: list[Row]):
        self._path = path
        self._columns = list(kept[0]) if kept else []
        self._file = self._written_anew(kept)

    def append(self, row: Mapping[str, float]) -> None:
        """Append a row; measures that the rows before do not have get a column that they leave
        empty: a run may go on with a version that measures more, or less."""
        newer = [name for name in row if name not in self._columns]
        if newer:
            self._columns += newer
            self._file.close()
            self._file = self._written_anew(read_rows(self._path))
        formatted = {
            name: f"{value:.7g}" if isinstance(value, float) else value
            for name, value in row.items()
        }
        self._file.append(_text(self._columns, formatted))

    def _written_anew(self, rows: list[Row]) -> files.Appender:
        """Replace the file by one of these rows; open to append to."""
        header = [dict(zip(self._columns, self._columns))] if self._columns else []
        files.write(self._path, _text(self._columns, *header, *rows))
        return files.Appender(self._path)

    def sync(self) -> None:
        """Have all rows on the disk, as a checkpoint that counts on them needs it."""
        self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
