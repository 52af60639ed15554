"""VMAS's simple_spread or simple_tag, stepped with random actions, without a policy.

Case: scenario, arguments, batches, horizon, seconds. Sample: {batch: agent-steps a second}; each
worlds of a batch are started anew after `horizon` steps.
"""

import torch
import vmas
from serving import rate, serve


def stepper(case: dict, batch: int):
    """Steps so many worlds; returns the number of agent-steps."""
    env = vmas.make_env(
        case["scenario"],
        num_envs=batch,
        device="cpu",
        continuous_actions=False,
        seed=0,
        **case["arguments"],
    )
    agents = len(env.agents)
    generator = torch.Generator().manual_seed(0)
    actions = torch.randint(0, 5, (case["horizon"], agents, batch, 1), generator=generator)
    done = 0

    def step() -> int:
        nonlocal done
        t = done % case["horizon"]
        if t == 0:
            env.reset()
        with torch.no_grad():
            env.step(list(actions[t]))
        done += 1
        return agents * batch

    step()
    return step


def prepare(case: dict):
    """Worlds of each batch."""
    steppers = {batch: stepper(case, batch) for batch in case["batches"]}
    return lambda: {str(b): rate(step, case["seconds"]) for b, step in steppers.items()}


if __name__ == "__main__":
    serve(prepare)
