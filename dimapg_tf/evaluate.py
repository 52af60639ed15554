"""Evaluate a run: python -m dimapg_tf.evaluate RUN_DIR [--episodes 100]."""

import sys

from dimapg_tf.experiment import console

USAGE = """Evaluate the policy of a run beside scripted policies on the same episodes.

  python -m dimapg_tf.evaluate RUN_DIR [--episodes 100] [--seed 0]

Prints a table and writes RUN_DIR/evaluation.json."""


def main(argv: list[str]) -> int:
    """Evaluate from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.run import Run
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_integer("episodes", 100, "episodes for each policy", flag_values=fv)
    flags.DEFINE_bool("trust_module", False, "import an environment's module", flag_values=fv)
    flags.DEFINE_integer("seed", 0, "of the episodes; no training seed draws them", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 1:
        raise ConfigurationError(f"one run directory is needed, {len(left)} were given")
    trained = Run(left[0], trust=fv.trust_module)
    rows = trained.evaluate(fv.episodes, fv.seed)

    from dimapg_tf.experiment import evaluation

    print(evaluation.table(rows))
    print(f"written to {trained.directory.evaluation}")
    return 0


def run() -> int:
    """The console script dimapg-evaluate."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
