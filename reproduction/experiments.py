"""The paper's experiments from the command line; ./run_experiments.sh hands its arguments on here.

Needs nothing but Python: commands run in .venv, which is made first where it is missing.
"""

import argparse
import fcntl
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from dimapg_tf.experiment import commands, versions
from dimapg_tf.experiment.commands import duration
from reproduction.plan import BEYOND, EXPERIMENTS, FIRST_LOOK, PAPER
from reproduction.progress import expected
from reproduction.runner import Runner
from reproduction.sizes import MODES
from reproduction.steps import Step, report, runs_of, steps_of

NAME = "run_experiments.sh"
PYTHON = ".venv/bin/python"
INSTALL = ("bash", "-euo", "pipefail", "scripts/environment.sh")
BAD_INPUT = 2

USAGE = f"""./{NAME} [quick|standard|paper] [experiment ...] [--seeds 1-3] [--learners dimapg]
                     [--jobs 2] [--dry_run]

quick (the default) takes minutes; standard takes about 8 hours on two cores; paper has the paper's
numbers of episodes, and takes weeks. Experiments, of standard and paper if none is named:

{{paper}}

of quick if none is named:

{{look}}

beyond the paper:

{{beyond}}

Each command is printed and can be copied. Runs are kept in runs/MODE/TASK/LEARNER/seed_N, what
they print in runs/MODE/logs, the report of all of them in runs/MODE/report. What is finished
is skipped, what was stopped or killed goes on: the same command again."""


class Wanted(NamedTuple):
    """What was asked for."""

    mode: str
    experiments: list[str]
    seeds: list[int] | None  # None: those that the plan has for each run
    learners: list[str] | None  # None: all of the experiments
    jobs: int
    dry_run: bool

    def steps(self, experiments: Sequence[str], where: Path, python: str) -> list[Step]:
        """Of these experiments, as wanted."""
        return steps_of(self.mode, experiments, self.seeds, where, python, self.learners)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        fail(message)


def fail(message: str) -> NoReturn:
    """One line, exit 2."""
    print(f"{NAME}: {message}", file=sys.stderr)
    sys.exit(BAD_INPUT)


def parse(argv: Sequence[str]) -> Wanted:
    """The command line; exits with one line where it cannot be right."""
    paper, look, beyond = (
        "\n".join(f"  {name:<13} {e.what}" for name, e in group.items())
        for group in (PAPER, FIRST_LOOK, BEYOND)
    )
    parser = _Parser(
        prog=NAME,
        usage=USAGE.format(paper=paper, look=look, beyond=beyond),
        allow_abbrev=False,
    )
    parser.add_argument(
        "mode_and_experiments", nargs="*", metavar="mode, experiments", help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--seeds",
        help='the seeds themselves: 4, 1-3 or "1 2 5"; default 1; in standard 1-5 for DiMA-PG as '
        "we recommend it and 1-3 for all others, in paper 1-5",
    )
    parser.add_argument(
        "--learners", help="directories of those that are run, such as dimapg,dimapg_trpo"
    )
    parser.add_argument("--jobs", default="2", help="commands at a time; default 2")
    parser.add_argument("--dry_run", "--dry-run", action="store_true", help="print every command")
    options = parser.parse_intermixed_args(argv)
    modes = [name for name in options.mode_and_experiments if name in MODES] or ["quick"]
    if len(modes) > 1:
        fail(f"{' '.join(modes)}: one mode at a time")
    experiments = [name for name in options.mode_and_experiments if name not in MODES]
    for name in experiments:
        if name not in EXPERIMENTS:
            choices = ", ".join([*MODES, *EXPERIMENTS])
            fail(f"{name!r}: no such mode or experiment; there are {choices}")
    by_default = FIRST_LOOK if modes[0] == "quick" else PAPER
    names = list(dict.fromkeys(experiments)) or list(by_default)
    seeds = None if options.seeds is None else seeds_of(options.seeds)
    learners = None if options.learners is None else learners_of(options.learners, names)
    if not re.fullmatch(r"[1-9]\d*", options.jobs):
        fail(f"--jobs = {options.jobs!r}: must be a whole number, 1 or more")
    return Wanted(modes[0], names, seeds, learners, int(options.jobs), options.dry_run)


def seeds_of(text: str) -> list[int]:
    """The seeds that a text says; exits with one line where it says none."""
    try:
        return commands.seeds_of(text)
    except ValueError as error:
        fail(f"--{error}")


