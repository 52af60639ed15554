"""Flags and flagfiles."""

from pathlib import Path

import pytest
from absl import flags as absl_flags

from baselines.a3c_kitchensink.settings import Settings as A3CSettings
from baselines.kitchensink.network import Sizes
from baselines.maddpg import settings as maddpg
from baselines.trpo_kitchensink.settings import Settings as TRPOSettings
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.algorithm.single_agent import Settings as FineTuneSettings
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import flags

ROOT = Path(__file__).parents[2]


def parsed(*arguments, settings=Settings):
    fv = absl_flags.FlagValues()
    flags.define_training(fv)
    flags.define_environment(fv)
    flags.define_settings(settings, fv)
    assert flags.parse(fv, ["script", *arguments], "usage") == []
    return fv


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs/env").glob("*.flags")), ids=lambda p: p.stem
)
def test_env_flagfiles(path):
    fv = parsed(f"--flagfile={path}")
    env = make_env(fv.env, **flags.environment_settings(fv))
    # simple_spread is the library's name of Cooperative Navigation.
    assert env.spec.name in path.stem.replace("simple_spread", "cooperative_navigation")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs/algorithm").glob("dimapg*.flags")), ids=lambda p: p.stem
)
def test_algorithm_flagfiles(path):
    """Each states every hyper-parameter that counts, so a reader need not look for defaults."""
    settings = flags.make_settings(Settings, parsed(f"--flagfile={path}"))
    text = path.read_text(encoding="utf-8")
    unused = {"trpo": {"optimizer", "epsilon"}}.get(
        settings.central_update, {"delta", "cg_iterations", "cg_damping", "fisher_stride"}
    )
    for name in vars(settings).keys() - unused - {"sampled_agents"}:
        assert f"--{name}=" in text, name


def test_maddpg_flagfile():
    """It states every hyper-parameter, and what it states are the defaults."""
    path = ROOT / "configs/algorithm/maddpg.flags"
    fv = absl_flags.FlagValues()
    flags.define_settings(maddpg.Settings, fv)
    assert flags.parse(fv, ["script", f"--flagfile={path}"], "usage") == []
    assert flags.make_settings(maddpg.Settings, fv) == maddpg.Settings()
    text = path.read_text(encoding="utf-8")
    for name in vars(maddpg.Settings()):
        assert f"--{name}=" in text, name


@pytest.mark.parametrize(
    ("algorithm", "settings_class"),
    [("a3c_kitchensink", A3CSettings), ("trpo_kitchensink", TRPOSettings)],
    ids=str,
)
def test_kitchensink_flagfiles(algorithm, settings_class):
    path = ROOT / f"configs/algorithm/{algorithm}.flags"
    fv = parsed(f"--flagfile={path}", settings=settings_class)
    settings = flags.make_settings(settings_class, fv)
    assert settings.sizes == Sizes((16, 32), 256, 256)
    text = path.read_text(encoding="utf-8")
    for name in vars(settings):
        assert f"--{name}=" in text, name


def test_fine_tune_flagfile():
    """It states every hyper-parameter, and those that DiMA-PG has as well are the same."""
    path = ROOT / "configs/algorithm/fine_tune.flags"
    settings = flags.make_settings(
        FineTuneSettings, parsed(f"--flagfile={path}", settings=FineTuneSettings)
    )
    text = path.read_text(encoding="utf-8")
    for name in vars(settings):
        assert f"--{name}=" in text, name
    dimapg = ROOT / "configs/algorithm/dimapg_trpo.flags"
    others = flags.make_settings(Settings, parsed(f"--flagfile={dimapg}"))
    for name in vars(settings).keys() - {"trajectories"}:
        assert getattr(settings, name) == getattr(others, name), name


def test_later_wins():
    assert parsed("--gamma=0.5", "--gamma=0.7").gamma == 0.7


def test_flags_may_follow_arguments():
    fv = absl_flags.FlagValues()
    flags.define_settings(Settings, fv)
    assert flags.parse(fv, ["script", "RUN", "--gamma", "0.7"], "usage") == ["RUN"]
    assert fv.gamma == 0.7


def test_effective_flags_read_back(tmp_path):
    settings = Settings(k=2, hidden=(8, 4), sampled_agents=None, standardize_advantages=False)
    path = tmp_path / "flags.txt"
    path.write_text("\n".join(flags.as_lines({**vars(settings), "algorithm": "dimapg"})) + "\n")
    assert flags.settings_of_run(Settings, path) == settings
    assert flags.algorithm_of(path) == "dimapg"


def test_only_given_environment_settings_are_passed_on():
    assert flags.environment_settings(parsed("--num_agents=4")) == {"num_agents": 4}
