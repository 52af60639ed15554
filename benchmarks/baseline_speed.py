"""The baselines: episodes a second in whole training, and how much of it is matrix products.

  python -m benchmarks.baseline_speed [--algorithm=maddpg ...] [--num_agents=10 ...] [--rounds=5]
      [--output=FILE.json]

Cooperative Navigation with the committed flagfiles. Training is everything that a run does:
rollouts, updates, metrics, a checkpoint at the end of each round; what compiles is left out. The
arithmetic is that of all products of matrices in an episode and of the convolutions, counted from
the settings; the rate is that of one large product of an update, in a program of its own, in the
same process. All learners and the rate are measured in turn, several times; figures are medians.
The share is what the products of an episode would need at that rate, of what an episode takes.
"""

import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.record import write_record
from benchmarks.trained_run import TrainedRun
from dimapg_tf.experiment import console

ALGORITHMS = ("maddpg", "a3c_kitchensink", "trpo_kitchensink")
GIGA = 1e9


def maddpg(population: Any, horizon: int, s: Any) -> tuple[float, tuple[int, int, int]]:
    """(operations of an episode, a product of an update), with separate joint critics.

    The first layer of a critic is multiplied four times in an update: of the target, of the value,
    of the value's gradient, and as the base of the actor's loss.
    """
    n, seen, actions = population[:3]
    inputs, first = n * (seen + actions), s.hidden[0]
    above = sum(a * b for a, b in pairwise((*s.hidden, 1)))
    actor_above = sum(a * b for a, b in pairwise((*s.hidden, actions)))
    critic = 4 * inputs * first + 6 * above + 2 * actions * first
    actor = 3 * seen * first + 4 * actor_above
    update = 2 * s.batch_size * n * (critic + actor)
    acting = 2 * n * (seen * first + actor_above)
    total = horizon * (acting + update / s.steps_per_update)
    return total, (s.batch_size, inputs, n * first)


def forward(population: Any, sizes: Any) -> float:
    """Operations of one decision of the kitchen sinks' network."""
    n, seen, actions = population[:3]
    (first, second), pixels = sizes.conv, n * seen
    layers = 4 * pixels * first * (1 + second) + pixels * second * sizes.dense
    layers += (sizes.dense + sizes.lstm) * 4 * sizes.lstm + sizes.lstm * (n * actions + 1)
    return 2 * layers


def a3c_kitchensink(population: Any, horizon: int, s: Any) -> tuple[float, tuple[int, int, int]]:
    """As `maddpg`: forward once, twice that for the gradient, and the value after each unroll."""
    product = s.worlds * s.n_steps, _pixels(population) * s.sizes.conv[1], s.sizes.dense
    return horizon * (3 + 1 / s.n_steps) * forward(population, s.sizes), product


def trpo_kitchensink(population: Any, horizon: int, s: Any) -> tuple[float, tuple[int, int, int]]:
    """As `maddpg`: playing, the gradient, one candidate, and Fisher products on some episodes.

    A product with Fisher's matrix goes twice the forward's work along, and twice against.
    """
    fisher = 4 * s.cg_iterations * s.fisher_trajectories / s.trajectories
    product = s.trajectories * horizon, _pixels(population) * s.sizes.conv[1], s.sizes.dense
    return horizon * (4 + fisher) * forward(population, s.sizes), product


def _pixels(population: Any) -> int:
    return population[0] * population[1]


class Measured(TrainedRun):
    """A run of one baseline, trained a piece at a time, and its products."""

    def __init__(self, algorithm: str, num_agents: int, directory: Path):
        from dimapg_tf.experiment.config import load_config

        config = load_config(f"cooperative_navigation_{num_agents}", algorithm)
        super().__init__(config, directory)
        self.algorithm, self.num_agents = algorithm, num_agents
        (population,) = self.env.spec.populations.values()
        count = globals()[algorithm]
        self.operations, self.product = count(population, self.env.spec.horizon, config.settings)
        self.episodes: list[float] = []
        self.rates: list[float] = []

    def measure(self, episodes: int) -> None:
        """One round."""
        self.rates.append(products_per_second(self.product))
        self.episodes.append(self.train(episodes))

    def record(self) -> dict:
        """All rounds, and what follows from their medians."""
        import numpy as np

        speed, rate = float(np.median(self.episodes)), float(np.median(self.rates))
        return {
            "algorithm": self.algorithm,
            "num_agents": self.num_agents,
            "episodes_per_second": self.episodes,
            "gflop_per_episode": self.operations / GIGA,
            "product": self.product,
            "product_gflop_per_second": [r / GIGA for r in self.rates],
            "share_of_products": self.operations * speed / rate,
        }


def products_per_second(shape: tuple[int, int, int], seconds: float = 1.0) -> float:
    """Operations a second of products [m, k] x [k, n] in float32."""
    import tensorflow as tf

    m, k, n = shape
    left = tf.random.stateless_normal([m, k], [1, 2])
    right = tf.random.stateless_normal([k, n], [3, 4])
    multiply = tf.function(tf.matmul, jit_compile=True, autograph=False)
    multiply(left, right).numpy()
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        multiply(left, right).numpy()
        done += 1
    return 2 * m * k * n * done / (time.perf_counter() - started)


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    import numpy as np
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    all_of_them = list(ALGORITHMS)
    flags.DEFINE_multi_enum("algorithm", all_of_them, all_of_them, "of them", flag_values=fv)
    flags.DEFINE_multi_integer("num_agents", [3, 10], "3, 10, or both", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "measurements of each", lower_bound=1, flag_values=fv)
    flags.DEFINE_integer("episodes", 200, "of training in a round", lower_bound=1, flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()
    with tempfile.TemporaryDirectory() as directory:
        runs = [
            Measured(algorithm, num_agents, Path(directory) / f"{algorithm}_{num_agents}")
            for num_agents in fv.num_agents
            for algorithm in fv.algorithm
        ]
        for run in runs:
            run.compile()
        for _ in range(fv.rounds):
            for run in runs:
                run.measure(fv.episodes)
    records = [run.record() for run in runs]
    for record in records:
        rate = np.median(record["product_gflop_per_second"])
        print(
            f"{record['algorithm']}, N = {record['num_agents']}: "
            f"{np.median(record['episodes_per_second']):.1f} episodes/s, "
            f"{record['gflop_per_episode']:.1f} GFLOP each, "
            f"{record['share_of_products']:.0%} of {rate:.0f} GFLOP/s"
        )
    write_record(fv.output, {"records": records})
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
