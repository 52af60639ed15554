import pytest

from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.run_directory import RunDirectory

OLD = ["--algorithm=dimapg", "--gamma=0.9"]


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    directory.describe(OLD)
    return directory


def test_a_flag_that_came_later_had_its_default(run):
    run.examine([*OLD, "--new=0"], resume=True, defaults=["--gamma=0.99", "--new=0"])
    with pytest.raises(RunDirectoryError, match="differs in --new;"):
        run.examine([*OLD, "--new=1"], resume=True, defaults=["--gamma=0.99", "--new=0"])
    with pytest.raises(RunDirectoryError, match="differs in --gamma;"):
        run.examine(["--algorithm=dimapg", "--gamma=0.99"], True, ["--gamma=0.99"])
