"""What is wrong with a user's environment is said in one line, with agent, space and value."""

import re
import sys

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, Text
from worlds_of_users import MASKED, Tiny, see_masked

import dimapg_tf
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.experiment import console
from dimapg_tf.types import ConfigurationError, WorldError

NUMBERS = Box(-1.0, 1.0, (2,), np.float32)


def late_stranger(env, actions):
    results = Tiny.step(env, actions)
    env.agents = [*env.agents, "ghost_7"]
    return results


def unseeded(env):
    return Tiny.reset(env)


def crash(env, actions):
    raise ZeroDivisionError("the user's own mistake")


BAD = {
    "no agents": ({"possible_agents": []}, {}, r"possible_agents = \[\]"),
    "nobody at the start": (
        {"reset": lambda env, seed=None, options=None: (setattr(env, "agents", []) or {}, {})},
        {},
        "after reset there is no agent",
    ),
    "spaces differ in a population": (
        {},
        {"observed": {"walker_0": NUMBERS, "walker_1": Box(-1.0, 1.0, (3,), np.float32)}},
        r"'walker': walker_0 has observations Box\(.*walker_1 has observations Box\(",
    ),
    "actions differ in a population": (
        {},
        {"acted": {"walker_0": Discrete(3), "walker_1": Discrete(4)}},
        r"walker_0 .*Discrete\(3\).*walker_1 .*Discrete\(4\)",
    ),
    "text as an observation": ({}, {"observed": Text(5)}, r"walker_0: observation space Text"),
    "text as an action": ({}, {"acted": Text(5)}, r"walker_0: action space Text"),
    "wrong shape": (
        {"see": lambda env, agent: np.zeros(3, np.float32)},
        {},
        r"reset: the observation of walker_0 has the shape \(3,\): must be \(2,\)",
    ),
    "a number for a vector": (
        {"see": lambda env, agent: 0.5},
        {},
        r"observation of walker_0 has the shape \(\): must be \(2,\)",
    ),
    "a word for a vector": (
        {"see": lambda env, agent: ["left", "right"]},
        {},
        r"observation of walker_0 is list \['left', 'right'\]",
    ),
    "NaN in an observation": (
        {"see": lambda env, agent: np.array([0.0, np.nan], np.float32)},
        {},
        "number 1 of the observation of walker_0 is nan",
    ),
    "out of its space": (
        {"see": lambda env, agent: np.array([0.0, 7.0 * env.time], np.float32)},
        {"observed": NUMBERS},
        r"step 1: the observation of walker_0 .* at \[1\] it is 7.0, beyond \[-1.0, 1.0\]",
    ),
    "a reward that is no number": (
        {"pay": lambda env, agent: "much"},
        {},
        "step 1: the reward of walker_0 is str 'much'",
    ),
    "an infinite reward": (
        {"pay": lambda env, agent: float("inf")},
        {},
        "step 1: the reward of walker_0 is float inf",
    ),
    "reset without a seed": (
        {"reset": unseeded},
        {},
        "reset.*unexpected keyword argument 'seed'",
    ),
    "the old reset": (
        {"reset": lambda env, seed=None, options=None: Tiny.reset(env, seed)[0]},
        {},
        r"reset returned dict .*must be \(observations, infos\)",
    ),
    "the old step": (
        {"step": lambda env, actions: Tiny.step(env, actions)[:4]},
        {},
        r"step 1: step returned tuple .*terminations, truncations",
    ),
    "an exception in step": ({"step": crash}, {}, "step 1: ZeroDivisionError: the user's own"),
    "the process ended": (
        {"step": lambda env, actions: sys.exit(0)},
        {},
        r"step 1: the environment ended the process \(sys.exit\(0\)\)",
    ),
    "an agent out of nowhere": (
        {"step": late_stranger},
        {},
        "step 1: the agent 'ghost_7' is not among possible_agents",
    ),
    "nothing is legal": (
        {"see": lambda env, agent: see_masked(env, agent) | {"action_mask": np.zeros(3, np.int8)}},
        {"observed": MASKED},
        "reset: the action_mask of walker_0 has no legal action",
    ),
    "a mask of another size": (
        {},
        {"observed": Dict({"observation": NUMBERS, "action_mask": Box(0, 1, (4,), np.int8)})},
        r"walker_0: the action_mask has the shape \(4,\): must be \(3,\)",
    ),
    "no observation of a living agent": (
        {"everybody": lambda env, say: {agent: say(agent) for agent in env.agents[:1]}},
        {},
        "reset: walker_1 has no observation",
    ),
    "new spaces at every call": (
        {"action_space": lambda env, agent: Discrete(3)},
        {},
        "parallel_api_test: action_space should return the exact same space object",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_one_clear_line(case):
    faults, settings, said = BAD[case]
    with pytest.raises((ConfigurationError, WorldError), match=said) as error:
        PettingZooEnv(lambda: Tiny(faults, **settings), 9, "my_world").rehearse()
    assert "my_world" in str(error.value) or "'walker'" in str(error.value)
    assert "\n" not in str(error.value)
    details = getattr(error.value, "details", "")
    assert bool(details) == (case in ("an exception in step", "reset without a seed"))
    if case == "an exception in step":
        assert "in crash" in details
        assert "dimapg_tf" not in details


@pytest.mark.parametrize("case", BAD)
def test_training_ends_before_there_is_a_run_directory(case, tmp_path, capfd):
    """One line, and of what the environment raised itself its own traceback, never ours."""
    faults, settings, said = BAD[case]
    run = dimapg_tf.Run(
        tmp_path / "run",
        dimapg_tf.load_config("pettingzoo", "dimapg", horizon=9),
        env=lambda: Tiny(faults, **settings),
    )
    code = console.run(lambda _: run.train(), ["train"])
    printed, told = capfd.readouterr()
    theirs = {"an exception in step": 1, "the process ended": 1, "reset without a seed": 1}
    assert code == theirs.get(case, console.BAD_INPUT)
    *before, line = told.splitlines()
    assert re.search(said, line)
    assert line.startswith("train: ")
    if case in ("an exception in step", "reset without a seed"):
        assert before[0] == "The environment's own traceback:"
        assert not [text for text in before if "dimapg_tf" in text]
    else:
        assert "Traceback" not in told
        assert "traceback" not in told
    assert printed == ""
    assert list(tmp_path.iterdir()) == []


def test_a_good_one_passes_without_remarks():
    assert PettingZooEnv(Tiny, 9).rehearse() == []


def test_starts_that_the_seed_does_not_decide():
    anew = {"reset": lambda env, seed=None, options=None: Tiny.reset(env)}
    (remark,) = PettingZooEnv(lambda: Tiny(anew), 9, "my_world").rehearse()
    assert "two resets with the same seed start differently" in remark
