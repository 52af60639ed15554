"""What cannot fit into memory is refused before anything starts; what is used today is not."""

import dataclasses

import pytest

from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.experiment import flagfiles, memory
from dimapg_tf.experiment.config import load_config
from dimapg_tf.types import ConfigurationError, EnvSpec, Population
from reproduction.tasks import NEAR_100, NEAR_300, TASKS

GIGABYTE = 10**9


@pytest.fixture
def machine(monkeypatch):
    """One of 16 GB."""
    monkeypatch.setattr(memory, "limit", lambda: 16 * GIGABYTE)
    monkeypatch.setattr(memory, "_meminfo", lambda name: None)


def spec_of(config):
    """As the environments make it, but without making them."""
    settings = config.env_settings
    if config.env == "predator_prey":
        sizes = (settings.num_predators, settings.num_prey)
        pairs = zip(("predators", "prey"), sizes, settings.observation_sizes)
        populations = {name: Population(n, size, 5) for name, n, size in pairs}
    elif config.env == "survival":
        view = (2 * settings.view_range + 1) ** 2
        populations = {"agents": Population(settings.num_agents, 7 * view + 34, 21)}
    else:
        n = settings.num_agents
        populations = {"agents": Population(n, 4 + 2 * n + 2 * (n - 1), 5)}
    rollout = "games" if config.env == "survival" else "compiled"
    return EnvSpec(config.env, populations, settings.horizon, rollout)


def check(config):
    spec = spec_of(config)
    needs = config.kind().part("memory")(spec, config.settings)
    memory.check(needs, config.values(), spec)


def names(folder):
    return [path.stem for path in sorted((flagfiles.configs() / folder).glob("*.flags"))]


# All tasks, and not what the paper does not train: kitchen sinks of 100 agents need 29 GB.
@pytest.mark.parametrize(
    "env", sorted({t.flagfile for t in TASKS.values() if t.name not in (NEAR_100, NEAR_300)})
)
@pytest.mark.parametrize("algorithm", names("algorithm"))
def test_what_the_paper_trains_fits(env, algorithm, machine):
    check(load_config(env, algorithm))


@pytest.mark.parametrize("trajectories", [25, 100, 1000])
def test_large_batches_fit(trajectories, machine):
    check(load_config("cooperative_navigation_10", trajectories=trajectories))


@pytest.mark.parametrize(
    "algorithm", ["dimapg", "fine_tune", "maddpg", "a3c_kitchensink", "trpo_kitchensink"]
)
@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"num_agents": 100_000}, "num_agents = 100000"),
        ({"horizon": 100_000_000}, "horizon = 100000000"),
        ({"trajectories": 1_000_000}, "trajectories = 1000000"),
        ({"hidden": (1_000_000, 1_000_000)}, "hidden = 1000000,1000000"),
        ({"worlds": 10_000_000}, "worlds = 10000000"),
        ({"replay_size": 10**10}, "replay_size = 10000000000"),
        ({"lstm": 10**6}, "lstm = 1000000"),
        ({"dense": 10**9}, "dense = 1000000000"),
        ({"workers": 10**6}, "workers = 1000000"),
    ],
    ids=str,
)
def test_what_is_beyond_is_named(algorithm, overrides, named, machine):
    try:
        config = load_config("cooperative_navigation", algorithm, **overrides)
    except ConfigurationError:
        pytest.skip("not a setting of this learner")
    with pytest.raises(
        ConfigurationError, match=f"{named}.*needs at least .* GB.*there are 16.0 GB"
    ):
        check(config)


def test_an_evaluation(machine):
    spec = spec_of(load_config("cooperative_navigation_3"))
    memory.check(memory.evaluation(spec, 10_000), {"episodes": 10_000}, spec)
    with pytest.raises(ConfigurationError, match=r"episodes = 10000000: .* there are 16\.0 GB"):
        memory.check(memory.evaluation(spec, 10**7), {"episodes": 10**7}, spec)


def test_what_may_fit_is_warned_of(machine, monkeypatch, capsys):
    monkeypatch.setattr(memory, "_meminfo", lambda name: GIGABYTE // 10)
    spec = EnvSpec("world", {"agents": Population(10, 42, 5)}, 200, "compiled")
    settings = dataclasses.replace(Settings(), trajectories=200)
    needs = load_config().kind().part("memory")(spec, settings)
    memory.check(needs, {"trajectories": 200, "horizon": 200}, spec)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: trajectories = 200, horizon = 200: ")
    assert "0.1 GB are free" in line


def test_the_machine_has_some():
    assert GIGABYTE // 100 < memory.limit() < 10**15
