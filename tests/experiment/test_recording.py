"""Episodes recorded for pictures, and the command that draws them."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dimapg_tf import policy, render, seeds, train
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import console, evaluation, recording
from dimapg_tf.experiment.policies import FEED_FORWARD, Policy, load_policy
from dimapg_tf.rollouts import parallel
from dimapg_tf.types import ConfigurationError


def random_policy(name, **settings):
    env = make_env(name, **settings)
    thetas = {
        population: policy.init(seeds.generator(0), p.observation_size, p.num_actions, (4,))
        for population, p in env.spec.populations.items()
    }
    return Policy(env, FEED_FORWARD, thetas)


@pytest.mark.parametrize(
    ("name", "settings", "measure"),
    [
        ("cooperative_navigation", {"num_agents": 4, "agent_radius": 0.3}, "collisions"),
        ("predator_prey", {"num_predators": 5, "num_prey": 3, "horizon": 40}, "contacts"),
    ],
)
def test_the_caption_is_what_an_evaluation_finds(name, settings, measure):
    player = random_policy(name, **{"horizon": 25, **settings})
    scene = recording.record(player, 4, "someone")
    row = evaluation.evaluate_player(player.env, player.player(1), 4, 1)
    horizon, populations = player.env.spec.horizon, player.env.spec.populations
    assert len(scene.positions) == len(scene.captions) == horizon + 1
    assert row[measure] > 0
    assert scene.captions[-1].endswith(f"contacts: {row[measure]:.0f}")
    for population in populations:
        key = f"{population}/return_mean" if len(populations) > 1 else "return_mean"
        assert f"{population} {row[key]:.1f}" in scene.captions[-1]
    assert scene.solid == (name == "predator_prey")
    np.testing.assert_array_equal(scene.radii, player.env.bodies.agent_radii)


def test_the_arena_is_that_of_the_team():
    for agents, arena in ((2, 1.0), (8, 2.0)):
        settings = {"arena_agents": 2, "observation_order": "distance", "horizon": 2}
        settings["observed_neighbours"] = 1
        player = random_policy("cooperative_navigation", num_agents=agents, **settings)
        assert recording.record(player, 0, "someone").arena == arena


def test_other_environments_are_refused():
    player = random_policy("cooperative_navigation", num_agents=2, horizon=3)
    other = tf.nest.map_structure(lambda v: v, player.thetas)
    env = make_env("pettingzoo", module="mpe2.simple_spread_v3", horizon=3)
    with pytest.raises(ConfigurationError, match="simple_spread_v3"):
        recording.record(Policy(env, FEED_FORWARD, other), 0, "someone")


def test_the_command(tmp_path, capsys):
    logdir, output = tmp_path / "run", tmp_path / "pictures"
    flags = ["--env=predator_prey", "--horizon=6", "--trajectories=2", "--k=1", "--hidden=4"]
    learner = ["--central_update=reinforce", "--episodes=10", f"--logdir={logdir}"]
    assert console.run(train.main, ["train", *flags, *learner]) == 0
    assert console.run(render.main, ["render", str(logdir), f"--output={output}", "--seed=3"]) == 0
    assert "mean return: predators" in capsys.readouterr().out
    with Image.open(output / "episode.gif") as gif:
        assert gif.n_frames == 4
    assert (output / "episode.png").stat().st_size > 5_000


def test_the_command_on_a_game(tmp_path, capsys):
    """Survival: what is drawn is the first game of an evaluation with the same seed."""
    logdir = tmp_path / "run"
    world = ["--num_agents=6", "--num_food=3", "--map_size=9", "--view_range=2"]
    starts = ["--start_spacing=1", "--placement=anywhere", "--horizon=6", "--env=survival"]
    learner = ["--trajectories=2", "--k=1", "--hidden=4", "--sampled_agents=2", "--episodes=4"]
    how = ["--deviation=simultaneous", "--central_update=reinforce", "--baseline=shared"]
    flags = [*world, *starts, *learner, *how, f"--logdir={logdir}"]
    assert console.run(train.main, ["train", *flags]) == 0
    capsys.readouterr()
    assert console.run(render.main, ["render", str(logdir), "--seed=3", "--every=4"]) == 0
    trained = load_policy(logdir)
    games = parallel.collect(trained.env, trained.thetas, 3, 1)
    left = f"food {games.measures['food_left'][0]:.0f}"
    assert left in capsys.readouterr().out
    with Image.open(logdir / "episode.gif") as gif:
        assert gif.n_frames == 3
    assert (logdir / "episode.png").stat().st_size > 5_000
