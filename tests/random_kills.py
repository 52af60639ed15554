"""Kill training at random moments, resume it, and compare it with the unbroken run, bit for bit.

  python tests/random_kills.py --kills=100 [--learners=DiMA-PG,MADDPG,A3C,TRPO,Survival]
      [--iterations=400] [--seed=1] [--directory=DIR]

Each learner has a run that is killed by SIGKILL and resumed again and again until it is finished,
and then the next one. Exits with 1 if any of them differs. About half a minute for each kill.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from absl import flags
from small_runs import RUNS, SmallRun

from dimapg_tf.experiment.console import prepare_tensorflow
from dimapg_tf.experiment.flags import parse

STARTING = 0.2  # of the kills are meant for the time before the first iteration
START_SECONDS = 15.0


def command(run: SmallRun, logdir: Path, iterations: int) -> list[str]:
    budget = [f"--episodes={run.episodes * iterations}", "--checkpoint_every=3"]
    return [sys.executable, "-m", run.module, *run.flags, *budget, f"--logdir={logdir}", "--resume"]


def start(run: SmallRun, logdir: Path, iterations: int) -> subprocess.Popen:
    return subprocess.Popen(
        command(run, logdir, iterations), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def killed(process: subprocess.Popen, logdir: Path, seconds: float, chance: random.Random) -> bool:
    """Kill at a random moment; False if the process had ended by then.

    seconds: that a whole training takes, its start not included.
    """
    if chance.random() < STARTING:
        moment = chance.uniform(0.0, START_SECONDS)
    else:
        before = size(logdir)
        while size(logdir) == before and process.poll() is None:
            time.sleep(0.002)
        moment = chance.uniform(0.0, seconds / 2)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def size(logdir: Path) -> int:
    metrics = logdir / "metrics.csv"
    return metrics.stat().st_size if metrics.exists() else 0


def finish(run: SmallRun, logdir: Path, iterations: int) -> float:
    """Train to the end; returns how long training took, its start not included."""
    process = start(run, logdir, iterations)
    _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(process.args)} ended with {process.returncode}: {errors!r}")
    from dimapg_tf.experiment.metrics_file import read_rows

    rows = read_rows(logdir / "metrics.csv")
    return float(rows[-1]["seconds"]) - float(rows[0]["seconds"])


def main(argv: list[str]) -> int:
    fv = flags.FlagValues()
    flags.DEFINE_integer("kills", 100, "in all", flag_values=fv)
    flags.DEFINE_integer("iterations", 400, "of each run", flag_values=fv)
    flags.DEFINE_integer("seed", 1, "of the moments", flag_values=fv)
    flags.DEFINE_list("learners", list(RUNS), "which ones", flag_values=fv)
    flags.DEFINE_string("directory", None, "of the runs; else a temporary one", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    root = Path(fv.directory or tempfile.mkdtemp(prefix="random_kills_"))
    prepare_tensorflow()
    from run_outcome import outcome

    chance, kills, differing = random.Random(fv.seed), dict.fromkeys(fv.learners, 0), []
    compared = dict.fromkeys(fv.learners, 0)
    seconds, expected = {}, {}
    for name in fv.learners:
        seconds[name] = finish(RUNS[name], root / name / "whole", fv.iterations)
        expected[name] = outcome(root / name / "whole")

    def compare(name: str) -> None:
        logdir = root / name / "broken"
        compared[name] += 1
        if outcome(logdir) == expected[name]:
            shutil.rmtree(logdir)
        else:
            kept = logdir.with_name(f"differs_{len(differing)}")
            differing.append(logdir.rename(kept))
            print(f"{name}: DIFFERS, see {kept}", flush=True)

    while sum(kills.values()) < fv.kills:
        name = min(fv.learners, key=kills.get)
        logdir = root / name / "broken"
        process = start(RUNS[name], logdir, fv.iterations)
        if killed(process, logdir, seconds[name], chance):
            kills[name] += 1
            print(f"{sum(kills.values())} {name}: {size(logdir)} bytes of rows", flush=True)
        elif process.returncode == 0:
            compare(name)
        else:
            raise SystemExit(f"{name} ended with {process.returncode}: {process.stderr.read()!r}")
    for name in fv.learners:
        if (root / name / "broken").exists():
            finish(RUNS[name], root / name / "broken", fv.iterations)
            compare(name)
    print(f"kills: {kills}; runs compared: {compared}; differing: {len(differing)}")
    if not differing and fv.directory is None:
        shutil.rmtree(root)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
