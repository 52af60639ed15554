"""What the model and the simulation say of clusters that we have not got.

  python -m benchmarks.scaling.predictions [--parts=results/benchmarks/cluster_parts.json]
      [--output=results/benchmarks/cluster_predictions.json] [--docs=docs]

Reads the record of `parts`, writes that of the predictions, the tables of docs/scaling.md and its
picture. The same record gives the same numbers; it takes minutes.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

from benchmarks.scaling import model
from benchmarks.scaling.costs import Fit, Size, wires
from benchmarks.scaling.model import Wires
from benchmarks.scaling.simulation import Faults, Simulation
from dimapg_tf.experiment import console

WORKERS = (8, 64, 512)
MORE_WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)  # of the picture
POPULATIONS = (10**3, 10**4, 10**5, 10**6)
SAMPLED = (64, 1024, None)  # agents; None: everybody
BLOCKS = 1000  # at most: larger populations have larger blocks
BITS = 10e9  # a second, of the chief's connection
DAY = 86_400.0  # seconds
FAULTS = Faults(slow=0.05, factor=2.0, between=DAY, hangs=0.1, watchdog=30.0, restart=10.0)
ITERATIONS, PATIENCE = 20, 50  # simulated; times the closed form until they are given up
LIVES = 4  # of workers: a block that takes longer is not simulated, hardly one worker would end it
SPEED_UPS = ((1000, 64), (1000, 1000), (10_000, 1024))  # of the picture: population, sampled


def size_of(agents: int, sampled: int | None) -> Size:
    """In blocks of at least two."""
    sampled = min(sampled or agents, agents)
    return Size(agents, sampled, max(2, sampled // BLOCKS))


def cluster_wires(record) -> Wires:
    """The chief as measured, on a network of BITS."""
    found = wires(record)
    return found._replace(second_per_byte=max(found.second_per_byte, 8.0 / BITS))


def simulated(load, wired: Wires, workers: int, fit: Fit) -> dict:
    """Mean seconds of an iteration with FAULTS; None where one does not end."""
    if load.block.roll_out + load.block.gradient > LIVES * FAULTS.between:
        return {"seconds": None}
    faults = FAULTS._replace(compile=fit.compiling())
    usual = model.seconds(load, wired, workers).total
    simulation = Simulation(load, wired, workers, faults, fit.spread(), seed=1)
    outcome = simulation.run(ITERATIONS, patience=ITERATIONS * PATIENCE * usual)
    done = [seconds for seconds in outcome.seconds if math.isfinite(seconds)]
    ended = len(done) == len(outcome.seconds)
    return {
        "seconds": float(np.mean(done)) if ended else None,
        "longest": float(np.max(done)) if ended else None,
        "lost": outcome.lost,
        "again": outcome.again,
    }


def predict(record) -> dict:
    """All that the page and the picture show."""
    fit, wired = Fit(record), cluster_wires(record)
    rows = []
    for agents in POPULATIONS:
        for wanted in (sampled for sampled in SAMPLED if sampled is None or sampled < agents):
            size = size_of(agents, wanted)
            load, linear = fit.load(size), fit.load(size, linear=True)
            rows.append(
                {
                    **size._asdict(),
                    "everybody": wanted is None,
                    "blocks": size.blocks,
                    "block": load.block.roll_out + load.block.gradient,
                    "alone": model.alone(load),
                    "limit": model.limit(load, wired),
                    "best_workers": model.best_workers(load, wired),
                    "model": {n: model.seconds(load, wired, n).total for n in WORKERS},
                    "simulated": {n: simulated(load, wired, n, fit) for n in WORKERS},
                    "linear": {n: model.seconds(linear, wired, n).total for n in WORKERS},
                    "bytes": {n: fit.worker_bytes(size, n) for n in WORKERS},
                    "linear_bytes": {n: fit.worker_bytes(size, n, True) for n in WORKERS},
                }
            )
            print(f"{agents:,} agents, {size.sampled:,} sampled", flush=True)
    curves = []
    for agents, sampled in SPEED_UPS:
        load = fit.load(size_of(agents, sampled))
        alone = model.alone(load)
        curves.append(
            {
                "agents": agents,
                "sampled": min(sampled, agents),
                "model": [alone / model.seconds(load, wired, n).total for n in MORE_WORKERS],
                "simulated": [
                    alone / (simulated(load, wired, n, fit)["seconds"] or math.inf)
                    for n in MORE_WORKERS
                ],
            }
        )
    return {
        "wires": wired._asdict(),
        "faults": FAULTS._replace(compile=fit.compiling())._asdict(),
        "fit": {f"{method}, {kind}": error for (kind, method), error in fit.errors.items()},
        "rows": rows,
        "workers": list(MORE_WORKERS),
        "speed_up": curves,
    }


def main(argv: list[str]) -> int:
    """Predict, write, draw; returns the exit code."""
    from absl import flags

    from benchmarks.scaling import figure, page
    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from reproduction.report import sections

    home = "results/benchmarks"
    fv = flags.FlagValues()
    flags.DEFINE_string("parts", f"{home}/cluster_parts.json", "the record", flag_values=fv)
    flags.DEFINE_string(
        "output", f"{home}/cluster_predictions.json", "that of the predictions", flag_values=fv
    )
    flags.DEFINE_string("docs", "docs", "directory of scaling.md", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    record = json.loads(Path(fv.parts).read_text(encoding="utf-8"))
    found = json.loads(json.dumps(predict(record)))
    files.write(Path(fv.output), json.dumps(found, indent=1) + "\n")
    docs = Path(fv.docs)
    for name, text in page.texts(record, found).items():
        sections.write(docs / "scaling.md", name, text)
    figure.save(found, docs / "scaling.png")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
