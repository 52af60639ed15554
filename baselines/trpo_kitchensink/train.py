"""Train TRPO-Kitchensink: python -m baselines.trpo_kitchensink.train --env_config=..."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train TRPO-Kitchensink, a centralised learner over joint observations and actions.

  python -m baselines.trpo_kitchensink.train \\
      --env_config=cooperative_navigation_3 \\
      --algorithm_config=trpo_kitchensink --seed=1 --logdir=runs/my_run"""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "trpo_kitchensink", USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
