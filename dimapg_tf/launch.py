"""Train with several processes of one machine: python -m dimapg_tf.launch --workers=N -- FLAGS."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from dimapg_tf import tf_config
from dimapg_tf.experiment import console

USAGE = """Train DiMA-PG with worker processes on this machine.

  python -m dimapg_tf.launch --workers=2 -- \\
      --env_config=cooperative_navigation_10 --sampled_agents=none --block_agents=2 \\
      --logdir=runs/my_run

What stands behind -- is for python -m dimapg_tf.train. Workers that die are started again; their
output is in workers/ of the run directory. TensorFlow's connections are not protected, and whoever
reaches one can run code: all ports are kept to the loopback device of this machine."""


def main(argv: list[str]) -> int:
    """Launch from command-line arguments; returns the exit code of the training."""
    from absl import flags as absl_flags

    from dimapg_tf import checks
    from dimapg_tf.algorithm.cluster_use import refusal
    from dimapg_tf.experiment import flags, training_script
    from dimapg_tf.experiment.run import Run
    from dimapg_tf.types import ConfigurationError

    cut = argv.index("--") if "--" in argv else len(argv)
    fv = absl_flags.FlagValues()
    absl_flags.DEFINE_integer("workers", None, "how many worker processes", flag_values=fv)
    absl_flags.DEFINE_float(
        "silent_seconds",
        30.0,
        "a worker without a sign of life for so long is killed",
        flag_values=fv,
    )
    if "--" not in argv and not set(training_script.HELP) & set(argv):
        raise ConfigurationError("-- is missing: the flags of the training stand behind it")
    left = flags.parse(fv, argv[:cut], USAGE)
    if left is None:
        return 0
    if left:
        raise ConfigurationError(f"{left[0]!r}: what the training takes stands behind --")
    if fv.workers is None:
        raise ConfigurationError("workers is missing: --workers=N says how many processes work")
    checks.at_least("workers", fv.workers, 1)
    checks.positive("silent_seconds", fv.silent_seconds)
    given = argv[cut + 1 :]
    config, options = training_script.read_command_line(["train", *given], "dimapg")
    if options.logdir is None:
        raise ConfigurationError("logdir is missing: --logdir=DIR says where the run is kept")
    if refusal(config.settings):
        raise ConfigurationError(refusal(config.settings))
    Run(options.logdir, config, trust=options.trust_module)
    return _launch(fv.workers, given, options.logdir, fv.silent_seconds)


def _launch(workers: int, given: list[str], logdir: str, silent: float) -> int:
    from dimapg_tf.distributed import lifeline, supervision
    from dimapg_tf.distributed.cluster import free_ports
    from dimapg_tf.experiment.run_directory import WORKER_LOGS, RunDirectory

    logs = RunDirectory(logdir).path / WORKER_LOGS
    logs.mkdir(parents=True, exist_ok=True)
    chief, *others = (f"127.0.0.1:{port}" for port in free_ports(1 + workers))
    cluster = {"chief": [chief], "worker": others}

    def task(kind: str, index: int) -> dict[str, str]:
        told = {"cluster": cluster, "task": {"type": kind, "index": index}}
        return {tf_config.VARIABLE: json.dumps(told)}

    with contextlib.ExitStack() as ending:
        team = []
        for index in range(workers):
            name, log = f"worker {index}", logs / f"worker_{index}.log"
            module = "dimapg_tf.distributed.worker"
            team.append(supervision.Supervised(name, module, task("worker", index), log, silent))
            ending.callback(team[-1].stop)
        training = subprocess.Popen(
            [sys.executable, "-m", "dimapg_tf.train", *given],
            env={**os.environ, **task("chief", 0), lifeline.PARENT: str(os.getpid())},
            start_new_session=True,  # Ctrl-C reaches it through this process
        )
        ending.callback(training.wait)
        ending.callback(training.kill)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _: training.send_signal(received))
        while training.poll() is None:
            if not all(worker.look() for worker in team):
                return console.FAILED
            time.sleep(supervision.LOOK)
        code = training.returncode
        return code if code >= 0 else 128 - code


def run() -> int:
    """The console script dimapg-launch."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
