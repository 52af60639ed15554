"""Train MADDPG: python -m baselines.maddpg.train --flagfile=... --logdir=DIR."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train MADDPG.

  python -m baselines.maddpg.train --flagfile=configs/env/cooperative_navigation_3.flags \\
      --flagfile=configs/algorithm/maddpg.flags --seed=1 --logdir=runs/my_run"""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from baselines.maddpg.learner import MADDPG
    from baselines.maddpg.settings import Settings
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "maddpg", Settings, MADDPG, USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
