"""Train each learner for a while and watch its memory and its open files.

  python tests/soak.py --minutes=30 [--learners=DiMA-PG,MADDPG,A3C,TRPO,Survival] [--directory=DIR]

After a sixth of the time, memory may change by 3 % and the number of open files not at all; then
SIGTERM must end the run well. Exits with 1 otherwise.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from absl import flags
from random_kills import command
from small_runs import RUNS

from dimapg_tf.experiment.flags import parse
from dimapg_tf.experiment.metrics_file import read_rows

BAR = 0.03  # of memory
SAMPLES = 300
ENDLESS = 10**9  # iterations


def memory(pid: int) -> int:
    """Bytes of a process and of those that it has started."""
    total = 0
    for process in (pid, *children(pid)):
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
        total += int(pages) * os.sysconf("SC_PAGE_SIZE")
    return total


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in path.read_text(encoding="ascii").split()]


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def soak(name: str, root: Path, minutes: float) -> bool:
    """Whether the bars are met; prints what was measured."""
    logdir = root / name
    process = subprocess.Popen(
        command(RUNS[name], logdir, ENDLESS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (logdir / "metrics.csv").exists() or not read_rows(logdir / "metrics.csv"):
        if process.poll() is not None:
            print(f"{name}: ended with {process.returncode} before its first iteration")
            return False
        time.sleep(0.5)
    time.sleep(10 * minutes)  # a sixth
    samples = []
    for _ in range(SAMPLES):
        time.sleep(50 * minutes / SAMPLES)
        samples.append((memory(process.pid), open_files(process.pid)))
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=300)
    sizes, files = zip(*samples)
    tenth = max(1, SAMPLES // 10)
    first, last = statistics.median(sizes[:tenth]), statistics.median(sizes[-tenth:])
    # Between two iterations a checkpoint is open, now and then.
    usual = statistics.mode(files[:tenth]), statistics.mode(files[-tenth:])
    change, iterations = last / first - 1, len(read_rows(logdir / "metrics.csv"))
    well = abs(change) <= BAR and usual[0] == usual[1] and code == 128 + signal.SIGTERM
    print(
        f"{name}: {iterations} iterations, {first / 1e6:.0f} to {last / 1e6:.0f} MB "
        f"({change:+.1%}), "
        f"open files {usual[0]} to {usual[1]} (at most {max(files)}), exit {code}: "
        f"{'well' if well else 'NOT WELL'}",
        flush=True,
    )
    return well


def main(argv: list[str]) -> int:
    fv = flags.FlagValues()
    flags.DEFINE_float("minutes", 30.0, "for each learner", flag_values=fv)
    flags.DEFINE_list("learners", list(RUNS), "which ones", flag_values=fv)
    flags.DEFINE_string("directory", None, "of the runs; else a temporary one", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    root = Path(fv.directory or tempfile.mkdtemp(prefix="soak_"))
    well = [soak(name, root, fv.minutes) for name in fv.learners]  # all of them, in any case
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
