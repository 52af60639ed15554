"""Which run a directory may keep."""

import pytest

from dimapg_tf.experiment.config import load_config
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.run_directory import RunDirectory


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    directory.describe(load_config(gamma=0.9))
    return directory


def test_the_same_run_may_go_on_for_longer(run):
    run.examine(load_config(gamma=0.9))
    run.examine(load_config(gamma=0.9, episodes=7, checkpoint_every=3))
    assert run.config() == load_config(gamma=0.9)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"gamma": 0.99}, "differs in --gamma;"),
        ({"gamma": 0.9, "seed": 2, "horizon": 20}, "differs in --horizon, --seed;"),
        ({"algorithm": "maddpg"}, "--algorithm, --alpha_1, "),
    ],
    ids=str,
)
def test_another_configuration_may_not(run, other, named):
    before = run.flags.read_text()
    with pytest.raises(RunDirectoryError, match=named):
        run.examine(load_config(**other))
    assert run.flags.read_text() == before
