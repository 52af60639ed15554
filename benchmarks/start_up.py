"""Seconds from a command to its end where there is little to compute: what a user waits for.

  python benchmarks/start_up.py [--task=cooperative_navigation_3 ...] [--rounds=5] [--output=FILE]

Of each task, in turn and several times: training that ends after its first iteration, with an empty
cache of compiled programs and again with what the first has left there; evaluation of 100 episodes
with all reference players, twice; a picture, twice; and of tasks with two populations cross-play of
six runs and the scripted players. Beside them `import tensorflow`. Medians are printed, also as
multiples of the import.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dimapg_tf.experiment import console

ROOT = Path(__file__).resolve().parents[1]
TASKS = {
    "cooperative_navigation_3": "dimapg",
    "cooperative_navigation_3_near": "dimapg_set",
    "predator_prey_3v1": "dimapg_reinforce_predator_prey",
    "predator_prey_12v4": "dimapg_reinforce_predator_prey_12v4",
}
OF_TWO_POPULATIONS = ("predator_prey_3v1", "predator_prey_12v4")
CONTESTANTS = 6
IMPORT = "import tensorflow"


def seconds(*arguments: str) -> float:
    """How long this Python command takes; raises CalledProcessError where it fails."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - started


def measure(task: str, directory: Path, crossplay: bool) -> dict[str, float]:
    """One round of a task: {what: seconds}; the directory is empty and holds all that is left."""
    cache = f"--xla_cache={directory / 'cache'}"

    def script(name: str, *arguments: str) -> float:
        return seconds("-m", f"dimapg_tf.{name}", *arguments, cache)

    def train(name: str, seed: int = 1) -> float:
        flags = (f"--env_config={task}", f"--algorithm_config={TASKS[task]}", "--episodes=1")
        return script("train", *flags, f"--seed={seed}", f"--logdir={directory / name}")

    run = str(directory / "first")
    took = {"train, first start": train("first"), "train, second start": train("second")}
    for name, arguments in (("evaluate", [run, "--episodes=100"]), ("render", [run])):
        took[f"{name}, first start"] = script(name, *arguments)
        took[f"{name}, second start"] = script(name, *arguments)
    if crossplay and task in OF_TWO_POPULATIONS:
        runs = [run, str(directory / "second")]
        for seed in range(2, CONTESTANTS):
            runs.append(str(directory / f"seed_{seed}"))
            train(f"seed_{seed}", seed)
        output = f"--output={directory / 'crossplay'}"
        took[f"crossplay of {CONTESTANTS} runs"] = script("crossplay", *runs, output)
    return took


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv = flags.FlagValues()
    flags.DEFINE_multi_enum("task", list(TASKS), list(TASKS), "one or more", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "measurements of each", flag_values=fv)
    flags.DEFINE_bool("crossplay", True, "of two populations", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    imports: list[float] = []
    records: dict[str, dict[str, list[float]]] = {task: {} for task in fv.task}
    for _ in range(fv.rounds):
        imports.append(seconds("-c", IMPORT))
        for task in fv.task:
            directory = Path(tempfile.mkdtemp())
            try:
                for what, took in measure(task, directory, fv.crossplay).items():
                    records[task].setdefault(what, []).append(took)
            finally:
                shutil.rmtree(directory)
    unit = statistics.median(imports)
    print(f"{IMPORT}: {unit:.1f} s")
    for task, record in records.items():
        for what, values in record.items():
            median = statistics.median(values)
            print(f"{task}: {what}: {median:.1f} s, {median / unit:.1f} imports")
    if fv.output:
        record = {"import": imports, "records": records, "versions": versions()}
        files.write(Path(fv.output), json.dumps(record, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
