"""Running, skipping, failing, stopping and going on, with commands that do no work."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reproduction import experiments, runner

ROOT = Path(__file__).parents[3]
CHASE = "predator_prey_3v1"
LEARNERS = (
    *("dimapg_reinforce_predator_prey", "maddpg"),
    *("a3c_kitchensink_predator_prey", "trpo_kitchensink_predator_prey"),
)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A directory with the fake python; commands see the flagfiles of the repository."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.02)
    script = tmp_path / "python"
    text = (Path(__file__).parent / "fake_python.py").read_text(encoding="utf-8")
    script.write_text(f"#!{sys.executable} -SE\n{text}", encoding="utf-8")
    script.chmod(0o755)
    return tmp_path


def run(fake, *argv):
    return experiments.main(argv, fake / "runs", str(fake / "python"), ["true"])


def calls(fake):
    """What has been called since the last look: ["dimapg_tf.evaluate RUN_DIR ...", ...]."""
    path = fake / "calls.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("")
    return [line.removeprefix("-m ") for line in lines]


def test_everything_once_and_what_is_done_is_skipped(fake, capsys):
    assert run(fake, "quick", "fig4_3v1") == 0
    names = [call.split()[0] for call in calls(fake)]
    assert sorted(names) == sorted(
        [
            *("dimapg_tf.train", "baselines.maddpg.train", "baselines.a3c_kitchensink.train"),
            *("baselines.trpo_kitchensink.train", *["dimapg_tf.evaluate"] * 4),
            *("dimapg_tf.render", "dimapg_tf.crossplay", "reproduction.report"),
        ]
    )
    assert names[0] == "dimapg_tf.train"
    assert names[-2:] == ["dimapg_tf.crossplay", "reproduction.report"]
    printed = capsys.readouterr().out
    assert printed.count("\n+ ") == 11
    assert "10 of 10 steps are done" in printed
    assert "min return per episode -2.0" in printed

    assert run(fake, "quick", "fig4_3v1") == 0
    assert [call.split()[0] for call in calls(fake)] == ["reproduction.report"]
    assert "10 of them done already" in capsys.readouterr().out


def test_what_has_changed_is_done_again(fake):
    run(fake, "quick", "fig4_3v1")
    calls(fake)
    where = fake / "runs/quick" / CHASE
    (where / "maddpg/seed_1/evaluation.json").unlink()
    run(fake, "quick", "fig4_3v1")
    assert [call.split()[0] for call in calls(fake)] == [
        "dimapg_tf.evaluate",
        "reproduction.report",
    ]
    # A run that is gone is trained again, and all that was made of it.
    shutil.rmtree(where / LEARNERS[-1])
    run(fake, "quick", "fig4_3v1")
    assert [call.split()[0].split(".")[-1] for call in calls(fake)] == [
        *("train", "evaluate", "crossplay", "report"),
    ]
    # Another seed leaves the first one's steps alone.
    run(fake, "quick", "fig4_3v1", "--seeds=1-2")
    assert all("seed_2" in call or "report" in call for call in calls(fake))


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_failure_does_not_stop_the_others(fake, capsys, jobs):
    (fake / "fail").write_text(f"{CHASE}/maddpg")
    assert run(fake, "quick", "fig4_3v1", f"--jobs={jobs}") == 1
    called = calls(fake)
    (crossplay,) = [call for call in called if "crossplay" in call.split()[0]]
    assert [learner in crossplay for learner in LEARNERS] == [True, False, True, True]
    assert sum("evaluate" in call.split()[0] for call in called) == 3
    assert called[-1].startswith("reproduction.report")
    printed = capsys.readouterr().out
    assert "something is wrong with it" in printed
    assert f"FAILED: {CHASE}/maddpg/seed_1 train (exit 1, see " in printed
    assert f"left out: {CHASE}/maddpg/seed_1 evaluate" in printed
    # Once it is mended, only what is missing runs, cross-play with everybody.
    (fake / "fail").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    called = calls(fake)
    assert [call.split()[0].split(".")[-1] for call in called] == [
        *("train", "evaluate", "crossplay", "report"),
    ]
    assert all(learner in called[2] for learner in LEARNERS)


def test_the_run_directory_is_believed_not_the_exit_code(fake, capsys):
    """A user's environment may end the process well, in the middle of training."""
    (fake / "quit").write_text(f"{CHASE}/maddpg")
    assert run(fake, "quick", "fig4_3v1") == 1
    printed = capsys.readouterr().out
    assert f"FAILED: {CHASE}/maddpg/seed_1 train (exit 0, but episodes are missing" in printed
    assert f"left out: {CHASE}/maddpg/seed_1 evaluate" in printed
    (fake / "quit").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    # Nor is a mark believed where rows of a run that was finished are gone.
    calls(fake)
    metrics = fake / "runs/quick" / CHASE / "maddpg/seed_1/metrics.csv"
    written = metrics.stat()
    metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:50]))
    os.utime(metrics, ns=(written.st_atime_ns, written.st_mtime_ns))
    run(fake, "quick", "fig4_3v1")
    assert calls(fake)[0].startswith("baselines.maddpg.train")


