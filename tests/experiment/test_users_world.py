"""A user's own environment, from Python and the command line: played, trusted, failing."""

import json
import sys

import numpy as np
import pytest
from worlds_of_users import Tiny

import dimapg_tf
from dimapg_tf import train
from dimapg_tf.experiment import console
from dimapg_tf.types import ConfigurationError

SMALL = {
    **{"trajectories": 2, "k": 1, "hidden": (4,), "meta_gradient": "first_order", "episodes": 6},
    **{"central_update": "reinforce", "checkpoint_every": 1, "horizon": 4},
}


def small_config(**changes):
    return dimapg_tf.load_config("pettingzoo", "dimapg", **{**SMALL, **changes})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of an environment that no module names."""
    path = tmp_path_factory.mktemp("given") / "run"
    config = small_config(populations={"left": ["walker_0"], "right": ["walker_1"]})
    assert dimapg_tf.Run(path, config, env=lambda: Tiny()).train() == 0  # noqa: PLW0108
    return path


def test_an_environment_from_python(trained):
    run = dimapg_tf.Run(trained, env=Tiny)
    rewards = run.evaluate(episodes=2)
    assert np.isfinite(rewards["theta"]["left/return_mean"])
    policy = dimapg_tf.load_policy(trained, env=Tiny)
    state = policy.start(num_worlds=1, seed=0)
    world = Tiny()
    observations, _ = world.reset(seed=0)
    while world.agents:
        actions, state = policy.act(state, policy.env.vectors(observations))
        observations, *_ = world.step(policy.env.by_agent(actions, world.agents))


def test_it_has_to_be_given_again(trained):
    with pytest.raises(ConfigurationError, match="given again: Run"):
        dimapg_tf.load_policy(trained)
    with pytest.raises(ConfigurationError, match="goes with load_config"):
        dimapg_tf.load_config("cooperative_navigation").make_env(Tiny)


def arguments(tmp_path, *more):
    flags = {**SMALL, "hidden": 4}
    return [
        *("train", f"--logdir={tmp_path / 'run'}", "--env=pettingzoo"),
        *(f"--{name}={value}" for name, value in flags.items()),
        *more,
    ]


def fails_at(step):
    """A world whose step of this number, counted over all its episodes, ends the process."""

    class Fatal(Tiny):
        done = 0

        def step(self, actions):
            Fatal.done += 1
            if Fatal.done == step:
                sys.exit(0)
            return super().step(actions)

    return Fatal


def test_a_world_that_ends_the_process(tmp_path, capsys):
    """Found before training there is no run directory; later, the last checkpoint is kept."""
    for step, kept in ((2, False), (120, True)):
        path = tmp_path / str(step)
        run = dimapg_tf.Run(path, small_config(episodes=90), env=fails_at(step))
        assert console.run(lambda _, run=run: run.train(), ["train"]) == 1
        said = capsys.readouterr().err.splitlines()[-1]
        assert "the environment ended the process (sys.exit(0))" in said
        assert "Fatal" in said
        assert path.exists() == kept
    progress = json.loads((path / "policy.json").read_text())["iteration"]
    rows = (path / "metrics.csv").read_text().splitlines()
    assert progress == len(rows) - 1 >= 1


@pytest.fixture
def strangers_run(tmp_path):
    """A run directory whose flags.txt names a module that says when it is imported."""
    (tmp_path / "evil_world.py").write_text("raise SystemExit('imported')\n")
    path = tmp_path / "run"
    path.mkdir()
    from dimapg_tf.experiment import run_configuration

    path.joinpath("flags.txt").write_text(
        run_configuration.write(small_config(module="evil_world"))
    )
    return path


@pytest.mark.parametrize("script", ["evaluate", "render", "crossplay"])
def test_a_strangers_module_is_not_imported(script, strangers_run, monkeypatch, capsys):
    monkeypatch.syspath_prepend(strangers_run.parent)
    module = __import__(f"dimapg_tf.{script}", fromlist=["main"])
    from dimapg_tf.experiment import policy_file

    monkeypatch.setattr(policy_file, "read", lambda path: (None, None, {}))
    more = ["--noheat_map"] if script == "crossplay" else []
    assert console.run(module.main, [script, str(strangers_run), *more]) == 2
    said = capsys.readouterr().err
    assert "module = 'evil_world'" in said
    assert "flags.txt:" in said
    assert "--trust_module" in said
    assert "evil_world" not in sys.modules
    with pytest.raises(ConfigurationError, match="ended the process"):
        dimapg_tf.load_policy(strangers_run, trust=True)


def test_what_the_command_line_names_is_trusted(tmp_path, monkeypatch):
    """Also the packages of environments that are installed with this one, wherever they stand."""
    config = small_config(module="worlds_of_users")
    assert config.make_env().members == {"walker": ["walker_0", "walker_1"]}
    path = tmp_path / "my.flags"
    path.write_text("--env=pettingzoo\n--module=worlds_of_users\n")
    from dimapg_tf.experiment.training_script import read_command_line

    config, options = read_command_line(["train", f"--flagfile={path}"], "dimapg")
    with pytest.raises(ConfigurationError, match=r"my.flags:2.*--trust_module"):
        config.make_env(trust=options.trust_module)
    config, options = read_command_line(["train", f"--flagfile={path}", "--trust_module"], "dimapg")
    assert config.make_env(trust=options.trust_module).spec.name == "worlds_of_users"
    path.write_text("--env=pettingzoo\n--module=mpe2.simple_spread_v3\n")
    config, _ = read_command_line(["train", f"--flagfile={path}"], "dimapg")
    assert list(config.make_env().spec.populations) == ["agent"]


def test_bad_input_leaves_no_directory(tmp_path, capsys):
    more = ["--module=worlds_of_users", '--arguments={"agents": []}']
    assert console.run(train.main, arguments(tmp_path, *more)) == 2
    assert "possible_agents = []" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
