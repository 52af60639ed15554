"""What a run of experiments has done and when, over all its starts: runs/MODE/logs/history.txt."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

FILE = "history.txt"  # in the directory of the logs
STARTED = "started: "
FORMAT = "%Y-%m-%d %H:%M:%S"


def record_of(mode: str) -> str:
    """The name of a mode's history among the records."""
    return f"{mode}_history.txt"


class History:
    """Appends lines to a file, each with the local time.

    A process that was killed writes no last line; its time at work is then until the last line it
    wrote.

    Args:
      path: the file; made with its first line.
      clock: the time of a line.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = datetime.now):
        self.path, self._clock = path, clock

    def write(self, text: str) -> None:
        """Append one line; what follows a line break in the text is left out."""
        line = f"{self._clock():{FORMAT}} {text.splitlines()[0]}\n"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)

    def start(self, text: str) -> None:
        """The first line of a process."""
        self.write(f"{STARTED}{text}")

    def at_work(self) -> tuple[float, int]:
        """Seconds from each start to the last line before the next, in sum; and how many starts."""
        seconds, starts = 0.0, 0
        first = last = None
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        for line in lines:
            try:
                time = datetime.strptime(line[:19], FORMAT)
            except ValueError:  # cut short by a kill or a full disk
                continue
            if line[20:].startswith(STARTED):
                seconds += (last - first).total_seconds() if first else 0.0
                first, starts = time, starts + 1
            last = time
        return seconds + ((last - first).total_seconds() if first else 0.0), starts
