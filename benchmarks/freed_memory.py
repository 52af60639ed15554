"""What it is worth that a process keeps the memory it frees (`experiment/allocator.py`).

  python -m benchmarks.freed_memory [--rounds=5] [--iterations=12] [--output=FILE.json]

Each learner trains in a process of its own, where freed memory is kept, and in another, where it is
given back to the system as the C library does by default; all take turns. Episodes a second are the
median of a process's iterations after two that compile, updates alone; the figures are medians over
processes. Faults are the pages that the system hands out and clears in an iteration.
"""

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from benchmarks.record import write_record
from dimapg_tf.experiment import allocator, console

# (environment, algorithm)
LEARNERS = (
    ("cooperative_navigation_3_near", "dimapg_set"),
    ("cooperative_navigation_10", "dimapg"),
    ("cooperative_navigation_10", "dimapg_trpo"),
    ("cooperative_navigation_10", "a3c_kitchensink_tuned"),
)
COMPILING = 2  # iterations
WAYS = {"kept": True, "given back": False}


def train(env: str, algorithm: str, kept: bool, iterations: int) -> tuple[float, float]:
    """(episodes a second, faults an iteration) of this process, which has trained nothing yet."""
    if not kept:
        allocator.keep_freed_memory = lambda: None
    console.prepare_tensorflow()
    from dimapg_tf.experiment.config import load_config

    config = load_config(env, algorithm)
    learner = config.make_learner(config.make_env())
    speeds, faults = [], []
    for iteration in range(COMPILING + iterations):
        before, started = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.perf_counter()
        result = learner.update(iteration)
        speeds.append(result.episodes / (time.perf_counter() - started))
        faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return median(speeds[COMPILING:]), median(faults[COMPILING:])


def measure(learners: tuple, rounds: int, iterations: int) -> list[dict]:
    """A record of each learner: episodes a second and faults of each round, of both ways."""
    records = [
        {
            "env": env,
            "algorithm": algorithm,
            "episodes_per_second": {way: [] for way in WAYS},
            "faults_per_iteration": {way: [] for way in WAYS},
        }
        for env, algorithm in learners
    ]
    for _ in range(rounds):
        for record in records:
            for way, kept in WAYS.items():
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                    arguments = record["env"], record["algorithm"], kept, iterations
                    speed, faults = process.submit(train, *arguments).result()
                record["episodes_per_second"][way].append(speed)
                record["faults_per_iteration"][way].append(faults)
    return records


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_integer("rounds", 5, "processes of each", lower_bound=1, flag_values=fv)
    flags.DEFINE_integer("iterations", 12, "of a process", lower_bound=1, flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    records = measure(LEARNERS, fv.rounds, fv.iterations)
    for record in records:
        cells = [
            f"{way} {median(record['episodes_per_second'][way]):.1f} episodes/s "
            f"({median(record['faults_per_iteration'][way]):,.0f} faults)"
            for way in WAYS
        ]
        print(f"{record['env']}, {record['algorithm']}: {', '.join(cells)}")
    write_record(fv.output, {"records": records})
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
