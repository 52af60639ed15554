"""Evaluate a run: python -m dimapg_tf.evaluate RUN_DIR [--episodes 100]."""

import sys

from dimapg_tf.experiment import console

USAGE = """Evaluate the policy of a run beside scripted policies on the same episodes.

  python -m dimapg_tf.evaluate RUN_DIR [--episodes 100] [--seed 0] [--num_agents=100 ...]

Prints a table and writes RUN_DIR/evaluation.json. Settings of the environment, such as
--num_agents, say in which other one to play; then it is RUN_DIR/num_agents_100/evaluation.json."""


def main(argv: list[str]) -> int:
    """Evaluate from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import elsewhere
    from dimapg_tf.experiment.flags import given, parse
    from dimapg_tf.experiment.run import Run

    fv = flags.FlagValues()
    flags.DEFINE_integer("episodes", 100, "episodes for each policy", flag_values=fv)
    flags.DEFINE_bool("trust_module", False, "import an environment's module", flag_values=fv)
    flags.DEFINE_integer("seed", 0, "of the episodes; no training seed draws them", flag_values=fv)
    left = parse(fv, argv, USAGE, others=True)
    if left is None:
        return 0
    path, texts = elsewhere.one_run(left)
    trained = Run(path, trust=fv.trust_module)
    settings = given(trained.config.env, texts)
    rows = trained.evaluate(fv.episodes, fv.seed, **settings)

    from dimapg_tf.experiment import evaluation

    print(evaluation.table(rows))
    print(f"written to {trained.kept(**settings) / trained.directory.evaluation.name}")
    return 0


def run() -> int:
    """The console script dimapg-evaluate."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
