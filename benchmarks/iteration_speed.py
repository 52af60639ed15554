"""Small iterations of DiMA-PG: seconds of each, exact meta-gradient.

  python -m benchmarks.iteration_speed [--rounds=15] [--output=FILE.json]

Cooperative Navigation with B = 5 and k = 1, all agents sampled: 20 episodes an iteration at N = 3,
55 at N = 10; by the estimator of the paper (`dimapg_trpo`) and as recommended (`dimapg`), which
looks at every sample of every episode; and `dimapg` as it is, with two agents sampled. All that
`update` does is measured, metrics and checkpoints are not. All cases in turn, medians.
"""

import sys
import time
from statistics import median

from benchmarks.record import write_record
from dimapg_tf.experiment import console

SMALL = {"trajectories": 5, "k": 1, "sampled_agents": None}
# {name: (algorithm, settings)}
LEARNERS = {
    "the paper's estimator": ("dimapg_trpo", SMALL),
    "every sample": ("dimapg", SMALL),
    "as recommended": ("dimapg", {}),
}
TEAMS = (3, 10)


def measure(rounds: int) -> dict:
    """{name: {"episodes": of an iteration, "seconds": of each round}}."""
    from dimapg_tf.experiment.config import load_config

    records, learners = {}, {}
    for agents in TEAMS:
        for learner, (algorithm, settings) in LEARNERS.items():
            name = f"N = {agents}, {learner}"
            config = load_config(f"cooperative_navigation_{agents}", algorithm, **settings)
            learners[name] = made = config.make_learner(config.make_env())
            records[name] = {"episodes": made.episodes_per_iteration, "seconds": []}
            for iteration in range(2):  # the first one compiles
                made.update(iteration)
    for iteration in range(2, 2 + rounds):
        for name, learner in learners.items():
            started = time.perf_counter()
            learner.update(iteration)
            records[name]["seconds"].append(time.perf_counter() - started)
    return records


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_integer("rounds", 15, "of each", lower_bound=1, flag_values=fv)
    flags.DEFINE_string("output", None, "JSON record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()

    records = measure(fv.rounds)
    for name, record in records.items():
        took = 1e3 * median(record["seconds"])
        print(f"{name:32} {record['episodes']:4} episodes {took:6.0f} ms")
    write_record(fv.output, {"records": records})
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
