"""Train TRPO-Kitchensink: python -m baselines.trpo_kitchensink.train --flagfile=..."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train TRPO-Kitchensink, a centralised learner over joint observations and actions.

  python -m baselines.trpo_kitchensink.train \\
      --flagfile=configs/env/cooperative_navigation_3.flags \\
      --flagfile=configs/algorithm/trpo_kitchensink.flags --seed=1 --logdir=runs/my_run"""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from baselines.trpo_kitchensink.learner import TRPOKitchensink
    from baselines.trpo_kitchensink.settings import Settings
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "trpo_kitchensink", Settings, TRPOKitchensink, USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
