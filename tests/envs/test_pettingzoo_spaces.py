"""Spaces, populations and comings and goings of a user's environment."""

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, Tuple
from worlds_of_users import IMAGE, MASKED, REAL, SEVERAL, Tiny, see_masked

from dimapg_tf import seeds
from dimapg_tf.envs import make_env
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.types import Box as Real
from dimapg_tf.types import Choices, ConfigurationError, Population


def recording(into):
    """A Tiny that keeps what it is told to do."""

    def step(env, actions):
        into.append(dict(actions))
        return Tiny.step(env, actions)

    return {"step": step}


def played(env, worlds=2):
    """Random play to the end: all that the worlds were told and said."""
    _, seen = env.reset(1, worlds)
    noise = seeds.action_noise(env.spec, 2, worlds)
    history = [(seen, {}, env.present)]
    for t in range(env.spec.horizon):
        actions = {
            name: env.players["random"](name, seen[name], (), noise[name][t])
            for name in env.spec.populations
        }
        _, seen, rewards, alive = env.step((), actions)
        history.append((seen, rewards, alive))
    return history


def test_real_actions():
    told = []
    env = PettingZooEnv(lambda: Tiny(recording(told), acted=REAL), 4)
    assert env.spec.populations["walker"] == Population(2, 2, 2, Real((-1.0, 0.0), (1.0, 4.0)))
    env.rehearse()
    env.reset(0, 1)
    env.step((), {"walker": np.array([[[0.3, 9.0], [-5.0, 1.0]]], np.float32)})
    np.testing.assert_allclose(told[-1]["walker_0"], [np.float32(0.3), 4.0])
    np.testing.assert_allclose(told[-1]["walker_1"], [-1.0, 1.0])
    assert told[-1]["walker_0"].dtype == np.float64


def test_several_choices():
    told = []
    env = PettingZooEnv(lambda: Tiny(recording(told), acted=SEVERAL), 20)
    assert env.spec.populations["walker"] == Population(2, 2, 5, Choices((2, 3)))
    env.rehearse()
    played(env)
    taken = np.array([list(actions.values()) for actions in told]).reshape(-1, 2)
    assert taken.min(axis=0).tolist() == [0, 0]
    assert taken.max(axis=0).tolist() == [1, 2]


def test_masks_are_seen_and_kept():
    told = []
    faults = {**recording(told), "see": see_masked}
    env = PettingZooEnv(lambda: Tiny(faults, observed=MASKED), 6)
    assert env.spec.populations["walker"] == Population(2, 5, 3, Choices((3,), masked=True))
    (remark,) = env.rehearse()
    assert "flattened to 5 numbers, the 3 of its action_mask last" in remark
    _, seen = env.reset(0, 1)
    assert seen["walker"][0, 0, 2:].tolist() == [1.0, 0.0, 0.0]
    played(env, 20)
    assert {action for actions in told for action in actions.values()} == {0, 2}


def test_observations_of_any_shape():
    space = Dict({"camera": IMAGE, "state": Tuple((Box(-9.0, 9.0, (2,), np.float64), Discrete(3)))})
    picture = np.full((2, 3), 51, np.uint8)
    faults = {"see": lambda env, agent: {"camera": picture, "state": (np.array([1.5, -2.0]), 2)}}
    env = PettingZooEnv(lambda: Tiny(faults, observed=space), 6)
    (remark,) = env.rehearse()
    assert "population 'walker' (walker_0): Dict flattened to 11 numbers" in remark
    _, seen = env.reset(0, 1)
    expected = [0.2] * 6 + [1.5, -2.0, 0.0, 0.0, 1.0]
    np.testing.assert_allclose(seen["walker"][0, 1], expected, rtol=1e-6)
    (remark,) = PettingZooEnv(
        lambda: Tiny({"see": lambda env, agent: picture}, observed=IMAGE), 6
    ).rehearse()
    assert "Box (2, 3) uint8 flattened to 6 numbers, bytes divided by 255" in remark


@pytest.mark.parametrize("kind", ["masked", "real"])
def test_a_loop_of_the_users_own(kind):
    """Vectors and actions of one world are those of our own rollouts."""
    settings = {"masked": {"faults": {"see": see_masked}, "observed": MASKED}}
    settings = settings.get(kind, {"acted": REAL})
    env = PettingZooEnv(lambda: Tiny(**settings), 6)
    _, seen = env.reset(3, 1)
    world = Tiny(**settings)
    observations, _ = world.reset(seed=seeds.derive(3, 0))
    noise = seeds.action_noise(env.spec, 1, 1)["walker"]
    for t in range(6):
        vectors = env.vectors(observations)
        np.testing.assert_array_equal(vectors["walker"], seen["walker"])
        actions = {"walker": env.players["random"]("walker", seen["walker"], (), noise[t])}
        taken = env.by_agent(actions, world.agents)
        assert all(world.action_space(agent).contains(a) for agent, a in taken.items())
        observations, rewards, *_ = world.step(taken)
        _, seen, earned, _ = env.step((), actions)
        np.testing.assert_allclose(earned["walker"][0], list(rewards.values()), rtol=1e-6)
        if not world.agents:
            observations = {}


