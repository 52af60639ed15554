"""Evaluate a run: python -m dimapg_tf.evaluate RUN_DIR [--episodes 100]."""

import json
import sys

from dimapg_tf.experiment import console

USAGE = """Evaluate the policy of a run beside scripted policies on the same episodes.

  python -m dimapg_tf.evaluate RUN_DIR [--episodes 100] [--seed 0]

Prints a table and writes RUN_DIR/evaluation.json."""


def main(argv: list[str]) -> int:
    """Evaluate from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks
    from dimapg_tf.experiment import evaluation
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
    rows = evaluate_all(directory, trained, fv.seed, fv.episodes)
    print(evaluation.table(rows))
    record = {"episodes": fv.episodes, "seed": fv.seed, **rows}
    write_atomically(directory.evaluation, json.dumps(record, indent=2) + "\n")
    print(f"written to {directory.evaluation}")
    return 0


def evaluate_all(directory, trained, seed: int, episodes: int) -> dict[str, dict[str, float]]:
    """A row for each policy of the run, each scripted player and, of two populations, each match.

    A row has the three returns and the task's own measures, means over episodes.
    """
    from dimapg_tf.experiment import evaluation
    from dimapg_tf.experiment.flags import algorithm_of, seed_of, settings_of_run
    from dimapg_tf.experiment.learners import learner_kind

    env, rows = trained.env, {}
    if not trained.remembers:
        kind = learner_kind(algorithm_of(directory.flags))
        settings = settings_of_run(kind.part("settings"), directory.flags)
        run_seed = seed_of(directory.flags)
        policies = kind.part("evaluated")(env, settings, run_seed, trained.thetas, seed)
        for name, thetas in policies.items():
            rows[name] = evaluation.evaluate_thetas(env, thetas, seed, episodes)
    else:
        for name, most_probable in {"theta": False, "theta_greedy": True}.items():
            player = trained.player(episodes, most_probable)
            rows[name] = evaluation.evaluate_player(env, player, seed, episodes)
    for name, player in env.players.items():
        rows[name] = evaluation.evaluate_player(env, player, seed, episodes)
    for opponent, players in matches(trained, episodes).items():
        rows[f"theta_against_{opponent}"] = evaluation.evaluate_match(env, players, seed, episodes)
    return rows


def matches(trained, episodes: int) -> dict[str, dict]:
    """Of two populations, the policy in one and a scripted player in the other.

    {"greedy_predators": {population: who decides for it}, ...}.
    """
    populations = trained.env.spec.populations
    if len(populations) == 1:
        return {}
    return {
        f"{name}_{population}": {
            **dict.fromkeys(populations, trained.player(episodes)),
            population: player,
        }
        for population, by_name in trained.env.players_of.items()
        for name, player in by_name.items()
    }


def run() -> int:
    """The console script dimapg-evaluate."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
