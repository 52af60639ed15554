"""Evaluate a run: python -m dimapg_tf.evaluate RUN_DIR [--episodes 100]."""

import json
import sys

from dimapg_tf.experiment import console

USAGE = """Evaluate the policy of a run beside scripted policies on the same episodes.

  python -m dimapg_tf.evaluate RUN_DIR [--episodes 100] [--seed 0]

Prints a table and writes RUN_DIR/evaluation.json."""

THETA, GREEDY, ADAPTED, INITIAL = "theta", "theta_greedy", "theta_n", "theta_initial"


def main(argv: list[str]) -> int:
    """Evaluate from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks
    from dimapg_tf.envs.base import is_game
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
    if is_game(trained.env):
        rows = evaluate_game(directory, trained, fv.seed, fv.episodes)
    else:
        rows = evaluate_worlds(directory, trained, fv.seed, fv.episodes)

    print(evaluation.table(rows))
    record = {"episodes": fv.episodes, "seed": fv.seed, **rows}
    write_atomically(directory.evaluation, json.dumps(record, indent=2) + "\n")
    print(f"written to {directory.evaluation}")
    return 0


def evaluate_worlds(directory, trained, seed: int, num_episodes: int) -> dict:
    """θ, its most probable actions, θ_n, scripted policies, and of two populations the matches."""
    from dimapg_tf.experiment import evaluation, scripted

    env, episodes = trained.env, (seed, num_episodes)
    rows = {}
    for name, thetas in parameters(directory, trained, seed).items():
        rows[name] = evaluation.evaluate_thetas(env, thetas, *episodes)
    if not rows:  # a policy that is more than parameters; what it may remember is still blank
        rows[THETA] = evaluation.evaluate_scripted(env, trained.start(num_episodes), *episodes)
        rows[GREEDY] = evaluation.evaluate_scripted(env, most_probable(trained), *episodes)
    for name, choose in scripted.policies(env).items():
        rows[name] = evaluation.evaluate_scripted(env, choose, *episodes)
    for opponent, choose_of in opponents(trained, num_episodes).items():
        rows[f"{THETA}_against_{opponent}"] = evaluation.evaluate_match(env, choose_of, *episodes)
    return rows


def evaluate_game(directory, trained, seed: int, episodes: int) -> dict[str, dict[str, float]]:
    """The policy before and after training, its most probable actions, and scripted players.

    θ_n is not among them: Algorithm 1 adapts a few sampled agents out of many.
    """
    from dimapg_tf import policy
    from dimapg_tf.experiment.game_evaluation import evaluate_all

    greedy = {name: policy.greedy(theta) for name, theta in trained.thetas.items()}
    policies = {THETA: trained.thetas, GREEDY: greedy}
    initial = initial_thetas(directory, trained)
    if initial is not None:
        policies = {INITIAL: initial, **policies}
    return evaluate_all(trained.env, policies, seed, episodes)


def initial_thetas(directory, trained):
    """θ of every population before the first iteration of a DiMA-PG run; else None."""
    from dimapg_tf.algorithm.dimapg import DiMAPG
    from dimapg_tf.algorithm.settings import Settings
    from dimapg_tf.experiment.flags import algorithm_of, seed_of, settings_of_run

    if algorithm_of(directory.flags) != "dimapg":
        return None
    settings = settings_of_run(Settings, directory.flags)
    learner = DiMAPG(trained.env, settings, seed_of(directory.flags))
    return {name: learner.theta(name) for name in trained.thetas}


def parameters(directory, trained, seed: int) -> dict:
    """What there is of θ, its most probable actions and θ_n: {name: {population: Params}}."""
    from dimapg_tf import policy

    thetas = getattr(trained, "thetas", None)
    if thetas is None:
        return {}
    greedy = {name: policy.greedy(theta) for name, theta in thetas.items()}
    adapted = adapted_thetas(directory, trained, seed)
    named = {THETA: thetas, GREEDY: greedy}
    return named if adapted is None else {**named, ADAPTED: adapted}


def most_probable(trained):
    """The actions that a policy's `act` takes without a seed, as a scripted policy."""

    def choose(name, observations, _state, _noise):
        return trained.act({name: observations})[name]

    return choose


def opponents(trained, episodes: int) -> dict:
    """Of two populations, the policy in one and a scripted policy in the other.

    {"greedy_predators": {population: who decides for it}, ...}.
    """
    from dimapg_tf.experiment import scripted

    populations = trained.env.spec.populations
    if len(populations) == 1:
        return {}
    return {
        f"{name}_{population}": {
            **dict.fromkeys(populations, trained.start(episodes)),
            population: choose,
        }
        for population, by_name in scripted.policies_of(trained.env).items()
        for name, choose in by_name.items()
    }


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
