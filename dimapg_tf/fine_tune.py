"""Train the Fine-tune row of Table 1: python -m dimapg_tf.fine_tune --logdir=DIR."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train one agent among others that keep the initial policy (Fine Tune in Table 1).

  python -m dimapg_tf.fine_tune --env_config=cooperative_navigation_3 \\
      --algorithm_config=fine_tune --seed=1 --logdir=runs/my_run

An evaluation of the run lets everybody follow the policy that came of it."""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "fine_tune", USAGE)


if __name__ == "__main__":
    sys.exit(console.run(main))
