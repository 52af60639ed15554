"""mpe2's worlds, stepped with random actions in one process, without a policy.

Case: module, arguments (of `parallel_env`), seconds. Sample: agent-steps a second.
"""

import importlib

import numpy as np
from serving import rate, serve

DRAWN = 25  # steps for which actions are drawn


def prepare(case):
    """One world that never ends."""
    module = importlib.import_module(f"mpe2.{case['module']}")
    env = module.parallel_env(max_cycles=10**9, **case["arguments"])
    env.reset(seed=0)
    agents = list(env.agents)
    drawn = np.random.default_rng(0).integers(0, 5, (DRAWN, len(agents))).tolist()
    rows = [dict(zip(agents, row)) for row in drawn]
    done = 0

    def step():
        nonlocal done
        env.step(rows[done % DRAWN])
        done += 1
        return len(agents)

    step()
    return lambda: {"one world": rate(step, case["seconds"])}


if __name__ == "__main__":
    serve(prepare)
