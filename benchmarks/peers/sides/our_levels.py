"""What scripted players score in simple_spread: the levels that a learner is to reach.

Case: settings of the environment, episodes. Sample: {player: mean return of an agent}.
"""

from benchmarks.peers.sides.serving import serve

PLAYERS = ("random", "nearest", "assignment")
WORLDS = 500  # at once


def prepare(case: dict):
    """The worlds."""
    from dimapg_tf.experiment import console

    console.prepare_tensorflow()
    import numpy as np

    from dimapg_tf.experiment.config import load_config
    from dimapg_tf.rollouts.collect import collect_scripted

    env = load_config("simple_spread", "dimapg", **case["settings"]).make_env()
    (name,) = env.spec.populations
    worlds = min(WORLDS, case["episodes"])

    def level(player: str) -> float:
        return float(
            np.mean(
                [
                    collect_scripted(env, {name: env.players[player]}, seed, worlds)[0][name].mean()
                    for seed in range(case["episodes"] // worlds)
                ]
            )
        )

    return lambda: {player: level(player) for player in PLAYERS}


if __name__ == "__main__":
    serve(prepare)
