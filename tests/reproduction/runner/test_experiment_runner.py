"""Running, skipping, failing and going on, with commands that do no work."""

import os
import shutil
import subprocess
import sys

import pytest
from fake_commands import CHASE, LEARNERS, ROOT, calls, run


def test_everything_once_and_what_is_done_is_skipped(fake, capsys):
    assert run(fake, "quick", "fig4_3v1") == 0
    names = [call.split()[0] for call in calls(fake)]
    assert sorted(names) == sorted(
        [
            *(*["dimapg_tf.train"] * 4, "baselines.maddpg.train"),
            *("baselines.a3c_kitchensink.train", "baselines.trpo_kitchensink.train"),
            *["dimapg_tf.evaluate"] * 7,
            *("dimapg_tf.render", "dimapg_tf.crossplay", "reproduction.report"),
        ]
    )
    assert names[0] == "dimapg_tf.train"
    assert names[-2:] == ["dimapg_tf.crossplay", "reproduction.report"]
    printed = capsys.readouterr().out
    assert printed.count("\n+ ") == 17
    assert "16 of 16 steps are done" in printed
    assert "min return per episode -2.0" in printed

    assert run(fake, "quick", "fig4_3v1") == 0
    assert [call.split()[0] for call in calls(fake)] == ["reproduction.report"]
    assert "16 of them done already" in capsys.readouterr().out


def test_what_has_changed_is_done_again(fake):
    run(fake, "quick", "fig4_3v1")
    calls(fake)
    where = fake / "runs/quick" / CHASE
    (where / "maddpg_tuned_predator_prey/seed_1/evaluation.json").unlink()
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
    (fake / "fail").write_text(f"{CHASE}/maddpg_tuned_predator_prey")
    assert run(fake, "quick", "fig4_3v1", f"--jobs={jobs}") == 1
    called = calls(fake)
    (crossplay,) = [call for call in called if "crossplay" in call.split()[0]]
    there = [learner for learner in LEARNERS if f"/{learner}/seed_1" in crossplay]
    assert there == [learner for learner in LEARNERS if learner != "maddpg_tuned_predator_prey"]
    assert sum("evaluate" in call.split()[0] for call in called) == 6
    assert called[-1].startswith("reproduction.report")
    printed = capsys.readouterr().out
    assert "something is wrong with it" in printed
    assert f"FAILED: {CHASE}/maddpg_tuned_predator_prey/seed_1 train (exit 1, see " in printed
    assert f"left out: {CHASE}/maddpg_tuned_predator_prey/seed_1 evaluate" in printed
    # Once it is mended, only what is missing runs, cross-play with everybody.
    (fake / "fail").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    called = calls(fake)
    assert [call.split()[0].split(".")[-1] for call in called] == [
        *("train", "evaluate", "crossplay", "report"),
    ]
    assert all(f"/{learner}/seed_1" in called[2] for learner in LEARNERS)


def test_the_run_directory_is_believed_not_the_exit_code(fake, capsys):
    """A user's environment may end the process well, in the middle of training."""
    (fake / "quit").write_text(f"{CHASE}/maddpg_tuned_predator_prey")
    assert run(fake, "quick", "fig4_3v1") == 1
    printed = capsys.readouterr().out
    assert (
        f"FAILED: {CHASE}/maddpg_tuned_predator_prey/seed_1 train (exit 0, but episodes are missing"
        in printed
    )
    assert f"left out: {CHASE}/maddpg_tuned_predator_prey/seed_1 evaluate" in printed
    (fake / "quit").unlink()
    assert run(fake, "quick", "fig4_3v1") == 0
    # Nor is a mark believed where rows of a run that was finished are gone.
    calls(fake)
    metrics = fake / "runs/quick" / CHASE / "maddpg_tuned_predator_prey/seed_1/metrics.csv"
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
    (fake / "slow").write_text("16")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((100, 24)))
    assert run(fake, "quick", "look_dimapg", "--jobs=1") == 0
    printed = capsys.readouterr().out
    progress, curve = next(
        drawn.split("\n\x1b[K") for drawn in printed.split("\r\x1b[K") if "▁" in drawn
    )
    assert "at work: cooperative_navigation_3_near/dimapg_set/seed_1 train" in progress
    text = curve.partition("\x1b[1A\r")[0]
    assert text.startswith("worst agent ▁")
    assert " -199.0 to " in text
    assert len(text) < 100
    assert f"The report: {fake / 'runs/quick/report/index.html'}" in printed


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
