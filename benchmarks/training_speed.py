"""Episodes a second: DiMA-PG's whole training against mpe2's bare stepping, in one process.

  python benchmarks/training_speed.py [--num_agents=3 ...] [--rounds=5] [--output=FILE.json]

mpe2 steps `simple_spread` with random actions and no policy, one world, one process. Training is
everything that a run does: rollouts, adaptation, meta-gradient, trust region, metrics, checkpoints;
only the first iteration, which compiles, is left out. Both are measured in turn, several times, and
the ratio is that of their medians.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from dimapg_tf.experiment import console

CONFIGS = Path(__file__).parents[1] / "configs"
HORIZON = 200


def mpe2_episodes_per_second(num_agents: int, seconds: float) -> float:
    """Bare stepping of simple_spread with random actions, for about so many seconds."""
    import numpy as np
    from mpe2 import simple_spread_v3

    env = simple_spread_v3.parallel_env(N=num_agents, max_cycles=10**9)
    env.reset(seed=0)
    generator = np.random.default_rng(0)
    actions = generator.integers(0, 5, (HORIZON, num_agents)).tolist()
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for row in actions:
            env.step(dict(zip(env.agents, row)))
        steps += HORIZON
    return steps / HORIZON / (time.perf_counter() - started)


class TrainingRun:
    """A DiMA-PG run with the default flagfiles, trained a piece at a time."""

    def __init__(self, num_agents: int, directory: Path):
        from absl import flags

        from dimapg_tf.algorithm.dimapg import DiMAPG
        from dimapg_tf.algorithm.settings import Settings
        from dimapg_tf.envs import make_env
        from dimapg_tf.experiment import flags as run_flags
        from dimapg_tf.experiment.checkpoint import Checkpoints
        from dimapg_tf.experiment.run_directory import RunDirectory

        fv = flags.FlagValues()
        run_flags.define_environment(fv)
        run_flags.define_settings(Settings, fv)
        fv(
            [
                "",
                f"--flagfile={CONFIGS}/env/cooperative_navigation_{num_agents}.flags",
                f"--flagfile={CONFIGS}/algorithm/dimapg_trpo.flags",
            ]
        )
        self.env = make_env(fv.env, **run_flags.environment_settings(fv))
        self.learner = DiMAPG(self.env, run_flags.make_settings(Settings, fv), seed=1)
        self.directory = RunDirectory(directory)
        self.directory.describe([])
        self.checkpoints = Checkpoints(self.directory.checkpoints, self.learner)

    def episodes_per_second(self, iterations: int) -> float:
        """Train for some more iterations, all included."""
        from dimapg_tf.experiment import loop

        done = int(self.checkpoints.progress.episodes)
        budget = done + iterations * self.learner.episodes_per_iteration
        started = time.perf_counter()
        loop.train(self.learner, self.env, self.directory, self.checkpoints, budget, 10)
        trained = int(self.checkpoints.progress.episodes) - done
        return trained / (time.perf_counter() - started)


def measure(num_agents: int, rounds: int, iterations: int) -> dict:
    """Both speeds in turn, `rounds` times; their medians and the ratio."""
    import numpy as np

    with tempfile.TemporaryDirectory() as directory:
        run = TrainingRun(num_agents, Path(directory))
        run.episodes_per_second(1)
        theirs, ours = [], []
        for _ in range(rounds):
            theirs.append(mpe2_episodes_per_second(num_agents, 5.0))
            ours.append(run.episodes_per_second(iterations))
    return {
        "num_agents": num_agents,
        "mpe2_episodes_per_second": theirs,
        "training_episodes_per_second": ours,
        "ratio_of_medians": float(np.median(ours) / np.median(theirs)),
    }


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    import numpy as np
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.run_directory import versions, write_atomically

    fv = flags.FlagValues()
    flags.DEFINE_multi_integer("num_agents", [3, 10], "3, 10, or both", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "measurements of each", flag_values=fv)
    flags.DEFINE_integer("iterations", 20, "of training in a round", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    records = [measure(n, fv.rounds, fv.iterations) for n in fv.num_agents]
    for record in records:
        ours = np.median(record["training_episodes_per_second"])
        ratio = record["ratio_of_medians"]
        n = record["num_agents"]
        print(f"N = {n}: training {ours:.0f} episodes/s, {ratio:.0f} times mpe2's bare stepping")
    if fv.output:
        text = json.dumps({"records": records, "versions": versions()}, indent=2)
        write_atomically(Path(fv.output), text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
