"""Our compiled worlds: stepped with random actions, and played by a policy.

Case: env (a flagfile's name) and settings of the worlds that are stepped alone, batches, seconds;
policy_env, policy_batches: of the worlds that are played by a policy, as in training. Sample:
{"stepping": {batch: agent-steps a second}, in one program and in two at once, "policy": the same}.
"""

from typing import Any

from benchmarks.peers.sides.serving import rate, serve, several

KEPT = 2  # agents of each population whose trajectories are kept where a policy plays


def episodes(env: Any, batch: int):
    """Plays so many worlds from their start to their end; returns the number of agent-steps."""
    import numpy as np
    import tensorflow as tf

    horizon, populations = env.spec.horizon, env.spec.populations
    generator = np.random.default_rng(0)
    actions = {
        name: tf.constant(generator.integers(0, 5, (horizon, p.num_agents, batch)), tf.int32)
        for name, p in populations.items()
    }

    @tf.function(jit_compile=True, autograph=False)
    def play(state, actions):
        planes = env.to_planes(state)
        gained = {n: tf.zeros([p.num_agents, batch]) for n, p in populations.items()}

        def step(t, planes, _, gained):
            chosen = {name: values[t] for name, values in actions.items()}
            planes, rewards, _ = env.advance(planes, chosen)
            gained = {name: gained[name] + rewards[name] for name in gained}
            return t + 1, planes, env.observe(planes), gained

        # Observations are returned, so that they are computed.
        return tf.while_loop(
            lambda t, *_: t < horizon,
            step,
            (0, planes, env.observe(planes), gained),
            maximum_iterations=horizon,
        )[2:]

    agents = sum(p.num_agents for p in populations.values())

    def work() -> int:
        for values in play(env.initial_state(0, batch), actions)[1].values():
            values.numpy()
        return horizon * agents * batch

    work()
    return work


def policy_episodes(env: Any, batch: int):
    """The same with a policy, as training rolls out: states and noise are drawn each time."""
    import tensorflow as tf

    from dimapg_tf import policy, seeds
    from dimapg_tf.rollouts.collect import collect

    populations = env.spec.populations
    thetas = {
        name: policy.init(seeds.generator(0), p.observation_size, p.num_actions)
        for name, p in populations.items()
    }
    kept = {name: tf.range(min(KEPT, p.num_agents)) for name, p in populations.items()}

    def work() -> int:
        return collect(env, thetas, 0, batch, recorded=kept).agent_steps

    work()
    return work


def prepare(case: dict):
    """One program for each batch."""
    from dimapg_tf.experiment import console

    console.prepare_tensorflow()
    from dimapg_tf.experiment.config import load_config

    env = load_config(case["env"], "dimapg", **case["settings"]).make_env()
    stepped = {batch: episodes(env, batch) for batch in case["batches"]}
    played_env = load_config(case["policy_env"], "dimapg", **case["policy_settings"]).make_env()
    played = {batch: policy_episodes(played_env, batch) for batch in case["policy_batches"]}
    seconds = case["seconds"]

    def measure() -> dict:
        return {
            "stepping": {
                f"{threads} x {batch}": rate(several(work, threads), seconds)
                for batch, work in stepped.items()
                for threads in (1, 2)
            },
            "policy": {str(batch): rate(work, seconds) for batch, work in played.items()},
        }

    return measure


if __name__ == "__main__":
    serve(prepare)
