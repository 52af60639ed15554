"""What experiments have done and when, over all their starts."""

from datetime import datetime, timedelta

from fake_commands import calls, run

from reproduction.history import History

NOON = datetime(2018, 5, 22, 12)


class Clock:
    """Says what it is told to."""

    def __init__(self):
        self.time = NOON

    def __call__(self):
        return self.time

    def after(self, **more):
        self.time += timedelta(**more)


def test_time_at_work_leaves_out_what_lies_between(tmp_path):
    clock = Clock()
    history = History(tmp_path / "history.txt", clock)
    assert history.at_work() == (0.0, 0)
    history.start("standard")
    clock.after(minutes=30)
    history.write("done in 30 min: a\nand more of it")
    clock.after(minutes=5)  # killed here: nobody knows until when it worked
    clock.after(hours=9)
    history.start("standard")
    clock.after(hours=2)
    history.write("ended")
    assert history.at_work() == (30 * 60 + 2 * 3600, 2)
    with (tmp_path / "history.txt").open("a") as file:
        file.write("2018-05-2")
    assert history.at_work() == (30 * 60 + 2 * 3600, 2)
    lines = (tmp_path / "history.txt").read_text().splitlines()
    assert lines[0] == "2018-05-22 12:00:00 started: standard"
    assert lines[1] == "2018-05-22 12:30:00 done in 30 min: a"
    assert len(lines) == 4 + 1


def test_the_history_of_an_experiment(fake, capsys):
    run(fake, "quick", "fig5")
    run(fake, "quick", "fig5")
    calls(fake)
    text = (fake / "runs/quick/logs/history.txt").read_text()
    first, second = text.split(" started: ")[1:]
    assert first.startswith("./run_experiments.sh quick fig5; commit ")
    assert "0 of 3 steps are done" in first
    assert "3 of 3 steps are done" in second
    assert "done in 0 s: survival_230/dimapg_survival_all_data/seed_1 train" in first
    assert "dimapg_tf.train" not in second
    assert first.count(" ended: 3 of 3 steps are done\n") == 1
    assert " in 2 starts)." in capsys.readouterr().out
