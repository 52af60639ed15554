"""Cross-play: who plays whom, on which episodes, and the command."""

import csv
import json

import numpy as np
import pytest

from dimapg_tf import crossplay, evaluate, train
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import console, evaluation, matrix
from dimapg_tf.experiment.policies import load_policy
from dimapg_tf.rollouts import collect
from dimapg_tf.types import ConfigurationError

FLAGS = ["--env=predator_prey", "--num_predators=2", "--horizon=12", "--trajectories=2", "--k=1"]
LEARNER = ["--central_update=reinforce", "--hidden=6", "--episodes=8"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs that differ in what agents see and are paid."""
    root = tmp_path_factory.mktemp("runs")
    paths = {}
    for name, more in {
        "a": [],
        "b": [
            *(
                "--observation_order=distance",
                "--observed_neighbours=2",
                "--observation_squash=0.2",
            ),
            *("--contact_reward=7", "--seed=2", "--meta_gradient=none"),
        ],
    }.items():
        paths[name] = str(root / name)
        flags = [*FLAGS, *LEARNER, *more, f"--logdir={paths[name]}"]
        assert console.run(train.main, ["train", *flags]) == 0
    return paths


@pytest.mark.parametrize(("payer", "paid"), [("a", 1.0), ("b", 7.0)])
def test_the_command(payer, paid, runs, tmp_path, capsys):
    output = tmp_path / "matrix"
    arguments = [*runs.values(), "--episodes=3", f"--output={output}", "--noheat_map"]
    arguments.append(f"--rewards_of={runs[payer]}/")
    assert console.run(crossplay.main, ["crossplay", *arguments]) == 0
    printed = capsys.readouterr().out.splitlines()
    with open(output / "crossplay.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    record = json.loads((output / "crossplay.json").read_text())
    assert len(rows) == len(record["pairs"]) == 5 * 4  # two runs, three and two scripted ones
    assert {"predators/return_mean", "prey/return_mean", "contacts"} <= set(rows[0])
    assert record["episodes"] == 3
    assert record["env"]["num_predators"] == 2
    assert len(printed) == 1 + 1 + 5 + 1
    label = matrix.labels(list(runs.values()))["ab".index(payer)]
    assert printed[0].endswith(f"per episode, in the rewards of {label}")
    assert record["rewards_of"] == label
    first = record["pairs"][0]
    shown = f"{first['predators/return_mean']:.1f} / {first['contacts']:.1f}"
    assert shown in printed[2]
    # So much a contact, to the one of two predators that touches.
    assert any(pair["contacts"] for pair in record["pairs"])
    for pair in record["pairs"]:
        assert pair["predators/return_mean"] == pytest.approx(paid * pair["contacts"] / 2)


def test_runs_that_were_paid_differently_are_refused(runs, tmp_path, capsys):
    arguments = [*runs.values(), "--episodes=3", f"--output={tmp_path}", "--noheat_map"]
    assert console.run(crossplay.main, ["crossplay", *arguments]) == console.BAD_INPUT
    (line,) = capsys.readouterr().err.strip().splitlines()
    for text in ("contact_reward = 1.0", "7.0", "--rewards_of=RUN"):
        assert text in line
    arguments.append("--rewards_of=no/such/run")
    assert console.run(crossplay.main, ["crossplay", *arguments]) == console.BAD_INPUT
    assert "rewards_of = 'no/such/run'" in capsys.readouterr().err


def test_runs_that_were_paid_alike_may_see_differently(runs):
    """What is printed then says that the rewards are everybody's."""
    first, second = load_policy(runs["a"]), load_policy(runs["b"])
    settings = {**second.env.settings, "contact_reward": first.env.settings["contact_reward"]}
    second.env = make_env("predator_prey", **settings)
    assert matrix.whose_rewards({"a": first, "b": second}) == "a"
    assert set(matrix.contestants(first.env, {"b": second})) == {"predators", "prey"}


def test_pairs_play_equal_episodes(runs, monkeypatch):
    """A run against itself scores as when all populations follow it; all start alike."""
    run = load_policy(runs["a"])
    starts = []
    steps = collect.host_steps

    def watched(env, *arguments):
        for index, item in enumerate(steps(env, *arguments)):
            if index == 0:
                starts.append(item[-1].positions)
            yield item

    monkeypatch.setattr(collect, "host_steps", watched)
    players = matrix.contestants(run.env, {"a": run})
    pairs = matrix.play_all(run.env, players, 3, 4)
    assert len(starts) == len(pairs) == 4 * 3
    for other in starts[1:]:
        np.testing.assert_array_equal(other, starts[0])
    alone = evaluation.evaluate_thetas(run.env, run.thetas, 3, 4)
    assert pairs["a", "a"] == pytest.approx(alone, abs=1e-3)


def test_each_run_sees_the_world_as_in_training(runs):
    """In the other run's world, a policy takes the actions that it would take in its own."""
    first, second = load_policy(runs["a"]), load_policy(runs["b"])
    (seer,) = (p for p in matrix.contestants(first.env, {"b": second})["prey"] if p.name == "b")
    seen = []

    def player(num_worlds):
        return lambda name, observations, state, noise: seen.append((name, observations))

    second.player = player
    (seer,) = (p for p in matrix.contestants(first.env, {"b": second})["prey"] if p.name == "b")
    state, observations = first.env.reset(0, 3)
    seer.player(3)("predators", observations["predators"], state, None)
    name, shown = seen[0]
    np.testing.assert_allclose(shown, second.env.observations(state)[name], rtol=1e-6)
    assert not np.array_equal(shown, observations[name])


@pytest.mark.parametrize(("setting", "value"), [("num_obstacles", 3), ("prey_max_speed", 2.0)])
def test_another_world_is_refused(runs, setting, value):
    run = load_policy(runs["a"])
    world = make_env("predator_prey", **{**run.env.settings, setting: value})
    with pytest.raises(ConfigurationError, match=setting):
        matrix.contestants(world, {"a": run})


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/r/x/trpo/seed_1"], ["trpo/seed_1"]),
        (["/r/x/trpo/seed_1", "/r/x/sgd/seed_1"], ["trpo/seed_1", "sgd/seed_1"]),
        (["/r/x/trpo/seed_1", "/r/y/trpo/seed_1"], ["x/trpo/seed_1", "y/trpo/seed_1"]),
    ],
)
def test_labels_tell_runs_apart(paths, expected):
    assert matrix.labels(paths) == expected


def test_a_run_given_twice_is_refused(runs, capsys):
    assert console.run(crossplay.main, ["crossplay", runs["a"], runs["a"], "--noheat_map"]) == 2
    assert "twice" in capsys.readouterr().err


def test_evaluate_shows_each_population(runs, capsys):
    """Trained against trained, and against every scripted policy; one mean return a population."""
    assert console.run(evaluate.main, ["evaluate", runs["a"], "--episodes=3"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["policy", "predators", "mean", "prey", "mean", "contacts", "outside"]
    names = [line.split()[0] for line in lines[:-1]]
    assert names == [
        *("theta_initial", "theta", "theta_greedy", "theta_n", "random"),
        *(f"theta_against_{name}_predators" for name in ("random", "greedy", "intercepting")),
        *("theta_against_random_prey", "theta_against_fleeing_prey"),
    ]
