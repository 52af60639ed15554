"""Worlds of 10 to 1,000 agents with the policy: agent-steps a second.

  python -m benchmarks.crowd_speed [--rounds=5] [--seconds=0.6] [--output=FILE.json]

Cooperative Navigation at the density of 10 agents, each seeing the five goals and the five others
that are nearest, rolled out as in training: worlds and noise are drawn, two agents are recorded.
All teams and numbers of worlds are measured in turn; of each team the best number of worlds counts.
"""

import sys
from statistics import median

from benchmarks.peers.sides.our_worlds import policy_episodes
from benchmarks.peers.sides.serving import rate
from benchmarks.record import write_record
from dimapg_tf.experiment import console

ENV, ALGORITHM = "cooperative_navigation_any", "dimapg"
# {agents: worlds side by side}
TEAMS = {10: (250, 1000), 30: (64, 250), 100: (32, 64, 128), 300: (16, 32), 1000: (6, 10)}


def measure(rounds: int, seconds: float, teams: dict[int, tuple[int, ...]]) -> dict:
    """{agents: {worlds: [agent-steps a second of each round]}}."""
    from dimapg_tf.experiment.config import load_config

    works = {}
    for agents, batches in teams.items():
        env = load_config(ENV, ALGORITHM, num_agents=agents).make_env()
        for worlds in batches:
            print(f"{agents} agents, {worlds} worlds", flush=True)
            works[agents, worlds] = policy_episodes(env, worlds)
    speeds: dict = {agents: {worlds: [] for worlds in batches} for agents, batches in teams.items()}
    for _ in range(rounds):
        for (agents, worlds), work in works.items():
            speeds[agents][worlds].append(rate(work, seconds))
    return speeds


def best(by_worlds: dict) -> tuple[int, float]:
    """(worlds, median agent-steps a second) of the best number of worlds."""
    speed, worlds = max((median(speeds), int(worlds)) for worlds, speeds in by_worlds.items())
    return worlds, speed


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    flags.DEFINE_integer("rounds", 5, "of each", lower_bound=1, flag_values=fv)
    flags.DEFINE_float("seconds", 0.6, "of a speed", 0.0, flag_values=fv)
    flags.DEFINE_string("output", None, "JSON record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    console.prepare_tensorflow()

    speeds = measure(fv.rounds, fv.seconds, TEAMS)
    few = best(speeds[min(speeds)])[1]
    for agents, by_worlds in speeds.items():
        worlds, speed = best(by_worlds)
        print(f"{agents:5,} agents: {speed:10,.0f} a second, {worlds} worlds, {speed / few:.2f} x")
    write_record(fv.output, {"agent_steps_per_second": speeds})
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
