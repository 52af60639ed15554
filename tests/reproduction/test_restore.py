"""Records become runs again, and experiments go on from them: only what is whole and as planned."""

import json

import pytest
from small_records import returns, write_crossplay, write_run

from dimapg_tf.experiment import console, keeping
from reproduction import marks, publish, restore
from reproduction.experiments import PYTHON
from reproduction.plan import EXPERIMENTS, Experiment
from reproduction.sizes import SIZES, Size
from reproduction.steps import steps_of
from reproduction.tasks import PURSUIT_3V1

LEARNER = "maddpg_tuned_predator_prey"
RUNS = [f"{LEARNER}/seed_{seed}" for seed in (1, 2, 3)]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A plan of three seeds and their cross-play, all of it done in `runs`."""
    monkeypatch.setitem(SIZES, (PURSUIT_3V1, LEARNER), Size(1, 1000, 1000, 1000))
    experiment = Experiment("small", ((PURSUIT_3V1, (LEARNER,)),), crossplay=True)
    monkeypatch.setitem(EXPERIMENTS, "small", experiment)
    root = tmp_path / "runs/standard"
    for run in RUNS:
        evaluation = {"theta": returns(1.0)}
        write_run(root, f"{PURSUIT_3V1}/{run}", 1.0, evaluation, columns=("predators/return_mean",))
    write_crossplay(root, PURSUIT_3V1, RUNS, {(run, run): 1.0 for run in RUNS})
    write_history(root, [step.name for step in steps(root)])
    monkeypatch.setattr(keeping.policy_file, "write", lambda path, *_: [
        (path / name).write_text("of a policy") for name in ("policy.npz", "policy.json")
    ])  # fmt: skip
    monkeypatch.setattr(keeping, "policies_of", lambda _: (None, None, None))
    return tmp_path


def write_history(root, names):
    """As the runner writes it: what is done, with what an evaluation found."""
    lines = ["2018-05-22 12:00:00 started: ./run_experiments.sh standard small"]
    lines += [f"2018-05-22 12:00:01 done in 4 min: {name}; return mean 1.0" for name in names]
    (root / "logs").mkdir(exist_ok=True)
    (root / "logs/history.txt").write_text("\n".join(lines) + "\n")


def steps(root):
    return steps_of("standard", ["small"], None, root, PYTHON)


def published_and_put_back(place, policies):
    """The names of the steps that are done where the records were put back."""
    argv = ["publish", str(place / "runs/standard"), f"--output={place / 'results'}"]
    assert console.run(publish.main, [*argv, f"--policies={policies}"]) == 0
    argv = ["restore", "standard", "small", f"--records={place / 'results'}"]
    assert console.run(restore.main, [*argv, f"--runs={place / 'again'}"]) == 0
    again = place / "again/standard"
    return marks.done(again / "logs", steps(again))


@pytest.mark.parametrize("policies", [1, 3])
def test_all_that_was_done_is_done_again(policies, place):
    ours = steps(place / "again/standard")
    assert published_and_put_back(place, policies) == {step.name for step in ours}
    roots = [place / name / "standard" for name in ("runs", "again")]
    first, again = ((root / PURSUIT_3V1 / RUNS[1] / "metrics.csv").read_bytes() for root in roots)
    assert first == again
    records = [root / PURSUIT_3V1 / "crossplay/crossplay.json" for root in roots]
    first, again = (json.loads(path.read_text()) for path in records)
    assert first["pairs"] == again["pairs"]
    assert again["runs"] == {run: str(roots[1] / PURSUIT_3V1 / run) for run in RUNS}
    before = (place / "runs/standard/logs/history.txt").read_text()
    after = (place / "again/standard/logs/history.txt").read_text()
    assert after.startswith(before)
    assert "7 of 7 steps" in after[len(before) :]


def test_a_crossplay_to_come_needs_policies(place):
    """Runs of which no policy was kept cannot play, so they are trained anew."""
    (place / "runs/standard" / PURSUIT_3V1 / "crossplay/crossplay.json").unlink()
    done = published_and_put_back(place, policies=2)
    trained = {f"{PURSUIT_3V1}/{run}" for run in RUNS[:2]}
    assert done == {f"{run} {what}" for run in trained for what in ("train", "evaluate")}
    assert not (place / "again/standard" / PURSUIT_3V1 / RUNS[2]).exists()


def test_only_what_the_history_calls_done(place):
    """A record of another time has no place in this history."""
    names = [f"{PURSUIT_3V1}/{RUNS[0]} train", f"{PURSUIT_3V1}/{RUNS[1]} evaluate"]
    write_history(place / "runs/standard", names)
    assert published_and_put_back(place, policies=3) == {names[0]}


@pytest.mark.parametrize("size", [Size(1, 1000, 900, 1000), Size(1, 1000, 2000, 1000)])
def test_only_what_the_plan_makes_today(size, place, monkeypatch):
    monkeypatch.setitem(SIZES, (PURSUIT_3V1, LEARNER), size)
    assert published_and_put_back(place, policies=3) == set()


def test_only_runs_of_the_plans_flags(place):
    root = place / "runs/standard"
    columns, evaluation = ("predators/return_mean",), {"theta": returns(1.0)}
    for run in RUNS:
        (root / PURSUIT_3V1 / run).rename(place / run.replace("/", "_"))
        name = f"{PURSUIT_3V1}/{run}"
        write_run(root, name, 1.0, evaluation, {"gamma": 0.5}, columns=columns)
    assert published_and_put_back(place, policies=3) == set()


def refused(capfd, *argv):
    assert console.run(restore.main, ["restore", *argv]) == console.BAD_INPUT
    return capfd.readouterr().err


def test_bad_input(place, capfd):
    assert "the mode comes first: quick, standard, paper" in refused(capfd)
    assert "'slow'" in refused(capfd, "slow")
    assert "'fig7': no such experiment" in refused(capfd, "standard", "fig7")
    flags = (f"--records={place}", f"--runs={place / 'runs'}")
    assert f"{place / 'standard_history.txt'} is not there" in refused(capfd, "standard", *flags)
    (place / "standard_history.txt").write_text("")
    assert "there are runs already" in refused(capfd, "standard", *flags)


def test_what_is_there_is_not_written_over(place):
    record = place / "runs/standard" / PURSUIT_3V1 / RUNS[0]
    with pytest.raises(keeping.RunDirectoryError, match="is there already"):
        keeping.unpack(record, record.parent)
    with pytest.raises(keeping.RunDirectoryError):
        keeping.unpack(place / "nothing", place / "new")
    assert not (place / "new").exists()