def learners_of(text: str, experiments: Sequence[str]) -> list[str]:
    """The learners that a text names; exits with one line where one is in no experiment."""
    names = [name for name in re.split(r"[,\s]+", text) if name]
    there = list(dict.fromkeys(learner for _, learner in runs_of(experiments)))
    for name in names or [text]:
        if name not in there:
            fail(f"--learners: {name!r} is not in what is run; there are {', '.join(there)}")
    return names


def main(
    argv: Sequence[str],
    root: Path = Path("runs"),
    python: str = PYTHON,
    install: Sequence[str] = INSTALL,
) -> int:
    """Run what was asked for; returns the exit code."""
    wanted = parse(argv)
    where = root / wanted.mode
    steps = wanted.steps(wanted.experiments, where, python)
    last = report(where, python)
    if wanted.dry_run:
        estimate(wanted, [*steps, last], where, python)
        for step in [*steps, last]:
            print(shlex.join(step.command))
        return 0
    logs = where / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    lock = alone(logs / "lock")
    try:
        code = subprocess.run(install, check=False).returncode
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    if code:
        return code
    started = time.monotonic()
    runner = Runner(steps, wanted.jobs, logs)
    introduce(wanted, runner, where, argv)
    code = runner.run()
    if code < 128:
        closing = Runner([last], 1, logs)
        code = max(code, closing.run())
        runner.failed |= closing.failed
    conclude(code, runner, time.monotonic() - started, argv, last)
    lock.close()
    return code


def estimate(wanted: Wanted, steps: Sequence[Step], where: Path, python: str) -> None:
    """How long it takes, on the standard error: each experiment, then all of them together."""

    def takes(of_them: Sequence[Step]) -> str:
        return duration(sum(expected(step, wanted.jobs) for step in of_them))

    for name in wanted.experiments if len(wanted.experiments) > 1 else ():
        print(f"{name}: about {takes(wanted.steps([name], where, python))}", file=sys.stderr)
    shared = ", what they share counted once" if len(wanted.experiments) > 1 else ""
    print(f"{wanted.mode}: about {takes(steps)} on two cores{shared}", file=sys.stderr)


def alone(path: Path):
    """A lock that the system takes back when this process ends, however it ends."""
    file = open(path, "w")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fail(f"{path.parent.parent}: another {NAME} is at work there")
    return file


def introduce(wanted: Wanted, runner: Runner, where: Path, argv: Sequence[str]) -> None:
    """Say what will be done and how long it will take, also in the history."""
    source = versions.commit(versions.ROOT)
    changed = " with uncommitted changes" if source.get("uncommitted_changes") else ""
    runner.history.start(
        f"{shlex.join([f'./{NAME}', *argv])}; commit {source['commit']}{changed}; "
        f"{runner.skipped} of {len(runner.steps)} steps are done"
    )
    seeds = "the plan's seeds"
    if wanted.seeds is not None:
        seeds = f"seed{'s' * (len(wanted.seeds) > 1)} {', '.join(map(str, wanted.seeds))}"
    if wanted.learners is not None:
        seeds += f"; {', '.join(wanted.learners)} alone"
    cores = os.cpu_count()
    print(
        f"{wanted.mode}: {', '.join(wanted.experiments)}; {seeds}; "
        f"{len(runner.steps)} steps, {runner.skipped} of them done already.\n"
        f"The rest takes about {duration(runner.seconds_left())} on two cores (this machine has "
        f"{cores}). Everything is kept in {where}.\n"
        "Ctrl-C stops with checkpoints; the same command goes on.\n",
        flush=True,
    )


def conclude(code: int, runner: Runner, seconds: float, argv: Sequence[str], last: Step) -> None:
    """How it ended and what to do next."""
    again = shlex.join([f"./{NAME}", *argv])
    done = f"{len(runner.done)} of {len(runner.steps)} steps are done"
    runner.history.write(f"{'stopped' if code >= 128 else 'ended'}: {done}")
    whole, starts = runner.history.at_work()
    print()
    if code >= 128:
        print(f"Stopped after {duration(seconds)}. To go on: {again}")
        return
    of_all = f" ({duration(whole)} in {starts} starts)" if starts > 1 else ""
    print(f"{done}, in {duration(seconds)}{of_all}.")
    for name, how in runner.failed.items():
        print(f"FAILED: {name} ({how})")
    for name, because in runner.left_out.items():
        print(f"left out: {name}, because of {because}")
    if runner.failed:
        print(f"To try these again: {again}")
    if last.name not in runner.failed:
        print(f"The report: {last.output}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
