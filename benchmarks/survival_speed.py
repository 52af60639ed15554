"""Survival: episodes a second, where an iteration's time goes, and resident memory.

  python -m benchmarks.survival_speed [--num_agents=230 ...] [--rounds=5] [--iterations=3]
      [--memory_iterations=50] [--output=FILE.json]

Rollouts: whole games of 200 steps with the policy, in which nobody attacks, so that all agents live
and all food stays; one worker process a core. Iterations: DiMA-PG with the committed flagfiles from
its first policy on, split into engine, observation and policy (of all workers, divided by their
number), gradient (batches, adaptation, Eq. 14, central update), and the rest (sending, waiting,
joining). The first iteration, which compiles, is left out. Memory: of this process and its workers,
after each of so many iterations of training.
"""

import sys
import time

from benchmarks.record import write_record
from dimapg_tf.experiment import console

ALGORITHMS = {230: "dimapg_survival", 630: "dimapg_survival_630"}
NEVER = -50.0  # the bias of an attack that is not chosen


def make_learner(num_agents: int):
    """The environment and the learner of the committed flagfiles."""
    from dimapg_tf.experiment.config import load_config

    config = load_config(f"survival_{num_agents}", ALGORITHMS[num_agents])
    env = config.make_env()
    return env, config.make_learner(env)


def peaceful(theta):
    """The same policy, but nobody attacks."""
    import numpy as np

    from dimapg_tf.envs.survival.rules import FIRST_ATTACK, NUM_ACTIONS

    *hidden, output = theta
    bias = np.where(np.arange(NUM_ACTIONS) < FIRST_ATTACK, 0.0, NEVER).astype(np.float32)
    return (*hidden, output._replace(bias=output.bias + bias))


def rollouts(env, learner, rounds: int, episodes: int) -> dict:
    """Whole games with the policy: episodes a second in each round, and the split of the time."""
    from dimapg_tf.rollouts import parallel

    thetas = {"agents": peaceful(learner.theta("agents"))}
    parallel.collect(env, thetas, 0, 4)
    speeds = []
    for seed in range(rounds):
        started = time.perf_counter()
        games = parallel.collect(env, thetas, seed, episodes)
        speeds.append(episodes / (time.perf_counter() - started))
        agents = env.spec.populations["agents"].num_agents
        assert (games.measures["survivors"] == agents).all()
        assert (games.steps == env.spec.horizon).all()
    return {"episodes_per_second": speeds, "seconds_of_workers_last_round": games.seconds}


def iterations(env, learner, count: int):
    """Yields the wall seconds of training iterations and their parts; but for the first one."""
    from dimapg_tf.rollouts import parallel
    from dimapg_tf.workers import available_cores

    spent = {}
    gather, mapped = parallel._gather, parallel.workers_of(env).map

    def counting_gather(*arguments):
        started = time.perf_counter()
        games = gather(*arguments)
        spent["joining"] += time.perf_counter() - started
        for name, seconds in games.seconds.items():
            spent[name] += seconds / available_cores()
        return games

    def counting_map(*arguments):
        started = time.perf_counter()
        games = mapped(*arguments)
        spent["playing"] += time.perf_counter() - started
        return games

    parallel._gather = counting_gather
    parallel.workers_of(env).map = counting_map
    try:
        for iteration in range(count + 1):
            names = ("engine", "observation", "policy", "joining", "playing")
            spent.update(dict.fromkeys(names, 0.0))
            started = time.perf_counter()
            result = learner.update(iteration)
            total = time.perf_counter() - started
            playing = spent.pop("playing")
            spent["waiting"] = playing - sum(spent[n] for n in names[:3])
            spent["gradient"] = total - playing - spent["joining"]
            if iteration:
                yield {
                    "seconds": total,
                    "steps_per_episode": result.env_steps / result.episodes,
                    "team_return": float(result.returns["agents"].sum(axis=0).mean()),
                    **spent,
                }
    finally:
        parallel._gather = gather
        del parallel.workers_of(env).map  # the class's own is found again


def memory(learner, first: int, count: int) -> list[float]:
    """Resident MiB of this process and its workers after each of so many more iterations."""
    import psutil

    process = psutil.Process()
    resident = []
    for iteration in range(first, first + count):
        learner.update(iteration)
        family = [process, *process.children(recursive=True)]
        resident.append(sum(p.memory_info().rss for p in family) / 2**20)
    return resident


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    import numpy as np
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_multi_integer("num_agents", [230, 630], "230, 630, or both", flag_values=fv)
    flags.DEFINE_integer("rounds", 5, "measurements of the rollouts", flag_values=fv)
    flags.DEFINE_integer("games", 16, "games in a round", flag_values=fv)
    flags.DEFINE_integer("iterations", 3, "of training that are timed", flag_values=fv)
    flags.DEFINE_integer("memory_iterations", 0, "of training after those", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()
    records = []
    for num_agents in fv.num_agents:
        env, learner = make_learner(num_agents)
        record = {"num_agents": num_agents, **rollouts(env, learner, fv.rounds, fv.games)}
        speed = np.median(record["episodes_per_second"])
        print(f"N = {num_agents}: {speed:.1f} episodes/s of 200 steps with the policy", flush=True)
        if fv.iterations:
            record["iterations"] = []
            for row in iterations(env, learner, fv.iterations):
                record["iterations"].append(row)
                parts = ", ".join(f"{name} {value:.2f}" for name, value in row.items())
                print(f"  iteration: {parts}", flush=True)
        if fv.memory_iterations:
            resident = memory(learner, fv.iterations + 1, fv.memory_iterations)
            record["resident_mib"] = resident
            print(f"  resident MiB: {resident[0]:.0f}, then {resident[-1]:.0f}", flush=True)
        records.append(record)
    write_record(fv.output, {"records": records})
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
