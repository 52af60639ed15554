"""What every environment must do; called by the test of each."""

import numpy as np


def check_env(env, num_worlds=3, dtype=None):
    """Shapes, determinism and masks of an environment under random actions."""
    options = {} if dtype is None else {"dtype": dtype}

    def play(seed):
        generator = np.random.default_rng(seed)
        state, observations = env.reset(seed, num_worlds, **options)
        seen = [observations]
        for _ in range(3):
            actions = {
                name: generator.integers(0, p.num_actions, (num_worlds, p.num_agents))
                for name, p in env.spec.populations.items()
            }
            state, observations, rewards, alive = env.step(state, actions)
            seen += [observations, rewards, alive]
        return seen

    first, again, other = play(1), play(1), play(2)
    for name, population in env.spec.populations.items():
        for kind, values in enumerate(first):
            array = np.asarray(values[name])
            shape = (num_worlds, population.num_agents)
            if kind == 0 or kind % 3 == 1:
                shape += (population.observation_size,)
            assert array.shape == shape
            assert np.isfinite(array).all()
            np.testing.assert_array_equal(array, np.asarray(again[kind][name]))
            if kind and kind % 3 == 0:
                assert set(np.unique(array)) <= {0.0, 1.0}
        assert not np.array_equal(np.asarray(first[0][name]), np.asarray(other[0][name]))
        worlds = np.asarray(first[0][name])
        assert not np.array_equal(worlds[0], worlds[1]), "worlds of one batch must differ"
    assert set(env.settings) >= {"horizon"}
    assert env.spec.horizon == env.settings["horizon"]
