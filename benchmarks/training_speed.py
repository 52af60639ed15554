"""World steps a second: DiMA-PG's whole training against mpe2's bare stepping, in one process.

  python -m benchmarks.training_speed [--task=cooperative_navigation_3 ...] [--rounds=5]
      [--output=FILE.json]

mpe2 steps `simple_spread` or `simple_tag` with random actions, no policy, one world, one process.
Training is everything that a run does with the flagfiles of that task: rollouts, adaptation,
meta-gradient, central update, metrics, checkpoints; only the first iteration, which compiles, is
left out. Both are measured in turn, several times, and the ratio is that of their medians.
"""

import importlib
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.record import write_record
from benchmarks.trained_run import TrainedRun
from dimapg_tf.experiment import console

HORIZON = 200
# The flagfile in configs/env, that in configs/algorithm, and mpe2's environment with its arguments.
TASKS = {
    "cooperative_navigation_3": ("dimapg_trpo", "simple_spread_v3", {"N": 3}),
    "cooperative_navigation_10": ("dimapg_trpo", "simple_spread_v3", {"N": 10}),
    "predator_prey_3v1": (
        "dimapg_reinforce_predator_prey",
        "simple_tag_v3",
        {"num_adversaries": 3, "num_good": 1},
    ),
    "predator_prey_12v4": (
        "dimapg_reinforce_predator_prey_12v4",
        "simple_tag_v3",
        {"num_adversaries": 12, "num_good": 4},
    ),
}


def mpe2_steps_per_second(task: str, seconds: float) -> float:
    """Bare stepping with random actions, for about so many seconds."""
    import numpy as np

    _, module, arguments = TASKS[task]
    env = importlib.import_module(f"mpe2.{module}").parallel_env(max_cycles=10**9, **arguments)
    env.reset(seed=0)
    generator = np.random.default_rng(0)
    actions = generator.integers(0, 5, (HORIZON, len(env.agents))).tolist()
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for row in actions:
            env.step(dict(zip(env.agents, row)))
        steps += HORIZON
    return steps / (time.perf_counter() - started)


def measure(task: str, rounds: int, iterations: int) -> dict:
    """Both speeds in turn, `rounds` times; their medians and the ratio."""
    import numpy as np

    from dimapg_tf.experiment.config import load_config

    with tempfile.TemporaryDirectory() as directory:
        run = TrainedRun(load_config(task, TASKS[task][0]), Path(directory), checkpoint_every=10)
        run.train(1)
        theirs, ours = [], []
        for _ in range(rounds):
            theirs.append(mpe2_steps_per_second(task, 5.0))
            ours.append(HORIZON * run.train(iterations * run.learner.episodes_per_iteration))
    return {
        "task": task,
        "mpe2_steps_per_second": theirs,
        "training_steps_per_second": ours,
        "training_episodes_per_second": float(np.median(ours)) / HORIZON,
        "ratio_of_medians": float(np.median(ours) / np.median(theirs)),
    }


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    import numpy as np
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_multi_enum("task", list(TASKS), list(TASKS), "one or more", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "measurements of each", flag_values=fv)
    flags.DEFINE_integer("iterations", 20, "of training in a round", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()
    records = [measure(task, fv.rounds, fv.iterations) for task in fv.task]
    for record in records:
        steps = np.median(record["training_steps_per_second"])
        print(
            f"{record['task']}: training {steps:,.0f} world steps/s, "
            f"{steps / HORIZON:.0f} episodes/s, "
            f"{record['ratio_of_medians']:.0f} times mpe2's bare stepping"
        )
    write_record(fv.output, {"records": records})
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
