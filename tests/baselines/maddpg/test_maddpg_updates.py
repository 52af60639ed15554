"""A whole update of two populations against NumPy loops in float64, and its parts."""

import maddpg_reference as reference
import numpy as np
import pytest
import tensorflow as tf

from baselines.maddpg import networks, updates
from baselines.maddpg.settings import Settings

M = 4
STEP = 5.0


def settings(**changes):
    return Settings(hidden=(3,), gradient_clip=0.05, logit_penalty=0.1, **changes)


@pytest.fixture
def learned(chase_env, generator):
    """Networks, targets and moments, all different from one another and none zero."""
    result = {}
    for name in chase_env.spec.populations:
        parts = []
        for part in range(4):
            made = networks.init(generator, chase_env.spec, name, (3,), False, tf.float64)
            noise = 0.3 if part < 2 else 0.05
            made = tf.nest.map_structure(
                lambda v, s=noise: v + generator.normal(0, s, v.shape), made
            )
            parts.append(made)
        parts[3] = tf.nest.map_structure(tf.square, parts[3])
        result[name] = updates.Learned(*parts)
    return result


@pytest.fixture
def batch(chase_env, generator):
    def state():
        drawn, _ = chase_env.reset(int(generator.integers(1000)), M, tf.float64)
        return drawn._replace(velocities=tf.constant(generator.normal(size=(M, 3, 2))))

    actions, rewards, noise = {}, {}, {}
    for name, p in chase_env.spec.populations.items():
        actions[name] = tf.constant(generator.integers(0, 5, (M, p.num_agents)), tf.uint8)
        rewards[name] = tf.constant(generator.normal(size=(M, p.num_agents)))
        noise[name] = tf.constant(generator.random((2, p.num_agents, M, 5)))
    return updates.ReplayBatch(state(), state(), actions, rewards, noise)


def of_agent(params, i):
    return [(layer.weights[i].numpy(), layer.bias[i].numpy()) for layer in params]


def expected_network(parts, gradient, s):
    """(theta, target, mean, square) of one agent's network after its step, variable by variable."""
    results = [[], [], [], []]
    for theta, target, mean, square, slopes in zip(*parts, gradient):
        layers = [[], [], [], []]
        for p, old, m, v, g in zip(theta, target, mean, square, slopes):
            g = reference.clipped(g, s.gradient_clip)  # noqa: PLW2901
            new, m, v = reference.adam(p, g, m, v, STEP, s.learning_rate)  # noqa: PLW2901
            tracked = (1 - s.tau) * old + s.tau * new
            for layer, value in zip(layers, (new, tracked, m, v)):
                layer.append(value)
        for result, layer in zip(results, layers):
            result.append(tuple(layer))
    return results


