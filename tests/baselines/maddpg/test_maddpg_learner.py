"""The learner: two iterations, what is due when, resume, what cannot work."""

import dataclasses

import numpy as np
import pytest
from small_worlds import chase

from baselines.maddpg import learner as module
from baselines.maddpg import memory, updates
from baselines.maddpg.learner import MADDPG
from baselines.maddpg.settings import Settings
from dimapg_tf.envs.pettingzoo import PettingZooEnv
from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.config import load_config
from dimapg_tf.rollouts import collect as rollout
from dimapg_tf.rollouts import compiled as compiled_rollout
from dimapg_tf.types import ConfigurationError, EnvSpec, NonFiniteError, Population

TINY = Settings(
    worlds=4,
    rollouts=2,
    steps_per_update=10,
    learning_starts=40,
    replay_size=100,
    batch_size=8,
    hidden=(6, 5),
)


def everything(learner):
    """All that a learner is, as one array."""
    variables = [v.numpy().ravel() for v in learner.variables]
    return np.concatenate([*variables, np.frombuffer(learner.replay.serialize(), np.uint8)])


SHARED = dataclasses.replace(TINY, share_parameters=True)
POOLED = dataclasses.replace(SHARED, critic="pooled")


@pytest.mark.parametrize("settings", [TINY, SHARED, POOLED], ids=["separate", "shared", "pooled"])
def test_iterations_of_two_populations(chase_env, settings):
    learner = MADDPG(chase_env, settings, seed=3)
    lead = () if settings.share_parameters else (1,)
    shapes = [(*lead, 4, 6), (*lead, 6), (*lead, 6, 5), (*lead, 5), (*lead, 5, 5), (*lead, 5)]
    assert [tuple(v.shape) for v in learner.variables_of["runners"]] == shapes
    start = {name: [v.numpy() for v in values] for name, values in learner.variables_of.items()}
    for iteration in range(3):
        result = learner.update(iteration)
        assert (result.episodes, result.env_steps) == (8, 48)
        assert result.returns["hunters"].shape == (2, 8)
        assert result.returns["runners"].shape == (1, 8)
        assert all(np.isfinite(list(table.values())).all() for table in result.values.values())
    for name, values in learner.variables_of.items():
        for variable, before in zip(values, start[name]):
            assert not np.array_equal(variable, before)
    again = MADDPG(chase_env, settings, seed=3)
    for iteration in range(3):
        again.update(iteration)
    np.testing.assert_array_equal(everything(again), everything(learner))


def test_one_update_for_so_many_steps(chase_env):
    """24 steps a rollout, an update every 10, none before 40 are stored."""
    learner = MADDPG(chase_env, TINY, seed=3)
    counts = []
    for iteration in range(4):
        learner.update(iteration)
        counts.append(int(learner.num_updates))
    # After 48, 96, 144, 192 steps; those that were due at 10 and 20 are not made up for.
    assert counts == [2, 7, 12, 17]


def test_no_updates_before_learning_starts(chase_env):
    learner = MADDPG(chase_env, dataclasses.replace(TINY, learning_starts=49), seed=3)
    start = [v.numpy() for v in learner.variables]
    result = learner.update(0)
    assert np.isnan(result.values["hunters"]["critic_loss"])
    for variable, before in zip(learner.variables, start):
        np.testing.assert_array_equal(variable, before)


def test_nothing_retraces(chase_env):
    learner = MADDPG(chase_env, TINY, seed=3)
    learner.update(0)
    compiled = (updates.learn, compiled_rollout._episode)
    traces = [function.experimental_get_tracing_count() for function in compiled]
    for iteration in range(1, 4):
        learner.update(iteration)
    assert [function.experimental_get_tracing_count() for function in compiled] == traces


@pytest.mark.parametrize("settings", [TINY, POOLED], ids=["separate", "pooled"])
def test_resumed_is_the_unbroken_run_with_its_replay(chase_env, settings, tmp_path):
    """The ring of 16 episodes has gone round when the checkpoint is written."""
    whole = MADDPG(chase_env, settings, seed=3)
    for iteration in range(3):
        whole.update(iteration)
    Checkpoints(tmp_path, whole).save()
    resumed = MADDPG(chase_env, settings, seed=3)
    assert Checkpoints(tmp_path, resumed).restore()
    np.testing.assert_array_equal(everything(resumed), everything(whole))
    for iteration in range(3, 5):
        for learner in (whole, resumed):
            learner.update(iteration)
    np.testing.assert_array_equal(everything(resumed), everything(whole))


def test_what_is_not_a_number_changes_nothing(chase_env):
    learner = MADDPG(chase_env, TINY, seed=3)
    learner.update(0)
    critic = learner.others_of["hunters"][0]
    critic.assign(critic * np.nan)
    kept = everything(learner)
    with pytest.raises(NonFiniteError, match=r"iteration 1.*hunters"):
        learner.update(1)
    np.testing.assert_array_equal(everything(learner), kept)


