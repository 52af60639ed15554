"""Keep a run: python -m dimapg_tf.keep RUN_DIR DESTINATION."""

import sys

from dimapg_tf.experiment import console

USAGE = """Copy what is worth keeping of a run: flags, versions, metrics, evaluation and policies.

  python -m dimapg_tf.keep RUN_DIR DESTINATION

What only training needs, such as a replay, stays behind: a record can be evaluated, not resumed."""


def main(argv: list[str]) -> int:
    """Make a record from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.types import ConfigurationError

    left = parse(flags.FlagValues(), argv, USAGE)
    if left is None:
        return 0
    if len(left) != 2:
        raise ConfigurationError(f"a run and a destination are needed, {len(left)} were given")
    console.prepare_tensorflow()
    from dimapg_tf.experiment import keeping

    print(f"the record is in {keeping.keep(*left).path}")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