@pytest.mark.parametrize("relaxation", ["soft", "straight_through"])
def test_update(chase_env, learned, batch, relaxation):
    s = settings(relaxation=relaxation)
    results, measures = updates.update(learned, tf.constant(STEP, tf.float64), batch, chase_env, s)

    # Everybody in order, with what all of them see and do in each transition.
    everybody = [
        (name, i) for name, p in chase_env.spec.populations.items() for i in range(p.num_agents)
    ]
    now = {k: v.numpy() for k, v in chase_env.observations(batch.states).items()}
    then = {k: v.numpy() for k, v in chase_env.observations(batch.next_states).items()}
    observations, actions, xs, next_xs = [], [], [], []
    for m in range(M):
        observations.append([now[name][m, i] for name, i in everybody])
        actions.append([np.eye(5)[batch.actions[name][m, i]] for name, i in everybody])
        next_actions = []
        for name, i in everybody:
            logits = reference.mlp(of_agent(learned[name].targets.actor, i), then[name][m, i])
            drawn = reference.gumbel(logits, batch.noise[name][0, i, m].numpy())
            hard = np.eye(5)[drawn.argmax()]
            next_actions.append(drawn if relaxation == "soft" else hard)
        xs.append(reference.see(observations[m], actions[m]))
        next_xs.append(reference.see([then[name][m, i] for name, i in everybody], next_actions))

    for index, (name, i) in enumerate(everybody):
        population_state = learned[name]
        target_critic = of_agent(population_state.targets.critic, i)
        ys = [
            float(batch.rewards[name][m, i]) + s.gamma * reference.mlp(target_critic, x)[0]
            for m, x in enumerate(next_xs)
        ]
        parts = [of_agent(part.critic, i) for part in population_state]
        slope = reference.gradient(lambda q, ys=ys: reference.critic_loss(q, xs, ys), parts[0])
        critic = expected_network(parts, slope, s)

        # The actor follows the critic as it is after its step.
        parts = [of_agent(part.actor, i) for part in population_state]
        noise = batch.noise[name][1, i].numpy()

        def loss(mu, index=index, critic=critic, noise=noise, at=parts[0]):
            at = at if relaxation == "straight_through" else None
            return reference.actor_loss(
                mu, critic[0], index, observations, actions, noise, s.logit_penalty, at
            )

        actor = expected_network(parts, reference.gradient(loss, parts[0]), s)
        for part, expected_actor, expected_critic in zip(results[name], actor, critic):
            for ours, expected in ((part.actor, expected_actor), (part.critic, expected_critic)):
                for layer, (weights, bias) in zip(ours, expected):
                    np.testing.assert_allclose(layer.weights[i], weights, rtol=1e-5, atol=1e-8)
                    np.testing.assert_allclose(layer.bias[i], bias, rtol=1e-5, atol=1e-8)
    assert set(measures["runners"]) == set(updates.MEASURES)


def test_shared_parameters_take_the_mean_of_all_agents(chase_env, batch, generator):
    """One network: a gradient step on the mean of the agents' losses; no leading axis anywhere."""
    s = settings(share_parameters=True)
    learned = {
        name: updates.start(networks.init(generator, chase_env.spec, name, (3,), True, tf.float64))
        for name in chase_env.spec.populations
    }
    results, measures = updates.update(learned, tf.constant(1.0, tf.float64), batch, chase_env, s)
    for name, population_state in learned.items():
        tf.nest.map_structure(
            lambda a, b: a.shape.assert_is_compatible_with(b.shape), population_state, results[name]
        )
        for value in measures[name].values():
            assert np.isfinite(value)
        moved = tf.nest.map_structure(
            lambda a, b: np.abs(a - b).max(), population_state.networks, results[name].networks
        )
        assert max(tf.nest.flatten(moved)) > 0


def test_clip_is_by_the_variable_and_by_the_agent():
    g = np.array([[[3.0, 0.0], [0.0, 4.0]], [[0.3, 0.0], [0.0, 0.4]], np.zeros((2, 2))])
    stacked = updates.clip(tf.constant(g), 0.5, stacked=True).numpy()
    np.testing.assert_allclose(stacked[0], g[0] / 10)
    np.testing.assert_allclose(stacked[1:], g[1:])
    shared = updates.clip(tf.constant(g), 0.5, stacked=False).numpy()
    np.testing.assert_allclose(shared, g * 0.5 / np.sqrt(25.25))


def test_targets_follow():
    target, theta = tf.constant([1.0, 2.0]), tf.constant([3.0, -2.0])
    np.testing.assert_allclose(updates.track(target, theta, 0.25), [1.5, 1.0])
    for _ in range(100):
        target = updates.track(target, theta, 0.25)
    np.testing.assert_allclose(target, theta, rtol=1e-5)


def test_adam_is_that_of_keras():
    start = tf.constant([1.0, -2.0])
    variable = tf.Variable(start)
    keras = tf.keras.optimizers.Adam(0.01, epsilon=updates.ADAM_EPSILON)
    theta, mean, square = start, tf.zeros([2]), tf.zeros([2])
    for step in range(1, 6):
        gradient = tf.constant([0.3 * step, -1.0 / step])
        keras.apply_gradients([(gradient, variable)])
        theta, mean, square = updates.adam(
            theta, gradient, mean, square, tf.constant(float(step)), 0.01
        )
        np.testing.assert_allclose(theta, variable, rtol=1e-6)
