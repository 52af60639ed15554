"""Small runs of one process, or of a chief and workers, for `cluster_kills.py`."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TINY = ("--hidden=8", "--horizon=6", "--trajectories=2", "--sampled_agents=none")
# {name: (episodes of an iteration, flags)}
CASES = {
    "N = 3, TRPO": (8, ("--env=cooperative_navigation", "--num_agents=3")),
    "12v4, REINFORCE": (
        34,
        ("--env=predator_prey", "--num_predators=12", "--num_prey=4", "--central_update=reinforce"),
    ),
    "Survival": (
        14,
        (
            *("--env=survival", "--num_agents=6", "--num_food=3", "--food_hp=5"),
            *("--agent_hp=5", "--map_size=9", "--view_range=2"),
        ),
    ),
}
ABSENT = {"DIMAPG_ABSENT": "60"}  # of workers that stay: a chief starts in less, also under load
PATIENCE = 900.0  # seconds for what must happen at some time


class Place(NamedTuple):
    """Where a process runs: address "host:port"; within: what its command line begins with."""

    address: str
    within: tuple[str, ...] = ()


def places_here(count: int) -> list[Place]:
    """Free ports of this machine."""
    from dimapg_tf.distributed.cluster import free_ports

    return [Place(f"127.0.0.1:{port}") for port in free_ports(count)]


class Trained:
    """One run directory, trained by one process or by a chief and workers.

    Args:
      logdir: of the run; its log is beside it.
    """

    def __init__(self, logdir: Path, case: str):
        self.logdir, self.log = logdir, logdir.with_suffix(".log")
        self.episodes, self.flags = CASES[case]

    def start(
        self,
        iterations: int,
        workers: int,
        *launch: str,
        resume: bool = False,
        environment: Mapping[str, str] | None = None,
        within: tuple[str, ...] = (),
    ) -> None:
        """Train for that many iterations in all; within: see `Place`."""
        module = ["dimapg_tf.train"]
        if workers:
            module = ["dimapg_tf.launch", f"--workers={workers}", *launch, "--"]
        command = [
            *(*within, sys.executable, "-m", *module, *self.flags, *TINY, "--block_agents=2"),
            *("--checkpoint_every=5", f"--episodes={self.episodes * iterations}"),
            *(f"--logdir={self.logdir}", *(["--resume"] if resume else [])),
        ]
        self.logdir.parent.mkdir(parents=True, exist_ok=True)
        self._seen = len(self.text())
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            )

    def finish(self, code: int = 0) -> None:
        """Wait for the end, which must have this exit code."""
        if self.process.wait(PATIENCE) != code:
            raise SystemExit(f"ended with {self.process.returncode}, see {self.log}")

    def text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text() if self.log.exists() else ""

    def iterations(self) -> int:
        """How many are done."""
        metrics = self.logdir / "metrics.csv"
        return max(metrics.read_text().count("\n") - 1, 0) if metrics.exists() else 0

    def worker(self, index: int) -> int:
        """The process of this worker, as it was started last."""
        return int(re.findall(rf"worker {index}: process (\d+)\n", self.text()[self._seen :])[-1])

    def all_work(self, workers: int) -> bool:
        """Whether every worker that was started last is at work."""
        logs = [self.logdir / "workers" / f"worker_{index}.log" for index in range(workers)]
        text = "".join(log.read_text() for log in logs)
        return all(f"process {self.worker(index)} at" in text for index in range(workers))


class Staying:
    """Workers that no launcher watches, as on other hosts: each by `distributed.watched`.

    Args:
      directory: of their logs.
      chief, workers: where they are.
    """

    def __init__(self, directory: Path, chief: Place, *workers: Place):
        directory.mkdir(parents=True, exist_ok=True)
        others = [worker.address for worker in workers]
        self._cluster = {"chief": [chief.address], "worker": others}
        self.processes = []
        for index, worker in enumerate(workers):
            told = self.told("worker", index)
            with open(directory / f"watched_{index}.log", "ab") as log:
                process = subprocess.Popen(
                    [*worker.within, sys.executable, "-m", "dimapg_tf.distributed.watched"],
                    stdout=log,
                    stderr=log,
                    env={
                        **os.environ,
                        "PYTHONPATH": str(ROOT),
                        **ABSENT,
                        **told,
                    },
                )
            self.processes.append(process)

    def told(self, kind: str, index: int) -> dict[str, str]:
        """TF_CONFIG of a process of this cluster."""
        task = {"type": kind, "index": index}
        return {"TF_CONFIG": json.dumps({"cluster": self._cluster, "task": task})}
