"""The pooled critic against NumPy loops, float64: its values, its update."""

import maddpg_reference as reference
import numpy as np
import pytest
import tensorflow as tf
from small_worlds import HUNTERS, RUNNERS

from baselines.maddpg import networks, pooled, updates
from baselines.maddpg.settings import Settings
from dimapg_tf.types import EnvSpec, Population

M, A = 4, 5
HIDDEN = (4, 3)
SETTINGS = Settings(
    critic="pooled", share_parameters=True, hidden=HIDDEN, gradient_clip=0.05, logit_penalty=0.1
)
ORDER = (HUNTERS, RUNNERS)  # of the head's inputs


def noisy(generator, params, scale=0.3):
    return tf.nest.map_structure(lambda v: v + generator.normal(0.0, scale, v.shape), params)


@pytest.fixture
def critic(chase_env, generator):
    return noisy(generator, pooled.init(generator, chase_env.spec, HIDDEN, tf.float64))


@pytest.fixture
def data(chase_env, generator):
    """NumPy observations [n, M, O] and one-hot actions [n, M, A] of both populations."""
    observations, actions = {}, {}
    for name, p in chase_env.spec.populations.items():
        observations[name] = generator.normal(size=(p.num_agents, M, p.observation_size))
        actions[name] = np.eye(A)[generator.integers(0, A, (p.num_agents, M))]
    return observations, actions


def layers(params):
    return [(layer.weights.numpy(), layer.bias.numpy()) for layer in params]


def plain(critic):
    """The critic as the reference has it: {population: network}, and the head."""
    return {name: layers(e) for name, e in critic.embeddings.items()}, layers(critic.head)


def q(embeddings, head, of, i, observations, actions):
    """Q_i of agent i of population `of`, in one transition; lists of vectors by population."""
    embedded = {
        name: [
            np.maximum(reference.mlp(embeddings[name], np.concatenate([o, a])), 0.0)
            for o, a in zip(observations[name], actions[name])
        ]
        for name in ORDER
    }
    means = [sum(embedded[name]) / len(embedded[name]) for name in ORDER]
    return reference.mlp(head, np.concatenate([embedded[of][i], *means]))[0]


def seen_by(data, m):
    """({population: observations}, {population: actions}) of one transition."""
    return tuple({name: list(values[:, m]) for name, values in part.items()} for part in data)


def values(critic, data, name):
    inputs = pooled.seen(*({k: tf.constant(v) for k, v in part.items()} for part in data))
    return pooled.values(critic, inputs, name).numpy()


@pytest.mark.parametrize("name", ORDER)
def test_values(critic, data, name):
    ours = values(critic, data, name)
    assert ours.shape == (len(data[0][name]), M)
    for i in range(len(ours)):
        for m in range(M):
            expected = q(*plain(critic), name, i, *seen_by(data, m))
            assert ours[i, m] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ORDER)
def test_values_of_own_action(critic, data, generator, name):
    """Agent i acts otherwise, the others as they did, one i after the other."""
    observations, actions = data
    others = np.eye(A)[generator.integers(0, A, actions[name].shape[:2])]
    inputs = pooled.seen(*({k: tf.constant(v) for k, v in part.items()} for part in data))
    change = tf.constant(others - actions[name])
    ours = pooled.values_of_own_action(critic, inputs, name, change)
    for i in range(len(others)):
        changed = actions[name].copy()
        changed[i] = others[i]
        expected = values(critic, (observations, {**actions, name: changed}), name)
        np.testing.assert_allclose(ours[i], expected[i], rtol=1e-12)


def test_the_order_of_the_agents_does_not_matter(chase_env, generator):
    """Of many: values move with their agents; and the same weights serve another number of them."""
    spec = EnvSpec("crowd", {"agents": Population(7, 6, A)}, 5, rollout="compiled")
    critic = noisy(generator, pooled.init(generator, spec, HIDDEN, tf.float64))
    observations = generator.normal(size=(7, M, 6))
    actions = np.eye(A)[generator.integers(0, A, (7, M))]
    order = generator.permutation(7)
    before = values(critic, ({"agents": observations}, {"agents": actions}), "agents")
    turned = ({"agents": observations[order]}, {"agents": actions[order]})
    np.testing.assert_allclose(values(critic, turned, "agents"), before[order], rtol=1e-12)
    assert np.ptp(before, axis=0).min() > 1e-3  # each has a value of its own
    few = ({"agents": observations[:2]}, {"agents": actions[:2]})
    assert values(critic, few, "agents").shape == (2, M)


