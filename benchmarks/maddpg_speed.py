"""MADDPG's speed: time steps of a world a second in whole training, beside BenchMARL's MADDPG.

  python benchmarks/maddpg_speed.py [--num_agents=3] [--rounds=5] [--peer_python=PYTHON]
                                    [--output=FILE.json]

simple_spread with 25 steps an episode; separate networks of 2 x 64 units, batches of 1024, one
update of every agent for 100 steps on both sides, the original's ratio. Training is everything that
a run does: rollouts, replay, updates, metrics, checkpoints. What compiles is left out.

The peer runs in an environment of its own (its packages are none of ours):

  python -m venv /tmp/peer && /tmp/peer/bin/pip install torch benchmarl vmas
  python benchmarks/maddpg_speed.py --peer_python=/tmp/peer/bin/python

It steps its own worlds (VMAS) with the same number of agents, 60 side by side, and acts
continuously, as its MADDPG does; evaluation, rendering and loggers are off. Both sides are measured
in turn, several times, and the ratio is that of their medians.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dimapg_tf.experiment import console

PEER = Path(__file__).with_name("maddpg_speed_peer.py")


class TrainingRun:
    """A run with the default flagfiles, trained a piece at a time."""

    def __init__(self, num_agents: int, directory: Path):
        from dimapg_tf.experiment.checkpoint import Checkpoints
        from dimapg_tf.experiment.config import load_config
        from dimapg_tf.experiment.run_directory import RunDirectory

        config = load_config("simple_spread", "maddpg", num_agents=num_agents)
        self.env = config.make_env()
        self.learner = config.make_learner(self.env)
        self.directory = RunDirectory(directory)
        self.directory.describe(config)
        self.checkpoints = Checkpoints(self.directory.checkpoints, self.learner)

    def steps_per_second(self, episodes: int) -> float:
        """Train for some more episodes, all included; a checkpoint is written at the end."""
        from dimapg_tf.experiment import loop

        progress = self.checkpoints.progress
        before = int(progress.env_steps)
        budget = int(progress.episodes) + episodes
        started = time.perf_counter()
        loop.train(self.learner, self.env, self.directory, self.checkpoints, budget, 100)
        return (int(progress.env_steps) - before) / (time.perf_counter() - started)


def peer_steps_per_second(python: str, num_agents: int) -> float:
    """BenchMARL's speed, measured by its own Python in a process of its own."""
    done = subprocess.run(
        [python, str(PEER), str(num_agents)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])["env_steps_per_second"]


def measure(num_agents: int, rounds: int, episodes: int, peer_python: str | None) -> dict:
    """Both speeds in turn, `rounds` times; their medians and the ratio."""
    import numpy as np

    with tempfile.TemporaryDirectory() as directory:
        run = TrainingRun(num_agents, Path(directory))
        run.steps_per_second(1500)  # fills the replay beyond the start of learning, and compiles
        theirs, ours = [], []
        for _ in range(rounds):
            if peer_python:
                theirs.append(peer_steps_per_second(peer_python, num_agents))
            ours.append(run.steps_per_second(episodes))
    record = {"num_agents": num_agents, "env_steps_per_second": ours}
    if peer_python:
        ratio = float(np.median(ours) / np.median(theirs))
        record.update(benchmarl_env_steps_per_second=theirs, ratio_of_medians=ratio)
    return record


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    import numpy as np
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv = flags.FlagValues()
    flags.DEFINE_integer("num_agents", 3, "agents", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "measurements of each", flag_values=fv)
    flags.DEFINE_integer("episodes", 1000, "of training in a round", flag_values=fv)
    flags.DEFINE_string("peer_python", None, "Python that has benchmarl", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()
    record = measure(fv.num_agents, fv.rounds, fv.episodes, fv.peer_python)
    print(f"N = {fv.num_agents}: {np.median(record['env_steps_per_second']):.0f} steps/s")
    if fv.peer_python:
        theirs = np.median(record["benchmarl_env_steps_per_second"])
        print(f"BenchMARL: {theirs:.0f} steps/s; {record['ratio_of_medians']:.1f} times as fast")
    if fv.output:
        text = json.dumps({**record, "versions": versions()}, indent=2)
        files.write(Path(fv.output), text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
