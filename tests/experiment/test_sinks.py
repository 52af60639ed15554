"""Other places that metrics go to: metrics.csv is the same, and training outlives them."""

import csv
import sys
from types import SimpleNamespace

import pytest

from dimapg_tf.experiment import sinks, training_script
from dimapg_tf.experiment.run import Run
from dimapg_tf.types import ConfigurationError


class Package:
    """Passes for wandb and for mlflow: notes what it is called with."""

    def __init__(self):
        self.calls = []
        self.info = SimpleNamespace(run_id="flow")
        self.id = "bias"

    def __getattr__(self, name):
        def call(*arguments, **keywords):
            self.calls.append((name, arguments, keywords))
            return self

        return call

    def of(self, name):
        return [(arguments, keywords) for n, arguments, keywords in self.calls if n == name]


@pytest.fixture
def packages(monkeypatch):
    made = {name: Package() for name in sinks.SINKS}
    for name, package in made.items():
        monkeypatch.setitem(sys.modules, name, package)
    return made


def without_clock(path):
    with open(path / "metrics.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def test_metrics_are_the_same_with_all_of_them_on(stub, tmp_path, packages):
    plain, also = tmp_path / "plain", tmp_path / "also"
    assert Run(plain, stub(3)).train() == 0
    assert Run(also, stub(3)).train(sinks=sinks.named("wandb,mlflow")) == 0
    rows = without_clock(plain)
    assert without_clock(also) == rows
    names = {path.name for path in plain.iterdir()}
    assert {path.name for path in also.iterdir()} == names | {"wandb_id", "mlflow_id"}
    # The rows themselves, by episodes.
    logged = packages["wandb"].of("log")
    assert [keywords["step"] for _, keywords in logged] == [10, 20, 30]
    returns = [arguments[0]["return_mean"] for arguments, _ in logged]
    assert returns == pytest.approx([float(row["return_mean"]) for row in rows], rel=1e-6)
    numbers = packages["mlflow"].of("log_metrics")
    assert [arguments[0]["return_mean"] for arguments, _ in numbers] == returns
    ((_, begun),) = packages["wandb"].of("init")
    assert begun["config"]["episodes"] == 30
    assert (begun["id"], begun["resume"]) == (None, "allow")
    (((params,), _),) = packages["mlflow"].of("log_params")
    assert params["episodes"] == "30"
    assert len(packages["wandb"].of("finish")) == len(packages["mlflow"].of("end_run")) == 1


def test_a_resumed_run_goes_on_in_the_same_places(stub, tmp_path, packages):
    Run(tmp_path / "run", stub(1)).train(sinks=sinks.named("wandb,mlflow"))
    Run(tmp_path / "run", stub(2)).train(resume=True, sinks=sinks.named("wandb,mlflow"))
    assert [keywords["id"] for _, keywords in packages["wandb"].of("init")] == [None, "bias"]
    begun = [keywords["run_id"] for _, keywords in packages["mlflow"].of("start_run")]
    assert begun == [None, "flow"]
    assert len(packages["mlflow"].of("log_params")) == 1


class Failing:
    """Takes one row, then no more."""

    def __init__(self):
        self.rows = 0

    def begin(self, run, values):
        """Nothing to do."""

    def write(self, row):
        self.rows += 1
        if self.rows == 2:
            raise OSError("the network\nis down")

    def close(self):
        raise AssertionError("it has failed already")


def test_training_outlives_a_sink(stub, tmp_path, capsys):
    failing = Failing()
    assert Run(tmp_path / "run", stub(4)).train(sinks=[failing]) == 0
    assert failing.rows == 2
    assert len(without_clock(tmp_path / "run")) == 4
    told = capsys.readouterr().err
    assert told.count("Failing.write: OSError: the network is down; training goes on") == 1


def test_what_is_not_there_is_told_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    for named, message in (("wandb", r"pip install 'dimapg_tf\[wandb\]'"), ("no", "must be of")):
        argv = ["train", f"--log_to={named}", f"--logdir={tmp_path / 'run'}"]
        with pytest.raises(ConfigurationError, match=message):
            training_script.main(argv, "dimapg", "")
    assert not (tmp_path / "run").exists()
