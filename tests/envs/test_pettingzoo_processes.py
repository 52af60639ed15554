"""Worlds in worker processes: bit for bit those of this process, and failures told as here."""

import os
import signal
import threading

import numpy as np
import pytest
from magent2.environments import battle_v4
from mpe2 import simple_reference_v3, simple_spread_v3
from pettingzoo.sisl import pursuit_v5
from worlds_of_users import MASKED, Tiny, see_masked

from dimapg_tf import seeds
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.types import ConfigurationError, WorldError
from dimapg_tf.workers import WorkerDeath


class Masked(Tiny):
    """Tiny with an action mask."""

    def __init__(self):
        super().__init__(observed=MASKED)

    see = see_masked


class Failing(Tiny):
    """Its third step in world 1 goes wrong, as `how` says; other worlds go on."""

    def __init__(self, how):
        super().__init__()
        self.how, self.mine = how, False

    def reset(self, seed=None, options=None):
        self.mine = seed == seeds.derive(0, 1)
        return super().reset(seed)

    def step(self, actions):
        if self.mine and self.time == 2:
            if self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.how == "exit":
                raise SystemExit(0)
            raise ZeroDivisionError("the user's own mistake")
        return super().step(actions)


def played(env, num_worlds, episodes=2):
    """Everything that was seen, earned and lived through in random play, in order."""
    history = []
    for episode in range(episodes):
        _, seen = env.reset(episode, num_worlds)
        history += [seen, env.present]
        noise = seeds.action_noise(env.spec, episode, num_worlds)
        for t in range(env.spec.horizon):
            actions = {
                name: env.players["random"](name, seen[name], (), noise[name][t])
                for name in env.spec.populations
            }
            _, seen, rewards, alive = env.step((), actions)
            history += [seen, rewards, alive]
    return history


def spread():
    return simple_spread_v3.parallel_env(N=2, max_cycles=4, continuous_actions=True)


def reference():
    return simple_reference_v3.parallel_env(max_cycles=4)


def pursuit():
    return pursuit_v5.parallel_env(max_cycles=4)


def battle():
    return battle_v4.parallel_env(map_size=12, max_cycles=4)


OURS = (Masked, lambda: Tiny(agents=["a", "b_1"]))
OF_OTHERS = (spread, reference, pursuit, battle)


@pytest.mark.parametrize("factory", [*OURS, *OF_OTHERS])
def test_bit_equal_to_serial(factory):
    serial = PettingZooEnv(factory, 6)
    spread_out = PettingZooEnv(factory, 6, world_processes=2)
    for num_worlds in (5, 3):
        expected, got = played(serial, num_worlds), played(spread_out, num_worlds)
        for mine, theirs in zip(expected, got, strict=True):
            assert list(mine) == list(theirs)
            for name in mine:
                np.testing.assert_array_equal(mine[name], theirs[name])


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ("raise", WorldError, "step 3: ZeroDivisionError: the user's own mistake"),
        ("exit", WorldError, r"step 3: the environment ended the process \(sys.exit\(0\)\)"),
        ("kill", WorkerDeath, "signal 9|SIGKILL"),
    ],
)
def test_failures_are_told_as_in_this_process(how, error, said):
    env = PettingZooEnv(lambda: Failing(how), 6, "my_world", world_processes=2)
    with pytest.raises(error, match=said) as raised:
        played(env, 4)
    if how == "raise":
        assert "in step" in raised.value.details
        assert "dimapg_tf/" not in raised.value.details


def test_no_file_is_left(tmp_path, monkeypatch):
    from dimapg_tf.envs.pettingzoo import processes

    monkeypatch.setattr(processes, "MEMORY", tmp_path)
    env = PettingZooEnv(Tiny, 6, world_processes=2)
    env.reset(0, 3)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_sent():
    held = threading.Lock()

    def factory():
        with held:
            return Tiny()

    with pytest.raises(ConfigurationError, match="cannot be sent to other processes"):
        PettingZooEnv(factory, 6, world_processes=2).reset(0, 2)
