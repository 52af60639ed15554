"""Trained policies as users meet them: explicit state, noise that goes on, clear errors."""

import copy

import numpy as np
import pytest
import tensorflow as tf
from mpe2 import simple_spread_v3

import dimapg_tf
from dimapg_tf import policy, seeds, train
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import console, deployment, evaluation, policies, policy_file
from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.policies import FEED_FORWARD, Policy
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import ConfigurationError, Population

STEPS, AGENTS = 12, 2


def of_members(env, name="agents", stacked=True, scale=1.0):
    """A θ for each of two agents, or the first one for all."""
    size = env.spec.populations[name].observation_size
    members = [policy.init(seeds.generator(seed), size, 5) for seed in (0, 1)]
    stack = tf.nest.map_structure(lambda *v: scale * tf.stack(v), *members)
    return stack if stacked else tf.nest.map_structure(lambda v: v[0], stack)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The policy of a run on a PettingZoo environment."""
    logdir = tmp_path_factory.mktemp("runs") / "run"
    world = ["--env=pettingzoo", "--module=mpe2.simple_spread_v3", '--arguments={"N": 2}']
    learner = ["--horizon=5", "--trajectories=2", "--k=1", "--hidden=8,6", "--episodes=5"]
    assert console.run(train.main, ["train", *world, *learner, f"--logdir={logdir}"]) == 0
    return dimapg_tf.load_policy(logdir)


def play(trained, state, steps=STEPS):
    """Actions [T, n] in an episode of PettingZoo's own environment."""
    env = simple_spread_v3.parallel_env(N=AGENTS, max_cycles=steps)
    seen, _ = env.reset(seed=0)
    rows = []
    while env.agents:
        observations = np.stack([seen[agent] for agent in env.agents])[None]
        actions, state = trained.act(state, observations)
        seen, *_ = env.step(dict(zip(env.agents, actions[0].tolist())))
        rows.append(actions[0])
    return np.stack(rows)


def test_a_loop_over_a_pettingzoo_environment(trained):
    """Equal seeds play equal episodes; the same observation gets other noise in every step."""
    played = play(trained, trained.start(1, seed=3))
    np.testing.assert_array_equal(played, play(trained, trained.start(1, seed=3)))
    assert not np.array_equal(played, play(trained, trained.start(1, seed=4)))
    np.testing.assert_array_equal(*(play(trained, trained.start(1)) for _ in range(2)))

    seen = np.zeros([1, AGENTS, trained.env.spec.populations["agent"].observation_size])
    state, rows = trained.start(1, seed=3), []
    for _ in range(40):
        actions, state = trained.act(state, seen)
        rows.append(actions[0])
    counts = np.stack([np.bincount(column, minlength=5) for column in np.transpose(rows)])
    # The policy is close to uniform: with fresh noise every action is seen, by each agent.
    assert (counts > 0).all()
    assert (np.diff(rows, axis=1) != 0).any()  # agents' noise is their own


def test_a_copied_state_replays(trained):
    seen = np.random.default_rng(0).normal(size=(6, 3, AGENTS, 12))

    def go_on(state):
        rows = []
        for observations in seen[2:]:
            actions, state = trained.act(state, observations)
            rows.append(actions)
        return np.stack(rows)

    state = trained.start(3, seed=0)
    for observations in seen[:2]:
        _, state = trained.act(state, observations)
    saved = copy.deepcopy(state)
    first = go_on(state)
    np.testing.assert_array_equal(go_on(saved), first)
    np.testing.assert_array_equal(go_on(state), first)


@pytest.mark.parametrize("stacked", [False, True])
def test_the_most_probable_actions(stacked, generator):
    """Agent n decides by its own θ_n, or all by one θ."""
    env = make_env("cooperative_navigation", num_agents=2)
    theta = of_members(env, stacked=stacked)
    observations = generator.normal(size=(7, 2, 10)).astype(np.float32)
    loaded = Policy(env, FEED_FORWARD, {"agents": theta})
    actions, state = loaded.act(loaded.start(7), observations)
    for n in range(2):
        theta_n = tf.nest.map_structure(lambda v, n=n: v[n] if stacked else v, theta)
        logits = policy.apply(theta_n, tf.constant(observations[:, n]))
        np.testing.assert_array_equal(actions[:, n], np.argmax(logits, axis=-1))
    assert not loaded.remembers
    assert state.step == 1