def coming_and_going(env, actions):
    """walker_1 is away in steps 2 and 3 and back afterwards; walker_2 joins at step 4."""
    results = Tiny.step(env, actions)
    if env.agents:
        away = {1: ["walker_2"], 2: ["walker_1", "walker_2"], 3: ["walker_1", "walker_2"]}
        env.agents = [a for a in env.possible_agents if a not in away.get(env.time, ())]
        return tuple(
            {agent: part.get(agent, new(env, agent)) for agent in env.agents}
            for part, new in zip(
                results,
                (Tiny.see, lambda *_: 0.0, lambda *_: False, lambda *_: False, lambda *_: {}),
            )
        )
    return results


def late(env, seed=None, options=None):
    observations, infos = Tiny.reset(env, seed)
    env.agents = ["walker_0", "walker_1"]
    return {a: observations[a] for a in env.agents}, {a: infos[a] for a in env.agents}


def test_agents_that_leave_come_back_or_join_late():
    names = ("walker_0", "walker_1", "walker_2")
    faults = {"step": coming_and_going, "reset": late}
    env = PettingZooEnv(lambda: Tiny(faults, agents=names), 9)
    (remark,) = env.rehearse()
    assert "cannot follow it" in remark
    history = played(env, 1)
    there = np.array([alive["walker"][0] for *_, alive in history])
    expected = [[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 1], [1, 1, 1], [0, 0, 0]]
    np.testing.assert_array_equal(there[:7], expected)
    assert not there[7:].any()
    for t, (seen, rewards, _) in enumerate(history):
        absent = there[t] == 0
        assert not seen["walker"][0][absent].any()
        if t:
            assert not rewards["walker"][0][there[t - 1] == 0].any()


def test_the_host_starts_with_those_who_are_there():
    from dimapg_tf.rollouts.host import host_steps

    names = ("walker_0", "walker_1", "walker_2")
    env = PettingZooEnv(lambda: Tiny({"reset": late}, agents=names), 9)
    player = env.players["random"]
    choose = lambda *arguments: (player(*arguments), None)  # noqa: E731
    steps = list(host_steps(env, choose, 0, 2))
    np.testing.assert_array_equal(steps[1][2]["walker"], [[1, 1, 0], [1, 1, 0]])


def test_populations_by_the_users_word():
    names = ("red_0", "red_1", "blue_0", "judge")
    env = PettingZooEnv(lambda: Tiny(agents=names), 6)
    assert env.members == {"red": ["red_0", "red_1"], "blue": ["blue_0"], "judge": ["judge"]}
    patterns = {"team": ["red_*", "blue_0"], "court": ["judge"]}
    env = PettingZooEnv(lambda: Tiny(agents=names), 6, populations=patterns)
    assert env.members == {"team": ["red_0", "red_1", "blue_0"], "court": ["judge"]}
    ten = {f"team_{i}": [f"player_{i}"] for i in range(10)}
    env = PettingZooEnv(lambda: Tiny(agents=[f"player_{i}" for i in range(10)]), 6, "many", ten)
    assert list(env.spec.populations) == list(ten)
    played(env)


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ('{"a": ["walker_0"]}', "'walker_1' belongs to no population"),
        ('{"a": ["*"], "b": ["walker_0"]}', "'walker_0' belongs to a and b"),
        ('{"a": ["*"], "b": ["dog*"]}', "no agent has such a name"),
        ('{"a": "walker"}', "must be a list"),
        ('{"a b": ["*"]}', "letters, digits"),
        ("[1]", "must be a JSON object"),
    ],
)
def test_populations_that_cannot_work(patterns, said):
    with pytest.raises(ConfigurationError, match=said):
        make_env("pettingzoo", module="worlds_of_users", populations=patterns)


def test_an_aec_environment_is_converted():
    from pettingzoo.utils.conversions import parallel_to_aec

    env = PettingZooEnv(lambda: parallel_to_aec(Tiny()), 6)
    _, seen = env.reset(3, 1)
    _, expected = PettingZooEnv(Tiny, 6).reset(3, 1)
    np.testing.assert_array_equal(seen["walker"], expected["walker"])


def test_turns_are_refused():
    pytest.importorskip("pettingzoo.classic")
    from pettingzoo import AECEnv

    class Turns(AECEnv):
        metadata = {"name": "turns"}  # noqa: RUF012

    with pytest.raises(ConfigurationError, match="act in turns"):
        PettingZooEnv(Turns, 6)
