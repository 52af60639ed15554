"""Worlds of a user's environment in worker processes, beside the same worlds in one process.

  python benchmarks/world_processes.py [--num_agents=10] [--worlds=20] [--processes=2] [--rounds=7]
                                       [--policy] [--output=FILE.json]

simple_spread of mpe2, 25 steps an episode, whose numbers are the same in both. Both are measured in
turn, several times, and the ratio is that of their medians. By default actions are random, so that
the steps alone are measured; with --policy a policy of two layers of 100 chooses them, as in
training.
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from dimapg_tf.experiment import console

HORIZON = 25


def make(num_agents: int, processes: int) -> Any:
    """The environment, stepped by so many processes."""
    from dimapg_tf.envs import make_env

    arguments = json.dumps({"N": num_agents, "max_cycles": HORIZON})
    return make_env(
        "pettingzoo",
        module="mpe2.simple_spread_v3",
        arguments=arguments,
        horizon=HORIZON,
        world_processes=processes,
    )


def steps_per_second(env: Any, worlds: int, seed: int, thetas: dict | None) -> float:
    """Steps of a world a second in one batch of episodes, their start included."""
    from dimapg_tf.rollouts.collect import collect, collect_scripted

    started = time.perf_counter()
    if thetas is None:
        players = dict.fromkeys(env.spec.populations, env.players["random"])
        collect_scripted(env, players, seed, worlds)
    else:
        collect(env, thetas, seed, worlds)
    return worlds * HORIZON / (time.perf_counter() - started)


def thetas_of(env: Any) -> dict:
    """An untrained policy for each population, as large as a trained one."""
    from dimapg_tf import policy, seeds

    return {
        name: policy.init(seeds.generator(0), p.observation_size, p.num_actions, (100, 100))
        for name, p in env.spec.populations.items()
    }


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv = flags.FlagValues()
    flags.DEFINE_integer("num_agents", 10, "agents", lower_bound=1, flag_values=fv)
    flags.DEFINE_integer("worlds", 20, "side by side", lower_bound=2, flag_values=fv)
    flags.DEFINE_integer("processes", 2, "beside one", lower_bound=2, flag_values=fv)
    flags.DEFINE_integer("rounds", 7, "measurements of each", lower_bound=1, flag_values=fv)
    flags.DEFINE_bool("policy", False, "a policy chooses the actions", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()
    envs = {count: make(fv.num_agents, count) for count in (1, fv.processes)}
    thetas = thetas_of(envs[1]) if fv.policy else None
    measured: dict[int, list[float]] = {count: [] for count in envs}
    for seed in range(fv.rounds + 1):
        for count, env in envs.items():
            speed = steps_per_second(env, fv.worlds, seed, thetas)
            if seed:  # The first round makes the worlds, and compiles.
                measured[count].append(speed)
    medians = {count: statistics.median(values) for count, values in measured.items()}
    ratio = medians[fv.processes] / medians[1]
    for count, median in medians.items():
        print(f"{count} process{'es' if count > 1 else ''}: {median:.0f} steps/s")
    print(f"{ratio:.2f} times as fast")
    if fv.output:
        record = {
            **{"num_agents": fv.num_agents, "worlds": fv.worlds, "policy": fv.policy},
            "env_steps_per_second": measured,
            "ratio_of_medians": ratio,
            "versions": versions(),
        }
        files.write(Path(fv.output), json.dumps(record, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