def test_a_failing_report_is_told(fake, capsys):
    script = fake / "python"
    script.write_text(
        script.read_text().replace("return 0\n\n\nif", "return 'report' in what\n\n\nif")
    )
    assert run(fake, "quick", "table2_230") == 1
    printed = capsys.readouterr().out
    assert "2 of 2 steps are done" in printed
    assert "FAILED: report (exit 1" in printed


def test_a_terminal_shows_the_learning_curve_below_the_progress(fake, capsys, monkeypatch):
    (fake / "slow").write_text("50")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((100, 24)))
    assert run(fake, "quick", "look_dimapg", "--jobs=1") == 0
    printed = capsys.readouterr().out
    progress, curve = next(
        drawn.split("\n\x1b[K") for drawn in printed.split("\r\x1b[K") if "▁" in drawn
    )
    assert "at work: cooperative_navigation_3_near/dimapg/seed_1 train" in progress
    text = curve.partition("\x1b[1A\r")[0]
    assert text.startswith("worst agent ▁")
    assert " -199.0 to " in text
    assert len(text) < 100
    assert f"The report: {fake / 'runs/quick/report/index.html'}" in printed


def started(fake, *argv):
    """run_experiments.sh's process, once the second training has 7 episodes behind it."""
    (fake / "slow").write_text("")
    code = (
        "import sys; from pathlib import Path; from reproduction import experiments;"
        f"sys.exit(experiments.main({list(argv)!r}, Path({str(fake / 'runs')!r}),"
        f" {str(fake / 'python')!r}, ['true']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-SE", "-c", code], stdout=subprocess.PIPE, text=True
    )
    metrics = fake / "runs/quick" / CHASE / "maddpg/seed_1/metrics.csv"
    deadline = time.time() + 60
    while not metrics.exists() or metrics.read_text().count("\n") < 8:
        assert time.time() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return process


def pids(fake):
    """Of the fake commands that are at work."""
    running = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(fake / "python").encode() in arguments[1:4] and b"-m" in arguments:
            running.append(int(path.parent.name))
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_commands_with_their_checkpoints(fake, capsys, number):
    process = started(fake, "quick", "fig4_3v1")
    assert pids(fake)
    process.send_signal(number)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "To go on: ./run_experiments.sh quick fig4_3v1" in printed
    assert not pids(fake)
    logdir = fake / "runs/quick" / CHASE / "maddpg/seed_1"
    kept = int((logdir / "checkpoint").read_text())
    assert 7 <= kept < 100
    (fake / "slow").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    assert (logdir / "checkpoint").read_text() == "100"


def test_killed_and_started_again_ends_the_same(fake, capsys):
    """SIGKILL takes the commands along; what was finished is not run again."""
    process = started(fake, "quick", "fig4_3v1", "--jobs=2")
    with pytest.raises(SystemExit):  # beside another one, nothing is started
        run(fake, "quick", "fig4_3v1")
    assert "another run_experiments.sh is at work" in capsys.readouterr().err
    process.kill()
    process.communicate()
    deadline = time.time() + 20
    while pids(fake):
        assert time.time() < deadline
        time.sleep(0.01)
    before = calls(fake)
    (fake / "slow").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    after = calls(fake)
    finished = {path.stem for path in (fake / "runs/quick/logs").glob("*.done")}
    assert len(finished) == 11
    assert any("maddpg.train" in call for call in after)
    again = set(before) & set(after)
    assert 1 <= len(again) <= 2  # those that were at work
    for learner in LEARNERS:
        rows = (fake / "runs/quick" / CHASE / learner / "seed_1/metrics.csv").read_text()
        assert rows.count("\n") - 1 == int(rows.splitlines()[-1].split(",")[1])


def test_survival_has_the_machine_to_itself(fake):
    """Never two at once: each call of its scripts ends before the next one starts."""
    script = fake / "python"
    script.write_text(
        script.read_text().replace(
            "    _, module, *rest = arguments\n",
            "    _, module, *rest = arguments\n"
            "    busy = HERE / 'busy'\n"
            "    busy.mkdir()\n"
            "    time.sleep(0.05)\n"
            "    busy.rmdir()\n",
        )
    )
    assert run(fake, "quick", "table2_230", "table2_630", "--jobs=4") == 0
    assert len(calls(fake)) == 5


def test_the_shell_script_hands_its_arguments_on():
    """Before anything is installed: a wrong word is told, and a plan is printed."""

    def shell(*argv):
        command = ["./run_experiments.sh", *argv]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    told, plan = shell("nothing"), shell("quick", "fig6", "--dry_run")
    assert (told.returncode, plan.returncode) == (2, 0)
    assert "'nothing'" in told.stderr
    assert [line.split()[2] for line in plan.stdout.splitlines()] == [
        *("dimapg_tf.train", "dimapg_tf.evaluate", "dimapg_tf.render", "reproduction.report"),
    ]
