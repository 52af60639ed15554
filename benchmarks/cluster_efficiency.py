"""Episodes a second: two workers of one core each against one process on the same two cores.

  python benchmarks/cluster_efficiency.py [--rounds=5] [--iterations=15] [--block_agents=5]
      [--output=FILE.json]

Cooperative Navigation with N = 10 and the paper's batch (configs/algorithm/dimapg_trpo.flags). In
each round all systems train in turn: `workers` in blocks, the chief beside them on either core;
`alone` the same blocks in one process, which gives the same θ; `whole` one process without blocks.
What counts is the time between the rows of metrics.csv, without those of the first iterations,
which compile.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dimapg_tf import tf_config
from dimapg_tf.experiment import console

TASK = ("--env_config=cooperative_navigation_10", "--algorithm_config=dimapg_trpo")
ITERATION = 25 * (1 + 3 * 10)  # episodes: B (1 + k N)
WARM = 3  # iterations that are left out
SYSTEMS = ("workers", "alone", "whole")


def _start(module: str, arguments: Sequence[str], cores: set[int], task: Mapping | None, log: Path):
    """A process that sees these cores alone, so that its thread pools are of their number."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    if task:
        environment[tf_config.VARIABLE] = json.dumps(task)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # what it starts inherits them
    try:
        with open(log, "ab") as output:
            command = [sys.executable, "-m", module, *arguments]
            return subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    finally:
        os.sched_setaffinity(0, before)


def episodes_per_second(
    system: str, iterations: int, block_agents: int, cores: Sequence[int], directory: Path
) -> float:
    """Train one of SYSTEMS in a new directory.

    Raises:
      RuntimeError: the training failed; the message has its last words.
    """
    from dimapg_tf.distributed.cluster import free_ports
    from dimapg_tf.experiment.metrics_file import read_rows

    logdir, log = directory / "run", directory / "log"
    arguments = [*TASK, f"--episodes={(WARM + iterations) * ITERATION}", f"--logdir={logdir}"]
    if system != "whole":
        arguments.append(f"--block_agents={block_agents}")
    with contextlib.ExitStack() as ending:
        chief = None
        if system == "workers":
            leads, *works = (f"127.0.0.1:{port}" for port in free_ports(1 + len(cores)))
            cluster = {"chief": [leads], "worker": works}
            for index, core in enumerate(cores):
                task = {"cluster": cluster, "task": {"type": "worker", "index": index}}
                worker = _start("dimapg_tf.distributed.worker", [], {core}, task, log)
                ending.callback(worker.wait)
                ending.callback(worker.kill)
            chief = {"cluster": cluster, "task": {"type": "chief", "index": 0}}
        training = _start("dimapg_tf.train", arguments, set(cores), chief, log)
        ending.callback(training.kill)
        if training.wait():
            raise RuntimeError(f"{system}: {log.read_text()[-500:]}")
    rows = read_rows(logdir / "metrics.csv")
    first, last = rows[WARM - 1], rows[-1]
    return iterations * ITERATION / (float(last["seconds"]) - float(first["seconds"]))


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv = flags.FlagValues()
    flags.DEFINE_integer("rounds", 5, "of all systems in turn", flag_values=fv)
    flags.DEFINE_integer("iterations", 15, "that count, in each training", flag_values=fv)
    flags.DEFINE_integer("block_agents", 5, "of workers and alone", flag_values=fv)
    flags.DEFINE_list("cores", ["0", "1"], "one for each worker", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    cores = [int(core) for core in fv.cores]
    speeds: dict[str, list[float]] = {system: [] for system in SYSTEMS}
    for number in range(fv.rounds):
        for system in SYSTEMS:
            with tempfile.TemporaryDirectory() as directory:
                speeds[system].append(
                    episodes_per_second(
                        system, fv.iterations, fv.block_agents, cores, Path(directory)
                    )
                )
            print(f"round {number + 1}: {system} {speeds[system][-1]:.1f} episodes/s", flush=True)
    medians = {system: statistics.median(values) for system, values in speeds.items()}
    ratios = {system: medians["workers"] / medians[system] for system in SYSTEMS[1:]}
    for system, ratio in ratios.items():
        print(f"two workers against one process, {system}: {ratio:.2f}")
    if fv.output:
        record = {
            **{"block_agents": fv.block_agents, "iterations": fv.iterations, "cores": cores},
            **{"episodes_per_second": speeds, "ratio_of_medians": ratios, "versions": versions()},
        }
        files.write(Path(fv.output), json.dumps(record, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
