"""Train with workers that are killed, stopped and left alone, and compare it with one process.

  python tests/cluster_kills.py [--parts=same,workers,hangs,chief,launcher,stays] [--kills=20]
      [--hangs=5] [--chiefs=5] [--seed=1] [--directory=DIR]

Exits with 1 if anything differs, bit for bit, or a process is left. Some minutes for each part.
"""

import contextlib
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from absl import flags
from cluster_run import CASES, PATIENCE, Staying, Trained, places_here

from dimapg_tf.experiment.console import prepare_tensorflow
from dimapg_tf.experiment.flags import parse

CASE = "12v4, REINFORCE"  # which is killed: it has the most blocks
ENDLESS = 10**6  # iterations
GONE = 30.0  # seconds in which everything ends with its chief


def wait_until(condition: Callable[[], Any], run: Trained) -> float:
    """How many seconds it took."""
    begun = time.monotonic()
    while not condition():
        if run.process.poll() is not None:
            raise SystemExit(f"ended with {run.process.returncode}, see {run.log}")
        if time.monotonic() - begun > PATIENCE:
            raise SystemExit(f"nothing happens, see {run.log}")
        time.sleep(0.01)
    return time.monotonic() - begun


def go_on(run: Trained, more: int) -> None:
    """Wait until more iterations than that have been done from now on."""
    there = run.iterations()
    wait_until(lambda: run.iterations() > there + more, run)