@pytest.mark.parametrize("stacked", [False, True])
def test_a_player_scores_what_its_parameters_score(stacked):
    """Stepped from Python as in the compiled rollout; with one θ, or one an agent."""
    env = make_env("cooperative_navigation", num_agents=2, horizon=8)
    theta = of_members(env, stacked=stacked, scale=5.0)
    loaded = Policy(env, FEED_FORWARD, {"agents": theta})
    played = evaluation.evaluate_player(env, loaded.player(6), 3, 6)
    expected = evaluation.evaluate_thetas(env, {"agents": theta}, 3, 6)
    assert played == pytest.approx(expected, abs=1e-4)


@pytest.fixture
def chaser():
    env = make_env("predator_prey", num_predators=2, horizon=5)
    thetas = {name: of_members(env, name, stacked=False) for name in env.spec.populations}
    return Policy(env, FEED_FORWARD, thetas)


def test_a_population_acts_alike_whoever_else_acts(chaser):
    _, observations = chaser.env.reset(0, 50)
    state = chaser.start(50, seed=1)
    both, _ = chaser.act(state, observations)
    for name, actions in both.items():
        alone, after = chaser.act(state, {name: observations[name]})
        np.testing.assert_array_equal(alone[name], actions)
        assert after.step == 1
    assert not np.array_equal(both["predators"][:, :1], both["prey"])


@pytest.mark.parametrize(
    ("observations", "named"),
    [
        ({"wolves": np.zeros((3, 2, 14))}, ["wolves", "predators, prey"]),
        ({"predators": np.zeros((2, 14))}, ["predators", r"\[2, 14\]", r"\[3, 2, "]),
        ({"predators": np.zeros((4, 2, 14))}, ["predators", r"\[4, 2, 14\]"]),
        ({"prey": np.zeros((3, 1, 99))}, ["prey", r"\[3, 1, 99\]"]),
        (np.zeros((3, 2, 14)), ["dict by population"]),
    ],
)
def test_observations_of_another_shape(chaser, observations, named):
    for text in named:
        with pytest.raises(ConfigurationError, match=text):
            chaser.act(chaser.start(3), observations)


@pytest.mark.parametrize("arguments", [(0,), (1, -1)])
def test_a_start_that_cannot_be(chaser, arguments):
    with pytest.raises(ConfigurationError):
        chaser.start(*arguments)


@pytest.fixture
def kept(tmp_path):
    """Who keeps a policy in a run directory of MADDPG; its loading."""
    config = load_config("cooperative_navigation", "maddpg", num_agents=4)
    origin = deployment.origin_of(config, config.make_env())

    def keep(**changes):
        RunDirectory(tmp_path).describe(config)
        arrays = {"agents": [np.zeros((3, 4))]}
        policy_file.write(tmp_path, origin._replace(**changes), policy_file.Age(1, 2), arrays)
        return dimapg_tf.load_policy(tmp_path)

    return keep


def test_the_learner_names_the_network(kept, monkeypatch):
    """Another learner's policy is loaded with its own network."""
    other = FEED_FORWARD._replace(from_flat=lambda arrays, _space: tuple(map(np.shape, arrays)))
    monkeypatch.setattr(policies, "FEED_FORWARD", other)
    loaded = kept()
    assert loaded.thetas == {"agents": ((3, 4),)}
    assert loaded.env.spec.populations["agents"].num_agents == 4


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "dimapg"},
        {"env": "survival"},
        {"seed": 2},
        {"populations": {"agents": Population(3, 18, 5)}},
    ],
    ids=str,
)
def test_the_policy_of_another_run_is_refused(kept, change):
    (name,) = change
    with pytest.raises(CheckpointError, match=f"does not fit the checkpoint: {name} = "):
        kept(**change)
