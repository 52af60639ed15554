"""Save thousands of times with readers beside it: whoever reads a run finds it whole.

  python tests/stress_saves.py [--saves=2000] [--readers=2]

A training writes checkpoint, policy and metrics.csv in every iteration; other processes read them
all the time, as an evaluation or a report of a run in progress would. Exits with 1 if any of them
ever fails, or sees time go backwards.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from absl import flags

TESTS = Path(__file__).parent
EPISODES = 10  # of an iteration of the stub


def writer(logdir: Path, saves: int) -> list[str]:
    return [
        *(sys.executable, str(TESTS / "trial_of_stub.py"), "--algorithm=stub"),
        *("--num_agents=2", "--checkpoint_every=1", f"--episodes={EPISODES * saves}"),
        f"--logdir={logdir}",
    ]


def read_until(logdir: Path, last: int) -> tuple[int, int]:
    """Read until the policy is that of iteration `last`: (how often, how many different ones)."""
    from dimapg_tf.experiment import policy_file
    from dimapg_tf.experiment.metrics_file import read_rows

    reads, seen, rows = 0, [0], 0
    while seen[-1] < last:
        if not (logdir / policy_file.DESCRIPTION).exists():
            continue
        _, age, arrays = policy_file.read(logdir)
        now = len(read_rows(logdir / "metrics.csv"))
        assert all(arrays.values())
        assert age.iteration >= seen[-1]
        assert now >= max(rows, age.iteration)  # a policy never knows of more than metrics.csv
        rows, reads = now, reads + 1
        if age.iteration > seen[-1]:
            seen.append(age.iteration)
    return reads, len(seen) - 1


def stress(saves: int, readers: int, root: Path) -> list[tuple[int, int]]:
    """What each reader has done; raises RuntimeError if a process failed."""
    logdir = root / "run"
    code = f"import stress_saves as s; print(*s.read_until(s.Path({str(logdir)!r}), {saves}))"
    training = subprocess.Popen(writer(logdir, saves), cwd=TESTS, stderr=subprocess.PIPE, text=True)
    reading = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            **{"cwd": TESTS, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True},
        )
        for _ in range(readers)
    ]
    _, told = training.communicate()
    if training.returncode:
        for process in reading:
            process.kill()
        raise RuntimeError(f"the training ended with {training.returncode}: {told[-2000:]}")
    counts = []
    for process in reading:
        printed, told = process.communicate()
        if process.returncode:
            raise RuntimeError(f"a reader failed: {told[-2000:]}")
        counts.append(tuple(map(int, printed.split())))
    return counts


def main(argv: list[str]) -> int:
    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_integer("saves", 2_000, "in all", lower_bound=1, flag_values=fv)
    flags.DEFINE_integer("readers", 2, "processes", lower_bound=1, flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    with tempfile.TemporaryDirectory(prefix="stress_saves_") as root:
        try:
            counts = stress(fv.saves, fv.readers, Path(root))
        except RuntimeError as error:
            print(error)
            return 1
    for reads, different in counts:
        print(f"{fv.saves} saves: read {reads} times, {different} different policies, all whole")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
