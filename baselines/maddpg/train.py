"""Train MADDPG: python -m baselines.maddpg.train --env_config=... --logdir=DIR."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train MADDPG.

  python -m baselines.maddpg.train --env_config=cooperative_navigation_3 \\
      --algorithm_config=maddpg --seed=1 --logdir=runs/my_run"""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "maddpg", USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
