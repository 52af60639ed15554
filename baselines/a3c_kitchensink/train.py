"""Train A3C-Kitchensink: python -m baselines.a3c_kitchensink.train --flagfile=..."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train A3C-Kitchensink, a centralised learner over joint observations and actions.

  python -m baselines.a3c_kitchensink.train \\
      --flagfile=configs/env/cooperative_navigation_3.flags \\
      --flagfile=configs/algorithm/a3c_kitchensink.flags --seed=1 --logdir=runs/my_run"""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from baselines.a3c_kitchensink.learner import A3CKitchensink
    from baselines.a3c_kitchensink.settings import Settings
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "a3c_kitchensink", Settings, A3CKitchensink, USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
