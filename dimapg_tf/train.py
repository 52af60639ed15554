"""Train DiMA-PG: python -m dimapg_tf.train --env_config=... --logdir=DIR."""

import sys

from dimapg_tf.experiment import console

USAGE = """Train DiMA-PG.

  python -m dimapg_tf.train --env_config=cooperative_navigation_3 \\
      --algorithm_config=dimapg --seed=1 --logdir=runs/my_run"""


def main(argv: list[str]) -> int:
    """Train from command-line arguments; returns the exit code."""
    from dimapg_tf.experiment import training_script

    return training_script.main(argv, "dimapg", USAGE)


def run() -> int:
    """The console script dimapg-train."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
