"""Train on two hosts with a slow link between them, and compare it with one process.

  sudo .venv/bin/python tests/two_hosts.py [--iterations=20] [--milliseconds=1] [--mbit=100]
      [--directory=DIR]

The hosts are two network namespaces of this machine: the chief and one worker on the first,
another worker on the second. The same once more with a link that is not slow says what the link
costs. Exits with 1 if the runs differ, bit for bit. Two minutes or so for each case.
"""

import csv
import itertools
import statistics
import sys
import tempfile
from pathlib import Path

from absl import flags
from cluster_run import CASES, Place, Staying, Trained
from slow_link import ADDRESSES, SlowLink

from dimapg_tf.experiment.console import prepare_tensorflow
from dimapg_tf.experiment.flags import parse

FAST = 1e11  # bits a second: no limit
CHIEF, FIRST, SECOND = 2000, 2001, 2002  # ports


def seconds_of_an_iteration(run: Trained) -> float:
    """Median; the first iteration, which compiles, left out."""
    with open(run.logdir / "metrics.csv", newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    return statistics.median(b - a for a, b in itertools.pairwise(seconds))


def train(run: Trained, iterations: int, delay: float, rate: float) -> int:
    """Train by a chief and two workers on two hosts; how many bytes went over the link."""
    with SlowLink(delay, rate) as link:
        here, there = (link.within(host) for host in (0, 1))
        workers = Staying(
            run.logdir.parent / f"workers_of_{run.logdir.name}",
            Place(f"{ADDRESSES[0]}:{CHIEF}", here),
            Place(f"{ADDRESSES[0]}:{FIRST}", here),
            Place(f"{ADDRESSES[1]}:{SECOND}", there),
        )
        try:
            environment = workers.told("chief", 0)
            run.start(iterations, 0, environment=environment, within=here)
            run.finish()
            return link.bytes_carried()
        finally:
            for worker in workers.processes:
                worker.terminate()
                worker.wait()


def main(argv: list[str]) -> int:
    fv = flags.FlagValues()
    flags.DEFINE_integer("iterations", 20, "of each run", flag_values=fv)
    flags.DEFINE_float("milliseconds", 1.0, "of delay, each way", flag_values=fv)
    flags.DEFINE_float("mbit", 100.0, "a second, each way", flag_values=fv)
    flags.DEFINE_string("directory", None, "of the runs; else a temporary one", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    prepare_tensorflow()
    from run_outcome import outcome  # which imports TensorFlow, prepared by now

    root = Path(fv.directory or tempfile.mkdtemp(prefix="two_hosts_"))
    bad = 0
    for number, case in enumerate(CASES):
        runs = {
            name: Trained(root / str(number) / name, case) for name in ("alone", "fast", "slow")
        }
        runs["alone"].start(fv.iterations, 0)
        runs["alone"].finish()
        train(runs["fast"], fv.iterations, 0.0, FAST)
        carried = train(runs["slow"], fv.iterations, fv.milliseconds / 1e3, fv.mbit * 1e6)
        outcomes = [outcome(run.logdir) for run in runs.values()]
        good = outcomes[0] == outcomes[1] == outcomes[2]
        bad += not good
        seconds = {name: seconds_of_an_iteration(run) for name, run in runs.items()}
        link = f"{fv.milliseconds:g} ms and {fv.mbit:g} Mbit/s"
        print(
            f"{'the same' if good else 'NOT THE SAME'}: {case}, {fv.iterations} iterations; "
            f"seconds of an iteration: {seconds['alone']:.3f} in one process, "
            f"{seconds['fast']:.3f} over a fast link, {seconds['slow']:.3f} over one of {link}; "
            f"{carried / fv.iterations / 1e3:.0f} kB an iteration over it",
            flush=True,
        )
    print(f"{bad} not the same; the runs are in {root}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