def children(parent: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
        found += [int(child) for child in tasks.read_text().split()]
    return found


def alive(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def chief_of(launcher: int) -> int:
    for child in children(launcher):
        with contextlib.suppress(OSError):
            if b"dimapg_tf.train" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    raise SystemExit(f"{launcher} has started no training")


class Parts:
    """The parts of this script, each an iterator of (what, whether it is as it should be)."""

    def __init__(self, root: Path, fv: flags.FlagValues):
        self.root, self.fv, self.chance = root, fv, random.Random(fv.seed)
        from run_outcome import outcome  # which imports TensorFlow, prepared by now

        self.outcome = outcome

    def alone(self, name: str, case: str, iterations: int) -> Trained:
        """A run of one process."""
        run = Trained(self.root / name / "alone", case)
        run.start(iterations, 0)
        run.finish()
        return run

    def same(self) -> Iterator[tuple[str, bool]]:
        """θ without workers, and with 1, 2 and 4."""
        for number, case in enumerate(CASES):
            expected = self.outcome(self.alone(f"same_{number}", case, 20).logdir)
            for workers in (1, 2, 4):
                run = Trained(self.root / f"same_{number}" / f"workers_{workers}", case)
                run.start(20, workers)
                run.finish()
                yield (
                    f"{case}: 20 iterations, {workers} workers",
                    self.outcome(run.logdir) == expected,
                )

    def workers(self) -> Iterator[tuple[str, bool]]:
        """SIGKILL of a random worker at a random moment, again and again in one run."""
        run = Trained(self.root / "workers" / "run", CASE)
        run.start(ENDLESS, 2)
        go_on(run, 1)
        before, between = run.iterations(), []
        for _ in range(self.fv.kills):
            wait_until(lambda: run.all_work(2), run)
            there, seen = run.iterations(), len(run.text())
            # Everybody has answered since, and so has compiled; then they train for a while.
            wait_until(lambda n=seen: "2 of 2 workers" in run.text()[n:], run)
            go_on(run, 2)
            time.sleep(self.chance.uniform(0.0, 1.0))
            os.kill(run.worker(self.chance.randrange(2)), signal.SIGKILL)
            between.append(run.iterations() - there)
        text = f"SIGKILL of a trained worker, {self.fv.kills} times, each after {min(between)} "
        text += f"iterations or more (median {statistics.median(between):.0f}) of both"
        yield from self._stopped("workers", run, before, text)

    def hangs(self) -> Iterator[tuple[str, bool]]:
        """SIGSTOP of a random worker, which is killed when it has been silent for too long."""
        run, seconds = Trained(self.root / "hangs" / "run", CASE), []
        run.start(ENDLESS, 2, "--silent_seconds=5")
        go_on(run, 1)
        before = run.iterations()
        for _ in range(self.fv.hangs):
            wait_until(lambda: run.all_work(2), run)
            time.sleep(self.chance.uniform(0.0, 3.0))
            index = self.chance.randrange(2)
            process, told = run.worker(index), f"worker {index}: no sign of life"
            count = run.text().count(told)
            os.kill(process, signal.SIGSTOP)
            seconds.append(wait_until(lambda c=count, t=told: run.text().count(t) > c, run))
            go_on(run, 0)
        text = f"SIGSTOP of a worker, {self.fv.hangs} times, found after {max(seconds):.1f} s"
        yield from self._stopped("hangs", run, before, text)

    def _stopped(self, name: str, run: Trained, before: int, text: str):
        """Stop a run by SIGTERM, and compare it with one process."""
        wait_until(lambda: run.all_work(2), run)
        run.process.send_signal(signal.SIGTERM)
        run.finish(128 + signal.SIGTERM)
        done = run.iterations()
        same = self.outcome(run.logdir) == self.outcome(self.alone(name, CASE, done).logdir)
        again = re.findall(r"(\d+) blocks again", run.text())
        text += f" in iterations {before} to {done}, {again[-1] if again else 0} blocks again"
        yield text, same

    def chief(self) -> Iterator[tuple[str, bool]]:
        """SIGKILL of the training process, and --resume."""
        yield from self._killed("chief", chief_of)

    def launcher(self) -> Iterator[tuple[str, bool]]:
        """SIGKILL of what started it, and --resume."""
        yield from self._killed("launcher", lambda launcher: launcher)

    def stays(self) -> Iterator[tuple[str, bool]]:
        """SIGKILL of the chief again and again while its workers stay, and --resume each time."""
        run = Trained(self.root / "stays" / "run", CASE)
        workers = Staying(self.root / "stays", *places_here(3))
        told, back = workers.told("chief", 0), []
        for number in range(self.fv.chiefs + 1):
            run.start(ENDLESS, 0, resume=number > 0, environment=told)
            begun = time.monotonic()
            go_on(run, 0)
            back.append(time.monotonic() - begun)
            go_on(run, 5)
            time.sleep(self.chance.uniform(0.0, 1.0))
            last = number == self.fv.chiefs
            os.kill(run.process.pid, signal.SIGTERM if last else signal.SIGKILL)
            run.finish(128 + signal.SIGTERM if last else -signal.SIGKILL)
        begun = time.monotonic()
        codes = [worker.wait(PATIENCE) for worker in workers.processes]
        gone = time.monotonic() - begun
        expected = self.outcome(self.alone("stays", CASE, run.iterations()).logdir)
        text = f"SIGKILL of the chief, {self.fv.chiefs} times, workers stay: iterations go on "
        text += f"{max(back[1:]):.1f} s after --resume at most ({back[0]:.1f} s at first); "
        text += f"at the end the workers are gone after {gone:.1f} s (DIMAPG_ABSENT=60)"
        yield text, codes == [0, 0] and gone < 60 + GONE and self.outcome(run.logdir) == expected

    def _killed(self, name: str, victim: Callable[[int], int]) -> Iterator[tuple[str, bool]]:
        run, seconds = Trained(self.root / name / "run", CASE), []
        for number in range(self.fv.chiefs):
            run.start(ENDLESS, 2, resume=number > 0)
            go_on(run, 5)
            time.sleep(self.chance.uniform(0.0, 3.0))
            launcher = run.process.pid
            everybody = [launcher, *children(launcher)]
            os.kill(victim(launcher), signal.SIGKILL)
            begun = time.monotonic()
            run.process.wait(PATIENCE)
            while any(map(alive, everybody)) and time.monotonic() < begun + 2 * GONE:
                time.sleep(0.05)
            seconds.append(time.monotonic() - begun)
        text = f"SIGKILL of the {name}, {self.fv.chiefs} times"
        yield f"{text}: all others gone after {max(seconds):.1f} s at most", max(seconds) < GONE
        run.start(ENDLESS, 2, resume=True)
        go_on(run, 5)
        yield from self._stopped(name, run, 0, f"{text}, --resume")


def main(argv: list[str]) -> int:
    fv = flags.FlagValues()
    parts = ["same", "workers", "hangs", "chief", "launcher", "stays"]
    flags.DEFINE_list("parts", parts, "which ones", flag_values=fv)
    flags.DEFINE_integer("kills", 20, "of workers", flag_values=fv)
    flags.DEFINE_integer("hangs", 5, "of workers", flag_values=fv)
    flags.DEFINE_integer("chiefs", 5, "kills of the chief, and of the launcher", flag_values=fv)
    flags.DEFINE_integer("seed", 1, "of the moments", flag_values=fv)
    flags.DEFINE_string("directory", None, "of the runs; else a temporary one", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    prepare_tensorflow()
    root = Path(fv.directory or tempfile.mkdtemp(prefix="cluster_kills_"))
    bad = 0
    for part in fv.parts:
        for text, good in getattr(Parts(root, fv), part)():
            bad += not good
            print(f"{'as it should be' if good else 'WRONG'}: {text}", flush=True)
    print(f"{bad} wrong; the runs are in {root}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
