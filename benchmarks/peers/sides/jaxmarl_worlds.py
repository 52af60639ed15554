"""JaxMARL's MPE worlds, vmapped and compiled, stepped with random actions, without a policy.

Case: name (of `jaxmarl.make`), arguments, batches, horizon, seconds. Sample: {batch: agent-steps a
second}, in one program and in two at once. `env.step` is what users call: it takes a new random key
for each step, and starts worlds anew where an episode ends. Actions are drawn before.
"""

import jax
import jax.numpy as jnp
import jaxmarl
from serving import rate, serve, several


def episodes(env, batch, horizon):
    """Plays so many worlds for so many steps; returns the number of agent-steps."""
    keys = jax.random.split(jax.random.PRNGKey(0), batch)
    actions = jax.random.randint(jax.random.PRNGKey(1), (horizon, len(env.agents), batch), 0, 5)
    random = jax.random.PRNGKey(2)
    observations, state = jax.jit(jax.vmap(env.reset))(keys)

    @jax.jit
    def play(observations, state, random, actions):
        def step(carry, chosen):
            _, state, gained, random = carry
            random, now = jax.random.split(random)
            keys = jax.random.split(now, batch)
            chosen = {name: chosen[i] for i, name in enumerate(env.agents)}
            observations, state, rewards, _, _ = jax.vmap(env.step)(keys, state, chosen)
            return (observations, state, gained + sum(rewards.values()), random), None

        # Observations are returned, so that they are computed.
        return jax.lax.scan(step, (observations, state, jnp.zeros(batch), random), actions)[0]

    def work():
        jax.block_until_ready(play(observations, state, random, actions))
        return horizon * len(env.agents) * batch

    work()
    return work


def prepare(case):
    """One program for each batch."""
    env = jaxmarl.make(case["name"], **case["arguments"])
    played = {batch: episodes(env, batch, case["horizon"]) for batch in case["batches"]}

    def measure():
        return {
            f"{threads} x {batch}": rate(several(work, threads), case["seconds"])
            for batch, work in played.items()
            for threads in (1, 2)
        }

    return measure


if __name__ == "__main__":
    serve(prepare)
