"""The pooled critic's settings, its size, and runs from before there was one."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.maddpg import memory, networks
from baselines.maddpg.settings import Settings
from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.config import load_config
from dimapg_tf.types import ConfigurationError, EnvSpec, Population

A = 5
HIDDEN = (4, 3)


def test_no_weight_depends_on_the_number_of_agents():
    def shapes(num_agents):
        spec = EnvSpec("crowd", {"agents": Population(num_agents, 6, A)}, 5, rollout="compiled")
        made = networks.init(
            np.random.default_rng(1), spec, "agents", HIDDEN, True, critic="pooled"
        )
        return [tuple(v.shape) for v in tf.nest.flatten(made)]

    assert shapes(2) == shapes(300)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"share_parameters": False}, "critic = pooled.*share_parameters"),
        ({"hidden": ()}, "hidden = .*pooled"),
        ({"critic": "max"}, "critic = 'max'.*joint, pooled"),
    ],
)
def test_settings_that_do_not_go_together(changes, named):
    with pytest.raises(ConfigurationError, match=named):
        Settings(**{"critic": "pooled", "share_parameters": True, **changes})


def test_memory_grows_with_the_team_and_not_with_its_square():
    def size(num_agents, critic):
        spec = EnvSpec("crowd", {"agents": Population(num_agents, 39, A)}, 200, "compiled")
        return memory.network_bytes(spec, Settings(critic=critic, share_parameters=True))

    assert size(1000, "pooled") == size(10, "pooled") < size(10, "joint")
    made = networks.init(
        np.random.default_rng(1),
        EnvSpec("crowd", {"agents": Population(3, 39, A)}, 200, "compiled"),
        *("agents", (64, 64), True),
        critic="pooled",
    )
    assert size(3, "pooled") == 16 * sum(v.shape.num_elements() for v in tf.nest.flatten(made))


def test_runs_from_before_there_was_a_choice_are_read(tmp_path):
    config = load_config(algorithm="maddpg", seed=3)
    lines = run_configuration.write(config).splitlines()
    older = [line for line in lines if not line.startswith("--critic=")]
    older[0] = "# dimapg_tf run configuration, schema 9"
    (tmp_path / "flags.txt").write_text("\n".join(older) + "\n")
    assert run_configuration.read(tmp_path / "flags.txt") == config
