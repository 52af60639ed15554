"""An environment of the user's own: any PettingZoo ParallelEnv with discrete actions."""

import sys

import numpy as np
import pytest
from contracts import check_env
from mpe2 import simple_spread_v3, simple_tag_v3

from dimapg_tf import seeds
from dimapg_tf.envs import make_env
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.types import ConfigurationError, Population


def test_contract():
    check_env(PettingZooEnv(lambda: simple_tag_v3.parallel_env(max_cycles=5), horizon=5))


def test_populations_by_name():
    env = PettingZooEnv(simple_tag_v3.parallel_env, horizon=5)
    assert env.spec.populations == {
        "adversary": Population(3, 16, 5),
        "agent": Population(1, 14, 5),
    }
    assert not env.spec.compiled


def test_steps_are_the_librarys():
    env = make_env("pettingzoo", module="mpe2.simple_spread_v3", arguments='{"N": 2}', horizon=9)
    _, observations = env.reset(3, 1)
    direct = simple_spread_v3.parallel_env(N=2)
    expected, _ = direct.reset(seed=seeds.derive(3, 0))
    np.testing.assert_array_equal(observations["agent"][0, 1], expected["agent_1"])
    step = env.step((), {"agent": np.array([[2, 3]])})
    expected, reward, *_ = direct.step({"agent_0": 2, "agent_1": 3})
    np.testing.assert_array_equal(step.observations["agent"][0, 0], expected["agent_0"])
    assert step.rewards["agent"][0, 1] == pytest.approx(reward["agent_1"])


def test_agents_are_not_alive_after_the_episode():
    env = PettingZooEnv(lambda: simple_spread_v3.parallel_env(N=2, max_cycles=2), horizon=9)
    env.reset(0, 2)
    actions = {"agent": np.zeros((2, 2), int)}
    assert env.step((), actions).alive["agent"].all()
    assert not env.step((), actions).alive["agent"].any()
    after = env.step((), actions)
    assert not after.rewards["agent"].any()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "module"),
        ({"module": "no.such.module"}, "no.such.module"),
        ({"module": "json"}, "parallel_env"),
        ({"module": "mpe2.simple_spread_v3", "arguments": "{N"}, "arguments"),
        ({"module": "mpe2.simple_spread_v3", "arguments": "[3]"}, "arguments"),
        ({"module": "mpe2.simple_spread_v3", "arguments": '{"n": 3}'}, "arguments"),
    ],
)
def test_what_cannot_work_is_named(settings, named):
    with pytest.raises(ConfigurationError, match=named):
        make_env("pettingzoo", **settings)


def test_what_to_install_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "Box2D", None)
    for name in [name for name in sys.modules if name.startswith("pettingzoo.sisl.multiwalker")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ConfigurationError, match=r"Box2D.*; pip install 'dimapg_tf\[worlds\]'"):
        make_env("pettingzoo", module="pettingzoo.sisl.multiwalker_v9")
    with pytest.raises(ConfigurationError) as error:
        make_env("pettingzoo", module="pettingzoo.sisl.no_such_v1")
    assert "install" not in str(error.value)
