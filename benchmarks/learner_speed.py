"""Episodes a second of every learner in the figures, in whole training, each alone.

  python -m benchmarks.learner_speed [--experiment=fig3_n3 ...] [--rounds=5] [--seconds=5]
      [--output=results/benchmarks/learner_speed.json]

Runs of a comparison are trained side by side, on machines that do other work too, so the seconds in
their records compare nothing. Here one learner trains at a time, in its task and with its settings:
rollouts, updates, metrics, a checkpoint at the end of each round; what compiles is left out. All
take turns, and figures are medians. The report divides episodes by these speeds where it shows
minutes.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.trained_run import TrainedRun
from dimapg_tf.experiment import console
from reproduction import learners, plan, steps, tasks

EXPERIMENTS = ("fig3_n3", "fig3_n10", "fig4_3v1", "near", "near_3v1", "variants")
# That figures have curves of; the other variants are left out.
DRAWN = (
    *(tasks.NAVIGATION_3, tasks.NAVIGATION_10, tasks.NEAR_3, tasks.NEAR_10),
    *(tasks.PURSUIT_3V1, tasks.NEAR_3V1),
)


def compared(experiments: Sequence[str] = EXPERIMENTS) -> list[tuple[str, str]]:
    """(task, learner) of all runs that figures draw over minutes."""
    return [run for run in steps.runs_of(experiments) if run[0] in DRAWN]


def config_of(task: str, learner: str) -> Any:
    """As the plan trains it."""
    from dimapg_tf.experiment import flagfiles
    from dimapg_tf.experiment.config import config_from

    planned = learners.LEARNERS[learner]
    return config_from(
        [
            *flagfiles.named("env_config", task),
            *flagfiles.named("algorithm_config", planned.flagfile),
            *(flagfiles.Token(flag, learner) for flag in planned.overrides),
        ]
    )


def measure(runs: list[tuple[str, str]], rounds: int, seconds: float) -> list[dict]:
    """For each (task, learner) its name and the episodes a second of each round."""
    with tempfile.TemporaryDirectory() as directory:
        trained = []
        for task, learner in runs:
            run = TrainedRun(config_of(task, learner), Path(directory) / task / learner)
            trained.append((run, max(1, round(seconds * run.compile()))))
        speeds: list[list[float]] = [[] for _ in runs]
        for _ in range(rounds):
            for (run, episodes), of_run in zip(trained, speeds):
                of_run.append(run.train(episodes))
    return [
        {"task": task, "learner": learner, "episodes_per_second": of_run}
        for (task, learner), of_run in zip(runs, speeds)
    ]


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    import numpy as np
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv, every = flags.FlagValues(), list(EXPERIMENTS)
    flags.DEFINE_multi_enum("experiment", every, list(plan.EXPERIMENTS), "whose", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "of each learner", lower_bound=1, flag_values=fv)
    flags.DEFINE_float(
        "seconds", 5.0, "of a round, at the least an iteration", lower_bound=0.0, flag_values=fv
    )
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()
    records = measure(compared(fv.experiment), fv.rounds, fv.seconds)
    for record in records:
        speed = np.median(record["episodes_per_second"])
        print(f"{record['task']}, {record['learner']}: {speed:.1f} episodes/s")
    if fv.output:
        text = json.dumps({"records": records, "versions": versions()}, indent=2)
        files.write(Path(fv.output), text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
