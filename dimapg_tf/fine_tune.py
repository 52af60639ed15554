"""Train the Fine-tune row of Table 1: python -m dimapg_tf.fine_tune --flagfile=... --logdir=DIR."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train one agent among others that keep the initial policy (Fine Tune in Table 1).

  python -m dimapg_tf.fine_tune --flagfile=configs/env/cooperative_navigation_3.flags \\
      --flagfile=configs/algorithm/fine_tune.flags --seed=1 --logdir=runs/my_run

An evaluation of the run lets everybody follow the policy that came of it."""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from dimapg_tf.algorithm.single_agent import FineTune, Settings
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "fine_tune", Settings, FineTune, USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
