"""Evaluate a run: python -m dimapg_tf.evaluate RUN_DIR [--episodes 100]."""

import json
import sys

from dimapg_tf.experiment import console

USAGE = """Evaluate the policy of a run beside scripted policies on the same episodes.

  python -m dimapg_tf.evaluate RUN_DIR [--episodes 100] [--seed 0]

Prints a table and writes RUN_DIR/evaluation.json."""

THETA, GREEDY, ADAPTED = "theta", "theta_greedy", "theta_n"


def main(argv: list[str]) -> int:
    """Evaluate from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks, policy
    from dimapg_tf.experiment import evaluation, scripted
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.policies import load_policy
    from dimapg_tf.experiment.run_directory import RunDirectory, write_atomically
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_integer("episodes", 100, "episodes for each policy", flag_values=fv)
    flags.DEFINE_integer("seed", 0, "of the episodes; no training seed draws them", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 1:
        raise ConfigurationError(f"one run directory is needed, {len(left)} were given")
    checks.at_least("episodes", fv.episodes, 1)
    checks.at_least("seed", fv.seed, 0)

    trained = load_policy(left[0])
    directory = RunDirectory(left[0])
    rows = {THETA: evaluation.evaluate_thetas(trained.env, trained.thetas, fv.seed, fv.episodes)}
    greedy = {name: policy.greedy(theta) for name, theta in trained.thetas.items()}
    rows[GREEDY] = evaluation.evaluate_thetas(trained.env, greedy, fv.seed, fv.episodes)
    adapted = adapted_thetas(directory, trained, fv.seed)
    if adapted is not None:
        rows[ADAPTED] = evaluation.evaluate_thetas(trained.env, adapted, fv.seed, fv.episodes)
    for name, choose in scripted.policies(trained.env).items():
        rows[name] = evaluation.evaluate_scripted(trained.env, choose, fv.seed, fv.episodes)

    print(evaluation.table(rows))
    record = {"episodes": fv.episodes, "seed": fv.seed, **rows}
    write_atomically(directory.evaluation, json.dumps(record, indent=2) + "\n")
    print(f"written to {directory.evaluation}")
    return 0


def adapted_thetas(directory, trained, seed: int):
    """θ_n of every agent of a DiMA-PG run, adapted from its θ (Table 1, row 2); else None.

    Reading of the paper: all agents play with their own θ_n at once.
    """
    from dimapg_tf.algorithm.dimapg import DiMAPG
    from dimapg_tf.algorithm.settings import Settings
    from dimapg_tf.experiment.flags import algorithm_of, settings_of_run

    if algorithm_of(directory.flags) != "dimapg":
        return None
    settings = settings_of_run(Settings, directory.flags)
    if settings.meta_gradient == "none":
        return None
    learner = DiMAPG(trained.env, settings, seed)
    learner.assign(trained.thetas)
    return {name: learner.adapted(name, seed) for name in trained.thetas}


def run() -> int:
    """The console script dimapg-evaluate."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