def test_update(chase_env, data, critic, generator):
    """A whole update of the runners, whose critic pools hunters and runners."""
    s = SETTINGS
    learned = {}
    for name in ORDER:
        parts = [
            networks.init(generator, chase_env.spec, name, HIDDEN, True, tf.float64, "pooled")
            for _ in range(4)
        ]
        parts = [noisy(generator, part, 0.3 if k < 2 else 0.05) for k, part in enumerate(parts)]
        parts[3] = tf.nest.map_structure(tf.square, parts[3])
        learned[name] = updates.Learned(*parts)
    states = [chase_env.reset(seed, M, tf.float64)[0] for seed in (1, 2)]
    noise = {n: tf.constant(generator.random((2, len(data[0][n]), M, A))) for n in ORDER}
    chosen = {n: tf.constant(a.argmax(axis=-1).T, tf.uint8) for n, a in data[1].items()}
    rewards = {n: tf.constant(generator.normal(size=(M, len(data[0][n])))) for n in ORDER}
    batch = updates.ReplayBatch(*states, chosen, rewards, noise)
    results, _ = updates.update(learned, tf.constant(5.0, tf.float64), batch, chase_env, s)

    now, then = (
        {n: np.swapaxes(v.numpy(), 0, 1) for n, v in chase_env.observations(state).items()}
        for state in states
    )
    following = {}
    for name in ORDER:
        actor = layers(learned[name].targets.actor)
        following[name] = np.array(
            [
                [
                    np.eye(A)[reference.gumbel(reference.mlp(actor, o), u).argmax()]
                    for o, u in zip(of_agent, drawn)
                ]
                for of_agent, drawn in zip(then[name], noise[name][0].numpy())
            ]
        )
    for name in ORDER:
        check_population(name, learned, results, now, then, following, data[1], batch, s)


def check_population(name, learned, results, now, then, following, actions, batch, s):
    """Critic, then actor against the reference; gradients are central differences."""
    parts = learned[name]
    n = len(now[name])
    targets = plain(parts.targets.critic)
    ys = [
        [
            float(batch.rewards[name][m, i])
            + s.gamma * q(*targets, name, i, *seen_by((then, following), m))
            for m in range(M)
        ]
        for i in range(n)
    ]

    def critic_loss(embeddings, head):
        errors = [
            (q(embeddings, head, name, i, *seen_by((now, actions), m)) - ys[i][m]) ** 2
            for i in range(n)
            for m in range(M)
        ]
        return np.mean(errors)

    embeddings, head = plain(parts.networks.critic)
    slopes = [reference.gradient(lambda h: critic_loss(embeddings, h), head)]
    for other in ORDER:
        slopes.append(
            reference.gradient(
                lambda e, other=other: critic_loss({**embeddings, other: e}, head),
                embeddings[other],
            )
        )
    pieces = [lambda c: c.head, *(lambda c, other=other: c.embeddings[other] for other in ORDER)]
    for piece, slope in zip(pieces, slopes):
        compare(lambda part, piece=piece: piece(part.critic), parts, results[name], slope, s)

    after = plain(results[name].networks.critic)
    at = layers(parts.networks.actor)

    def actor_loss(mu):
        total = 0.0
        for i in range(n):
            for m in range(M):
                o, a = seen_by((now, actions), m)
                uniform = batch.noise[name][1, i, m].numpy()
                logits = reference.mlp(mu, o[name][i])
                there = reference.gumbel(reference.mlp(at, o[name][i]), uniform)
                own = np.eye(A)[there.argmax()] + reference.gumbel(logits, uniform) - there
                changed = [own if j == i else a[name][j] for j in range(n)]
                total -= q(*after, name, i, o, {**a, name: changed})
                total += s.logit_penalty * np.mean(logits**2)
        return total / (n * M)

    slope = reference.gradient(actor_loss, at)
    compare(lambda part: part.actor, parts, results[name], slope, s)


def compare(piece, parts, result, slopes, s):
    """Layers after a step of Adam and of their targets."""
    for index, (weights, bias) in enumerate(slopes):
        for field, g in (("weights", weights), ("bias", bias)):
            p, old, mean, square = (getattr(piece(part)[index], field).numpy() for part in parts)
            ours = [getattr(piece(part)[index], field).numpy() for part in result]
            g = reference.clipped(g, s.gradient_clip)  # noqa: PLW2901
            new, mean, square = reference.adam(p, g, mean, square, 5.0, s.learning_rate)
            expected = (new, (1 - s.tau) * old + s.tau * new, mean, square)
            for mine, truth in zip(ours, expected):
                np.testing.assert_allclose(mine, truth, rtol=1e-5, atol=1e-8)
