"""Stands in for .venv/bin/python in tests of the experiment scripts: commands without work.

Writes what the real commands leave, and a line for each call into calls.txt beside it. A training
counts to its episodes, slowly if a file `slow` is there (it waits after as many as that says, or
after each), fails if `fail` names its logdir, and ends early and well if `quit` does.
"""

import json
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
CHECKPOINT_EVERY = 5


def option(arguments: list[str], name: str) -> str:
    return next(a.split("=", 1)[1] for a in arguments if a.startswith(f"--{name}="))


def train(arguments: list[str]) -> int:
    """One iteration an episode; the last checkpoint, a multiple of five, is what a resume finds."""
    logdir, episodes = Path(option(arguments, "logdir")), int(option(arguments, "episodes"))
    failing = HERE / "fail"
    if failing.exists() and failing.read_text() in str(logdir):
        print("something is wrong with it")
        return 1
    quitting = (HERE / "quit").exists() and (HERE / "quit").read_text() in str(logdir)
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    logdir.mkdir(parents=True, exist_ok=True)
    checkpoint, slow = logdir / "checkpoint", HERE / "slow"
    step = int(slow.read_text() or 1) if slow.exists() else 1_000
    done = int(checkpoint.read_text()) if checkpoint.exists() else 0
    with open(logdir / "metrics.csv", "w") as file:
        file.write("iteration,episodes,min_return_per_episode\n")
        for iteration in range(1, episodes + 1):
            if iteration > done:
                if iteration % step == 0:
                    time.sleep(0.01)
                if iteration % CHECKPOINT_EVERY == 0 or stopped or iteration == episodes:
                    checkpoint.write_text(str(iteration))
            file.write(f"{iteration},{iteration},{iteration - 200}\n")
            file.flush()
            if stopped:
                return 128 + signal.SIGTERM
            if quitting and iteration > done:
                return 0
    return 0


def main(arguments: list[str]) -> int:
    with open(HERE / "calls.txt", "a") as file:
        file.write(" ".join(arguments) + "\n")
    _, module, *rest = arguments
    what = module.rpartition(".")[2]
    if what in ("train", "fine_tune"):
        return train(rest)
    if what == "evaluate":
        row = {"return_mean": -1.0, "min_return_per_episode": -2.0}
        (Path(rest[0]) / "evaluation.json").write_text(json.dumps({"theta": row}))
    elif what == "render":
        (Path(rest[0]) / "episode.png").write_text("")
    else:
        output = Path(option(rest, "output"))
        output.mkdir(parents=True, exist_ok=True)
        (output / "crossplay.json").write_text("")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
