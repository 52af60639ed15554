"""How noisy each estimator is for the episodes it takes, in Cooperative Navigation.

  python reproduction/gradient_bias/variance.py --output=docs

Draws many independent gradients at the same θ, with the functions that training uses, writes
gradient_variance.json and prints it as a table.

The measure is the number of episodes for which noise is as large as signal. Of gradients g of E
episodes each it is E tr Cov(g) / |E[g]|². It does not change with the length of g, or with the
number of episodes an estimator is given, where its noise falls as one over it.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import flags

from dimapg_tf import load_config, trpo
from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.meta_gradient import meta_gradient
from dimapg_tf.experiment import console
from dimapg_tf.experiment.flags import parse
from dimapg_tf.experiment.policies import load_policy

AGENTS = "agents"
SEED = 1000  # of the draws; no training seed has it
TASKS = ("cooperative_navigation_3", "cooperative_navigation_10")
TRAINED = "results/{task}/dimapg_trpo_first_order/seed_1"
# Name: what differs from configs/algorithm/dimapg.flags.
ESTIMATORS = {
    "all data": {},
    "all data, rllab's baseline": {"baseline_features": 0, "baseline_samples": None},
    "advantage": {"sampling_term": "advantage"},
    "no sampling term": {"sampling_term": "none"},
    "Eq. 14 as printed": {"sampling_term": "adapted_return"},
    "plain sharing": {"meta_gradient": "none"},
}


class Noise(NamedTuple):
    """episodes: of one gradient, E; signal: |E[g]|²; variance: tr Cov(g); uncertainty: the standard
    error of the signal, as if all directions were equally noisy."""

    episodes: int
    signal: float
    variance: float
    uncertainty: float

    @property
    def episodes_needed(self) -> float:
        """For noise as large as signal; infinite where no signal can be told from noise."""
        if self.signal <= 2.0 * self.uncertainty:
            return np.inf
        return self.episodes * self.variance / self.signal


def noise_of(gradients: np.ndarray, episodes: int) -> Noise:
    """Unbiased estimates from independent gradients [R, D] of so many episodes each."""
    count = len(gradients)
    products = gradients @ gradients.T
    squares = np.trace(products)
    pairs = (products.sum() - squares) / (count * (count - 1))  # of different draws: |E[g]|²
    others = products[~np.eye(count, dtype=bool)]
    uncertainty = others.std() * np.sqrt(2.0 / (count * (count - 1)))
    return Noise(episodes, float(pairs), float(squares / count - pairs), float(uncertainty))


def draw(task: str, changes: dict, trained: bool, draws: int) -> Noise:
    """The noise of one estimator at the first θ of a run or at that of a trained record."""
    config = load_config(task, "dimapg", **changes)
    env, settings = config.make_env(), config.settings
    learner = DiMAPG(env, settings, SEED)
    if trained:
        learner.assign(load_policy(TRAINED.format(task=task)).thetas)
    theta = learner.theta(AGENTS)
    estimator = settings.estimator()
    gradient = tf.function(
        lambda data: trpo.flatten(meta_gradient(theta, data, estimator)[1]),
        jit_compile=True,
        autograph=False,
    )
    drawn = []
    for iteration in range(draws):
        _, data = learner.collect({AGENTS: theta}, iteration)
        drawn.append(gradient(data[AGENTS]).numpy().astype(np.float64))
    return noise_of(np.array(drawn), learner.episodes_per_iteration)


def measure(draws: int) -> dict:
    """{task: {"first" or "trained": {estimator: fields of its `Noise`}}}."""
    record: dict = {}
    for task in TASKS:
        for moment in ("first", "trained"):
            rows = record.setdefault(task, {}).setdefault(moment, {})
            for name, changes in ESTIMATORS.items():
                rows[name] = draw(task, changes, moment == "trained", draws)._asdict()
                print(f"{task}, {moment}, {name}: {rows[name]}", file=sys.stderr, flush=True)
    return record


def table(record: dict) -> str:
    """Episodes for noise as large as signal, in Markdown."""
    columns = [(task, moment) for task in record for moment in record[task]]
    titles = [f"N = {task.rpartition('_')[2]}, {moment} policy" for task, moment in columns]
    lines = [f"| estimator | {' | '.join(titles)} |", "| --- |" + " ---: |" * len(titles)]
    for name in ESTIMATORS:
        cells = []
        for task, moment in columns:
            needed = Noise(**record[task][moment][name]).episodes_needed
            cells.append(f"{needed:,.0f}" if np.isfinite(needed) else "no signal found")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """From command-line arguments; returns the exit code."""
    fv = flags.FlagValues()
    flags.DEFINE_string("output", "docs", "folder of the file", flag_values=fv)
    flags.DEFINE_integer("draws", 200, "gradients of each", lower_bound=3, flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    output = Path(fv.output)
    output.mkdir(parents=True, exist_ok=True)
    record = measure(fv.draws)
    text = json.dumps({"draws": fv.draws, "tasks": record}, indent=1)
    (output / "gradient_variance.json").write_text(text + "\n", encoding="utf-8")
    print(table(record))
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
