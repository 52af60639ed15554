"""mpe2 stepped from injected states: what the particle worlds are compared with."""

import numpy as np


def step_mpe2(env, positions, velocities, landmarks, actions):
    """One step of a mpe2 parallel_env from each of many states.

    Args:
      env: it, whose top speeds and the like may have been changed.
      positions, velocities: [cases, n, 2]; landmarks [cases, L, 2]; actions [cases, n], or
        [cases, n, 5] of an environment with continuous_actions.

    Returns:
      positions, velocities [cases, n, 2], observations: a list of n arrays [cases, O], rewards
      [cases, n], contacts: how many pairs touched after the steps.
    """
    env.reset(seed=0)
    raw, world = env.unwrapped, env.unwrapped.world
    names = [agent.name for agent in world.agents]
    after, contacts = [], 0
    for case, chosen in enumerate(actions):
        raw.steps = 0
        for i, agent in enumerate(world.agents):
            agent.state.p_pos = positions[case, i].copy()
            agent.state.p_vel = velocities[case, i].copy()
        for landmark, position in zip(world.landmarks, landmarks[case]):
            landmark.state.p_pos = position.copy()
        env.agents = list(names)
        raw.agents = list(names)
        taken = map(int, chosen) if chosen.ndim == 1 else chosen
        _, rewards, *_ = env.step(dict(zip(names, taken)))
        contacts += sum(
            raw.scenario.is_collision(a, b) for a in world.agents for b in world.agents if a != b
        )
        after.append(
            (
                [a.state.p_pos for a in world.agents],
                [a.state.p_vel for a in world.agents],
                [raw.scenario.observation(a, world) for a in world.agents],
                [rewards[n] for n in names],
            )
        )
    positions, velocities, observations, rewards = zip(*after)
    by_agent = [np.array(rows) for rows in zip(*observations)]
    return np.array(positions), np.array(velocities), by_agent, np.array(rewards), contacts // 2
