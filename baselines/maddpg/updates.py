"""One update of every agent of every population, as a pure function of the learner's state."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import tensorflow as tf

from baselines.maddpg import critics
from baselines.maddpg.losses import actor_loss, critic_loss, gumbel_softmax, td_target
from baselines.maddpg.networks import Networks
from baselines.maddpg.settings import Settings
from dimapg_tf import policy
from dimapg_tf.envs.base import CompiledEnv

# Adam's, as in the original (TensorFlow 1's defaults).
BETA_1, BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8

MEASURES = (
    "critic_loss",
    "actor_loss",
    "target_mean",
    "critic_gradient_norm",
    "actor_gradient_norm",
)


class Learned(NamedTuple):
    """All that an update changes for one population; each has the structure of `Networks`."""

    networks: Networks
    targets: Networks
    means: Networks  # Adam's first moments
    squares: Networks  # Adam's second moments


class ReplayBatch(NamedTuple):
    """The data of one update; M transitions.

    states, next_states: of the world, [M, ...]; actions {population: unsigned integers [M, n]};
    rewards {population: [M, n]}; noise {population: [2, n, M, A] in [0, 1)}, of the targets'
    actions and of the actors'.
    """

    states: Any
    next_states: Any
    actions: dict[str, tf.Tensor]
    rewards: dict[str, tf.Tensor]
    noise: dict[str, tf.Tensor]


def start(new: Networks) -> Learned:
    """The state before the first update: targets equal the networks, moments are zero."""
    zeros = tf.nest.map_structure(tf.zeros_like, new)
    return Learned(new, new, zeros, zeros)


@tf.function(jit_compile=True, autograph=False)
def learn(
    learned: dict[str, Learned],
    done: tf.Tensor,
    due: tf.Tensor,
    batches: ReplayBatch,
    env: CompiledEnv,
    s: Settings,
) -> tuple[dict[str, Learned], dict[str, dict[str, tf.Tensor]]]:
    """`due` updates one after the other; traced once for an environment and its settings.

    Args:
      done: int scalar, updates before these.
      batches: [K, ...], K of at least `due`.

    Returns:
      (learned, sums of the measures over these updates).
    """

    def body(k, learned, sums):
        batch = tf.nest.map_structure(lambda values: values[k], batches)
        step = tf.cast(done + k + 1, tf.float32)
        learned, measures = update(learned, step, batch, env, s)
        return k + 1, learned, tf.nest.map_structure(tf.add, sums, measures)

    zeros = {name: dict.fromkeys(MEASURES, tf.zeros([])) for name in learned}
    _, learned, sums = tf.while_loop(lambda k, *_: k < due, body, (0, learned, zeros))
    return learned, sums


def update(
    learned: Mapping[str, Learned],
    step: tf.Tensor,
    batch: ReplayBatch,
    env: CompiledEnv,
    s: Settings,
) -> tuple[dict[str, Learned], dict[str, dict[str, tf.Tensor]]]:
    """Critics, then actors, then targets of everybody, all from one batch.

    The original lets its agents learn one after the other, each from a batch of its own. Here all
    learn at once, from the same batch and the same targets.

    Args:
      step: float scalar, 1 in the first update of the run: Adam corrects its moments by it.

    Returns:
      (learned, {population: {measure: scalar}}).
    """
    observations = env.observe(env.to_planes(batch.states))  # {population: [n, M, O]}
    next_observations = env.observe(env.to_planes(batch.next_states))
    actions, next_actions = {}, {}
    for name, population in env.spec.populations.items():
        seen = observations[name]
        actions[name] = tf.one_hot(
            tf.transpose(batch.actions[name]), population.num_actions, dtype=seen.dtype
        )
        logits = policy.apply(learned[name].targets.actor, next_observations[name])
        next_actions[name] = gumbel_softmax(logits, batch.noise[name][0], s.relaxation)
    critic_of = critics.of(env.spec, s)
    inputs = critic_of.seen(observations, actions)
    next_inputs = critic_of.seen(next_observations, next_actions)

    results, measures = {}, {}
    for name, population_state in learned.items():
        next_values = critic_of.values(population_state.targets.critic, next_inputs, name)
        targets = td_target(tf.transpose(batch.rewards[name]), next_values, s.gamma)
        with tf.GradientTape() as tape:
            tape.watch(population_state.networks.critic)
            values = critic_of.values(population_state.networks.critic, inputs, name)
            losses = critic_loss(values, targets)
            total = _total(losses, s)
        gradient = tape.gradient(total, population_state.networks.critic)
        critic, critic_norm = _descend(population_state, "critic", gradient, step, s)

        with tf.GradientTape() as tape:
            tape.watch(population_state.networks.actor)
            actor_losses = actor_loss(
                population_state.networks.actor,
                partial(critic_of.values_of_own_action, critic.networks, inputs, name),
                observations[name],
                actions[name],
                batch.noise[name][1],
                s.relaxation,
                s.logit_penalty,
            )
            total = _total(actor_losses, s)
        gradient = tape.gradient(total, population_state.networks.actor)
        actor, actor_norm = _descend(population_state, "actor", gradient, step, s)
        results[name] = Learned(*map(Networks, actor, critic))
        means = map(tf.reduce_mean, (losses, actor_losses, targets))
        measures[name] = dict(zip(MEASURES, (*means, critic_norm, actor_norm)))
    return results, measures


def _total(losses: tf.Tensor, s: Settings) -> tf.Tensor:
    """Agents with networks of their own: a sum leaves each gradient as it is; shared: the mean."""
    return tf.reduce_mean(losses) if s.share_parameters else tf.reduce_sum(losses)


def _descend(
    population_state: Learned, which: str, gradient, step, s: Settings
) -> tuple[Learned, tf.Tensor]:
    """(the four parts of one network after a step of Adam and of its target, gradient's norm)."""
    theta, target, mean, square = (getattr(part, which) for part in population_state)
    norm = tf.linalg.global_norm(tf.nest.flatten(gradient))
    gradient = clip(gradient, s.gradient_clip, stacked=not s.share_parameters)
    theta, mean, square = adam(theta, gradient, mean, square, step, s.learning_rate)
    return Learned(theta, track(target, theta, s.tau), mean, square), norm


def clip(gradient, largest: float, stacked: bool):
    """Each weight's and bias' gradient scaled to a norm of at most this (each agent's own, if [n]).

    By the single variable and not by all of them together, as the original's `minimize_and_clip`.
    """

    def one(g):
        axes = list(range(1 if stacked else 0, g.shape.rank))
        return tf.clip_by_norm(g, largest, axes=axes)

    return tf.nest.map_structure(one, gradient)


def adam(theta, gradient, mean, square, step: tf.Tensor, learning_rate: float):
    """One step downhill (Kingma and Ba 2015), of structures; returns (theta, mean, square)."""

    def moment(old, new, beta):
        return tf.nest.map_structure(lambda m, g: beta * m + (1.0 - beta) * g, old, new)

    mean = moment(mean, gradient, BETA_1)
    square = moment(square, tf.nest.map_structure(tf.square, gradient), BETA_2)
    rate = learning_rate * tf.sqrt(1.0 - tf.pow(BETA_2, step)) / (1.0 - tf.pow(BETA_1, step))
    theta = tf.nest.map_structure(
        lambda p, m, v: p - rate * m / (tf.sqrt(v) + ADAM_EPSILON), theta, mean, square
    )
    return theta, mean, square


def track(target, theta, tau: float):
    """θ' ← (1 - τ) θ' + τ θ."""
    return tf.nest.map_structure(lambda old, new: (1.0 - tau) * old + tau * new, target, theta)
