"""Players that are no parameters are stepped by one program, and play what eager steps play."""

import numpy as np

from dimapg_tf.envs import make_env
from dimapg_tf.rollouts import compiled_steps
from dimapg_tf.rollouts.collect import steps_of_players
from dimapg_tf.rollouts.host import host_steps

WORLDS, SEED = 2, 5


def still(_name, observations, _state, _noise):
    return np.zeros(observations.shape[:2], np.int32)


def pairings(env):
    """Integers of either length, scripted and constant."""
    predators, prey = env.players_of.values()
    return [
        {"predators": predators["greedy"], "prey": prey["fleeing"]},
        {"predators": predators["intercepting"], "prey": still},
        {"predators": still, "prey": prey["random"]},
    ]


def test_steps_are_those_of_the_environment_and_share_a_program():
    env = make_env("predator_prey", horizon=4)
    before = compiled_steps._step.experimental_get_tracing_count()
    for players in pairings(env):
        fast = list(steps_of_players(env, players, SEED, WORLDS))
        assert len(fast) == 1 + env.spec.horizon
        slow = host_steps(env, lambda n, *a, p=players: (p[n](n, *a), None), SEED, WORLDS)
        for (_, rewards, alive, state), (_, *expected) in zip(fast, slow):
            for name, values in rewards.items():
                np.testing.assert_allclose(values, expected[0][name], atol=1e-5)
                np.testing.assert_array_equal(alive[name], expected[1][name])
            np.testing.assert_allclose(state.positions, expected[2].positions, atol=1e-5)
    assert compiled_steps._step.experimental_get_tracing_count() - before == 1
