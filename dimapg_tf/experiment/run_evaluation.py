"""The evaluation of a run: its policies beside scripted players, all on the same episodes."""

from dimapg_tf.experiment import evaluation
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.policies import Policy, theta_and_greedy


def evaluate_run(
    config: Config, trained: Policy, seed: int, episodes: int, elsewhere: bool = False
) -> dict[str, dict[str, float]]:
    """A row for each policy of the run, each scripted player and, of two populations, each match.

    A row has the three returns and the task's own measures, means over episodes, and the normalised
    return where the task has a reference.

    elsewhere: whether the environment is not that of training; the learner's own policies, such as
      those after adaptation, are then left out.
    """
    env, rows = trained.env, {}
    if not trained.remembers:
        evaluated = theta_and_greedy if elsewhere else config.kind().part("evaluated")
        policies = evaluated(env, config.settings, config.seed, trained.thetas, seed)
        for name, thetas in policies.items():
            rows[name] = evaluation.evaluate_thetas(env, thetas, seed, episodes)
    else:
        for name, most_probable in {"theta": False, "theta_greedy": True}.items():
            player = trained.player(episodes, most_probable)
            rows[name] = evaluation.evaluate_player(env, player, seed, episodes)
    for name, player in env.players.items():
        rows[name] = evaluation.evaluate_player(env, player, seed, episodes)
    evaluation.normalise(env, rows)
    for opponent, players in matches(trained, episodes).items():
        rows[f"theta_against_{opponent}"] = evaluation.evaluate_match(env, players, seed, episodes)
    return rows


def matches(trained: Policy, episodes: int) -> dict[str, dict]:
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
