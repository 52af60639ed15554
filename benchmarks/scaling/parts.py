"""Seconds and bytes of each part of an iteration in blocks, and of the calls to workers.

  python -m benchmarks.scaling.parts [--case=N ...] [--iterations=8] [--core=0]
      [--output=results/benchmarks/cluster_parts.json]

One process on one core does the work of chief and workers in turn: a worker is a core. Then a chief
leads one and two workers of one core each through the same iterations, and calls that do nothing
are sent to 1 to 8 workers. All samples are kept but those of the first iteration, which compiles.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.scaling.one_case import CASES, learner_of, measure, rounded
from dimapg_tf.experiment import console

IN_CLUSTER = "navigation 10, blocks of 5"
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
CLOCK_HELP = "of the parts; processor time is the better one where others use the core, too"
ECHOES = (1, 2, 4, 8)  # workers
SUMS = (8, 64, 512)  # parts that are added up


def measure_sums(parameters: int, clock: Callable[[], float]) -> dict:
    """Of the chief: adding up so many gradients [2, D] in order, the first time and after it."""
    import numpy as np
    import tensorflow as tf

    from dimapg_tf.algorithm.parts import in_order

    records = []
    for count in SUMS:
        parts = [np.ones([2, parameters], np.float32)] * count
        seconds = []
        for _ in range(6):
            begun = clock()
            in_order([tf.constant(part) for part in parts]).numpy()
            seconds.append(clock() - begun)
        first, *later = rounded(seconds)
        records.append({"parts": count, "first": first, "seconds": later})
    return {"sums": records}


def measure_cluster(workers: int, cores: Sequence[int], iterations: int, log: Path) -> dict:
    """Seconds of whole iterations with so many workers, of IN_CLUSTER."""
    from benchmarks.scaling.echo import cluster
    from dimapg_tf.distributed.cluster import connect

    with cluster(workers, cores, log):
        console.prepare_tensorflow()
        connect()
        _, learner = learner_of(IN_CLUSTER)
        seconds = []
        for iteration in range(3 + iterations):
            begun = time.perf_counter()
            learner.update(iteration)
            seconds.append(time.perf_counter() - begun)
    return {"workers": workers, "case": IN_CLUSTER, "seconds": rounded(seconds[3:])}


def _in_a_process(arguments: Sequence[str], core: int | None, output: Path) -> dict:
    """What a script wrote, run on one core or on all."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    command = [sys.executable, "-m", *arguments, f"--output={output}"]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    os.sched_setaffinity(0, before)
    return json.loads(output.read_text(encoding="utf-8"))


def _text(record: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON with a line for each case: short, and its differences can be read."""
    if not isinstance(record, dict):
        return json.dumps(record) + "\n"
    lines = []
    for name, value in record.items():
        text = json.dumps(value)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n" + ",\n".join(f"  {json.dumps(entry)}" for entry in value) + "\n ]"
        lines.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(argv: list[str]) -> int:
    """Measure and write; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv = flags.FlagValues()
    flags.DEFINE_multi_enum("case", list(CASES), list(CASES), "one or more", flag_values=fv)
    flags.DEFINE_integer("iterations", 8, "that count, of each", flag_values=fv)
    flags.DEFINE_integer("core", 0, "that works", flag_values=fv)
    flags.DEFINE_string("machine", "quiet", "quiet, or what else it does", flag_values=fv)
    flags.DEFINE_enum("clock", "wall", list(CLOCKS), CLOCK_HELP, flag_values=fv)
    flags.DEFINE_enum("what", "all", ["all", "case", "sums", "cluster"], "a part", flag_values=fv)
    flags.DEFINE_integer("workers", 1, "of --what=cluster", flag_values=fv)
    flags.DEFINE_string("output", "cluster_parts.json", "JSON file", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    output, me = Path(fv.output), "benchmarks.scaling.parts"
    if fv.what == "cluster":
        cores = sorted(os.sched_getaffinity(0))
        record = measure_cluster(fv.workers, cores, fv.iterations, output.with_suffix(".log"))
    elif fv.what == "case":
        console.prepare_tensorflow()
        record = measure(fv.case[0], fv.iterations, CLOCKS[fv.clock])
    elif fv.what == "sums":
        console.prepare_tensorflow()
        record = measure_sums(15_000, CLOCKS[fv.clock])
    else:
        record = {"machine": fv.machine, "clock": fv.clock, "versions": versions()}
        some = (f"--iterations={fv.iterations}", f"--clock={fv.clock}")
        ones = {
            "cases": [((me, "--what=case", f"--case={c}", *some), fv.core) for c in fv.case],
            "sums": [((me, "--what=sums", *some), fv.core)],
            "cluster": [((me, "--what=cluster", f"--workers={n}", *some), None) for n in (1, 2)],
            "echo": [(("benchmarks.scaling.echo", f"--workers={n}"), None) for n in ECHOES],
        }
        with tempfile.TemporaryDirectory() as directory:
            for name, commands in ones.items():
                record[name] = []
                for arguments, core in commands:
                    record[name].append(_in_a_process(arguments, core, Path(directory) / "part"))
                    files.write(output, _text(record))
                    print(*arguments[1:], flush=True)
        return 0
    files.write(output, _text(record))
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
