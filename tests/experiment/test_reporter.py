"""What a training shows while it runs: on a terminal, and elsewhere."""

import fcntl
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
from dimapg_tf.experiment.reporter import Reporter

reporter = Reporter(10, 40, [{"iteration": "1", "min_return_per_episode": "-40.0"}])
for iteration in (2, 3, 4):
    worst = {"return_mean": -1.0, "min_return_per_episode": 10.0 * iteration - 50.0}
    reporter.iteration(10 * iteration, worst)
reporter.close()
"""


def shown(stderr):
    """A resumed run of four iterations, in a process of its own; what it prints goes to stderr."""
    command = [sys.executable, "-c", SCRIPT]
    return subprocess.run(command, cwd=ROOT, stderr=stderr, check=True)


def test_a_terminal_shows_a_bar_and_the_curve_of_the_whole_run():
    reader, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
    shown(terminal)
    os.close(terminal)
    printed = os.read(reader, 100_000).decode()
    os.close(reader)
    assert "100%" in printed
    assert printed.rstrip().endswith("worst agent ▁▃▆█ -40.0 to -10.0")


def test_elsewhere_lines_are_printed():
    printed = shown(subprocess.PIPE).stderr.decode()
    assert "▁" not in printed
    assert "40 of 40 episodes" in printed.splitlines()[-1]
    assert "worst agent -10.0" in printed.splitlines()[-1]