@pytest.mark.parametrize("critic", ["joint", "pooled"])
def test_learns_to_chase(critic):
    """Hunters stay nearer to the runner than at first, although it learns as well."""
    settings = Settings(
        critic=critic,
        share_parameters=critic == "pooled",
        worlds=10,
        rollouts=5,
        learning_starts=1000,
        steps_per_update=20,
        batch_size=128,
        hidden=(32,),
    )
    learner = MADDPG(chase(horizon=20), settings, seed=1)
    returns = [learner.update(iteration).returns["hunters"].mean() for iteration in range(8)]
    assert np.mean(returns[-3:]) > 0.8 * returns[0]


def test_deaths_are_refused(chase_env, monkeypatch):
    real = rollout.roll_out

    def collect(*args, **kwargs):
        trajectories, *rest = real(*args, **kwargs)
        dead = {name: t._replace(alive=0.0 * t.alive) for name, t in trajectories.items()}
        return dead, *rest

    monkeypatch.setattr(module.rollout, "roll_out", collect)
    with pytest.raises(ConfigurationError, match="die"):
        MADDPG(chase_env, TINY, seed=1).update(0)


def test_survival_is_infeasible():
    """The paper's 230 agents, with 13 x 13 x 7 + 34 numbers of observation and 23 actions."""
    populations = {"agents": Population(230, 1217, 23)}
    spec = EnvSpec("survival", populations, 200, rollout="games")
    per_critic = 230 * 1240 * 64 + 64 + 64 * 64 + 64 + 64 + 1
    per_actor = 1217 * 64 + 64 + 64 * 64 + 64 + 64 * 23 + 23
    assert memory.network_bytes(spec, Settings()) == 16 * 230 * (per_critic + per_actor)
    assert memory.observation_bytes(spec, Settings()) == 4 * 10**6 * 230 * 1217
    with pytest.raises(
        ConfigurationError, match=r"survival.*285,200 numbers.*67\.5 GB.*1,119\.6 GB"
    ):
        memory.refuse_what_is_infeasible(spec, Settings())
    huge = dataclasses.replace(spec, populations={"agents": Population(6300, 1217, 23)})
    with pytest.raises(ConfigurationError, match="survival"):
        memory.refuse_what_is_infeasible(dataclasses.replace(huge, rollout="compiled"), Settings())


def test_worlds_on_the_host_are_refused():
    from mpe2 import simple_spread_v3

    env = PettingZooEnv(lambda: simple_spread_v3.parallel_env(max_cycles=4), horizon=4)
    with pytest.raises(ConfigurationError, match="compiled worlds"):
        MADDPG(env, TINY, seed=1)


def test_runs_from_before_tau_had_its_name_are_read(tmp_path):
    """The rate was --polyak; everything else is as it is written now."""
    config = load_config(algorithm="maddpg", tau=0.02)
    _title, *lines = run_configuration.write(config).splitlines()
    assert "--tau=0.02" in lines
    text = "\n".join(lines).replace("--tau=", "--polyak=")
    (tmp_path / "flags.txt").write_text(text + "\n")
    assert run_configuration.read(tmp_path / "flags.txt") == config


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worlds", 0),
        ("rollouts", 0),
        ("steps_per_update", 0),
        ("learning_starts", 0),
        ("replay_size", 0),
        ("batch_size", -1),
        ("gamma", 1.5),
        ("learning_rate", 0.0),
        ("gradient_clip", -0.5),
        ("tau", 2.0),
        ("logit_penalty", -1e-3),
        ("relaxation", "hard"),
        ("hidden", (64, 0)),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ConfigurationError, match=name):
        Settings(**{name: value})


def test_a_replay_beyond_the_memory(chase_env, monkeypatch):
    """16 episodes of 7 states of 14 numbers and 6 actions and rewards of 3 agents."""
    exactly = 16 * (7 * 14 * 4 + 6 * 3 * 5)
    monkeypatch.setattr(memory, "limit", lambda: exactly + 1)
    with pytest.raises(ConfigurationError, match="too many"):  # refused for something else
        MADDPG(chase_env, dataclasses.replace(TINY, worlds=17, hidden=(1,)), seed=1)
    monkeypatch.setattr(memory, "limit", lambda: exactly)
    with pytest.raises(ConfigurationError, match=r"replay_size = 100: the replay needs 0\.0 GB"):
        MADDPG(chase_env, dataclasses.replace(TINY, worlds=17, hidden=(1,)), seed=1)


@pytest.mark.parametrize(("name", "value"), [("worlds", 17), ("learning_starts", 97)])
def test_a_replay_that_is_too_small(chase_env, name, value):
    with pytest.raises(ConfigurationError, match=f"{name} = {value}.*16 episodes"):
        MADDPG(chase_env, dataclasses.replace(TINY, **{name: value}), seed=1)
