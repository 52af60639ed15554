"""One training of a sweep: of whatever learner its flags name; goes on where it was stopped."""

import sys

from dimapg_tf.experiment import console, training_script


def main(argv: list[str]) -> int:
    """Train from command-line arguments, as the training script of the learner; the exit code."""
    return training_script.train(*training_script.read_command_line(argv))


if __name__ == "__main__":
    sys.exit(console.run(main))
