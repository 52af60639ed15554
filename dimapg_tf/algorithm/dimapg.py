"""DiMA-PG: Algorithm 1 of the paper."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import trajectories
from dimapg_tf.algorithm.adaptation import adapt_step
from dimapg_tf.algorithm.central_update import ascend, make_optimizer, project, trust_region
from dimapg_tf.algorithm.meta_gradient import MetaData, meta_gradient, objective
from dimapg_tf.algorithm.objective import Batch, BatchMaker, mean_entropy, of_equal_length
from dimapg_tf.algorithm.others import Others, make_others
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.algorithm.trajectories import Joint
from dimapg_tf.envs.base import Env, is_game
from dimapg_tf.types import (
    ConfigurationError,
    Deviation,
    NonFiniteError,
    Params,
    Trajectory,
    UpdateResult,
)

# Streams of random numbers of one iteration; the j-th deviating rollout has DEVIATING + j.
JOINT, AGENTS, DEVIATING = 0, 1, 2


class DiMAPG(tf.Module):
    """One policy θ for each population, trained by Algorithm 1.

    Two populations or more are trained in parallel, each against the others' current θ.

    Args:
      env: any environment.
      settings: hyper-parameters; raises ConfigurationError where they do not fit the environment.
      seed: of the initial θ and of all that is drawn in training.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        super().__init__()
        self.env, self.settings, self.seed = env, settings, seed
        if settings.others_term and is_game(env):
            raise ConfigurationError(
                f"others_term = True: {env.spec.name} records the sampled agents only"
            )
        self._env_steps = 0  # rolled out in this iteration
        self.num_sampled = settings.sampled(env.spec)
        self.episodes_per_iteration = settings.episodes_per_iteration(env.spec)
        self.variables_of: dict[str, list[tf.Variable]] = {}
        for index, (name, population) in enumerate(env.spec.populations.items()):
            theta = policy.init(
                seeds.generator(seed, index),
                population.observation_size,
                population.num_actions,
                settings.hidden,
            )
            self.variables_of[name] = [tf.Variable(v) for v in tf.nest.flatten(theta)]
        self.optimizers = {}
        if settings.central_update == "reinforce":
            self.optimizers = {
                name: make_optimizer(settings.optimizer, settings.epsilon, variables)
                for name, variables in self.variables_of.items()
            }
        # L̄, what an adapted agent was worth in the last iteration; NaN before the first.
        self.mean_returns = {}
        if settings.sampling_term.startswith("adapted_return"):
            self.mean_returns = {
                name: tf.Variable(np.float32(np.nan)) for name in self.variables_of
            }
        self._batch = BatchMaker(
            settings.gamma,
            settings.gae_lambda,
            settings.standardize_advantages,
            settings.baseline,
        )
        self._adapt_step = tf.function(adapt_step, jit_compile=True)
        self._central = tf.function(self._central_step, jit_compile=True)

    def theta(self, name: str) -> Params:
        """The current θ of a population."""
        return policy.from_flat([variable.read_value() for variable in self.variables_of[name]])

    def assign(self, thetas: Mapping[str, Params]) -> None:
        """Set θ of these populations."""
        for name, theta in thetas.items():
            for variable, value in zip(self.variables_of[name], tf.nest.flatten(theta)):
                variable.assign(value)

    def update(self, iteration: int) -> UpdateResult:
        """One pass through the loop of Algorithm 1; reports on it.

        Deterministic in (settings, seed, iteration, θ).

        Raises:
          NonFiniteError: a return or gradient is not finite; no θ has been changed.
        """
        settings = self.settings
        plain = settings.meta_gradient == "none"
        thetas = {name: self.theta(name) for name in self.variables_of}
        self._env_steps = 0
        # Line 2: sample N agents.
        sampled = {
            name: self._sample_agents(name, iteration, index) for index, name in enumerate(thetas)
        }
        # Line 4, for all agents at once: τ^θ (Eq. 6).
        num_worlds = self.episodes_per_iteration if plain else settings.trajectories
        joint = self._shared(thetas, seeds.derive(self.seed, iteration, JOINT), num_worlds, sampled)
        metrics, steps, data = {}, {}, {}
        for index, name in enumerate(thetas):
            # Lines 4, 5: L_n(θ, θ_n), and θ_n by Eq. 9 and 10. Line 6: τ^{θ, θ_n} (Eq. 8).
            data[name] = self._collect(thetas, joint, name, sampled[name], (iteration, index))
            # Line 7: the policy gradient of every agent (Eq. 14), and the step that it asks for.
            steps[name], values = self._central(thetas[name], data[name], joint.trajectories[name])
            metrics[name] = {key: float(value) for key, value in values.items()}
        for name, values in metrics.items():
            for key, value in values.items():
                if not np.isfinite(value):
                    raise NonFiniteError(
                        f"iteration {iteration}: {key} of the population {name!r} is {value}"
                    )
        # Line 9: the central update (Eq. 11).
        if settings.central_update == "reinforce":
            for name, gradient in steps.items():
                ascend(self.optimizers[name], self.variables_of[name], gradient)
        else:
            self.assign(steps)
        for name, theta in thetas.items():
            self._consolidate(name, data[name], theta)
        return UpdateResult(self.episodes_per_iteration, self._env_steps, joint.returns, metrics)

    def adapted(self, name: str, seed: int) -> Params:
        """θ_n of every agent of a population after k-shot adaptation from θ (Table 1, row 2)."""
        thetas = {other: self.theta(other) for other in self.variables_of}
        joint = self._shared(thetas, seeds.derive(seed, JOINT), self.settings.trajectories)
        everybody = tf.range(self.env.spec.populations[name].num_agents)
        return self._adapt(thetas, joint, name, everybody, (seed, 0))[0][-1]

    def _shared(
        self,
        thetas: dict[str, Params],
        seed: int,
        num_worlds: int,
        agents: dict[str, tf.Tensor] | None = None,
    ) -> Joint:
        """τ^θ (Eq. 6); counts the time steps in which anybody was alive."""
        joint = trajectories.shared(self.env, thetas, seed, num_worlds, agents)
        self._env_steps += joint.env_steps
        return joint

    def _samples(
        self, name: str, trajectory: Trajectory, everybody: Trajectory, agents: tf.Tensor
    ) -> tuple[Batch, tuple[Others, ...]]:
        """What agents n did, and the others beside them where the estimator looks at them."""
        batch = self._batch(trajectory, self.env.spec.summaries.get(name))
        if not self.settings.others_term:
            return batch, ()
        return batch, (make_others(everybody, batch, agents),)

    def _deviating(
        self,
        thetas: dict[str, Params],
        name: str,
        agents: tf.Tensor,
        theta_n: Params,
        path: tuple[int, int],
        j: int,
    ) -> tuple[Batch, tuple[Others, ...]]:
        """The samples of fresh τ^{θ, θ_n} after j adaptation steps (Eq. 8)."""
        seed = seeds.derive(self.seed, path[0], DEVIATING + j, path[1])
        num_worlds, everybody = self.settings.trajectories, self.settings.others_term
        simultaneous = self.settings.deviation == "simultaneous"
        deviation = Deviation(name, agents, theta_n, simultaneous)
        collected, env_steps = trajectories.deviating(
            self.env, thetas, deviation, seed, num_worlds, everybody
        )
        self._env_steps += env_steps
        own = trajectories.of_deviating(collected, agents) if everybody else collected
        return self._samples(name, own, collected, agents)

    def _sample_agents(self, name: str, iteration: int, index: int) -> tf.Tensor:
        """Line 2: N different agents, uniformly from the population, in ascending order."""
        generator = seeds.generator(self.seed, iteration, AGENTS, index)
        num_agents = self.env.spec.populations[name].num_agents
        chosen = generator.choice(num_agents, self.num_sampled[name], replace=False)
        return tf.constant(np.sort(chosen), tf.int32)

    def _adapt(
        self,
        thetas: dict[str, Params],
        joint: Joint,
        name: str,
        agents: tf.Tensor,
        path: tuple[int, int],
    ) -> tuple[list[Params], list[tuple[Batch, tuple[Others, ...]]]]:
        """θ_n^{[0]}, ..., θ_n^{[k]} (Eq. 9, 10), and the k samples: τ^θ, then fresh τ^{θ, θ_n}."""
        steps = [policy.stack(thetas[name], agents.shape[0])]
        own = trajectories.of_agents(joint, name, agents)
        samples = [self._samples(name, own, joint.trajectories[name], agents)]
        for j, alpha in enumerate(self.settings.alphas):
            if j > 0:
                samples.append(self._deviating(thetas, name, agents, steps[-1], path, j))
            steps.append(self._adapt_step(steps[-1], samples[-1][0], tf.constant(alpha)))
        return steps, samples

    def _collect(
        self,
        thetas: dict[str, Params],
        joint: Joint,
        name: str,
        agents: tf.Tensor,
        path: tuple[int, int],
    ) -> MetaData:
        """All that Eq. 14 needs of one population; of plain parameter sharing, τ^θ alone."""
        if self.settings.meta_gradient == "none":
            own = trajectories.of_agents(joint, name, agents)
            first, others = self._samples(name, own, joint.trajectories[name], agents)
            return MetaData((first,), first, (), first.returns, others)
        steps, samples = self._adapt(thetas, joint, name, agents, path)
        after, others_after = self._deviating(
            thetas, name, agents, steps[-1], path, self.settings.k
        )
        displacements = tuple(
            tf.nest.map_structure(lambda n, v: n - v[None], theta_n, thetas[name])
            for theta_n in steps[1:]
        )
        before, others_before = zip(*samples)
        *before, after = of_equal_length([*before, after])
        baseline = self._return_baseline(name, before[0])
        others_before = sum(others_before, ())
        return MetaData(tuple(before), after, displacements, baseline, others_before, others_after)

    def _return_baseline(self, name: str, first: Batch) -> tf.Tensor:
        """What is subtracted from L_n in the sampling term: [N].

        The mean over agents of the last iteration's L_n. This iteration's own would be a function
        of the data that the term asks about, and bias it (docs/gradient.md); only the very first
        iteration has nothing better than the returns of τ^θ.
        """
        if name not in self.mean_returns:
            return tf.zeros_like(first.returns)
        last = self.mean_returns[name].read_value()
        last = tf.where(tf.math.is_nan(last), tf.reduce_mean(first.returns), last)
        return tf.broadcast_to(last, first.returns.shape)

    def _consolidate(self, name: str, data: MetaData, theta: Params) -> None:
        """Section 4: θ_n ← θ, which leaves θ alone, or θ becomes the mean of itself and all θ_n."""
        if name in self.mean_returns:
            self.mean_returns[name].assign(tf.reduce_mean(data.after.returns))
        if self.settings.consolidation == "project":
            theta_n = tf.nest.map_structure(lambda v, d: v[None] + d, theta, data.displacements[-1])
            self.assign({name: project(self.theta(name), theta_n)})

    def _central_step(
        self, theta: Params, data: MetaData, joint: Trajectory
    ) -> tuple[Params, dict[str, tf.Tensor]]:
        """Eq. 14, then the new θ (trpo) or the gradient to ascend (reinforce); compiled."""
        settings = self.settings
        value, gradient = meta_gradient(theta, data, settings.estimator)
        metrics = {"gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient))}
        metrics["entropy"] = tf.reduce_mean(mean_entropy(theta, data.before[0]))
        metrics["mean_discounted_return"] = tf.reduce_mean(data.before[0].returns)
        if settings.meta_gradient != "none":
            metrics["adapted_discounted_return"] = tf.reduce_mean(data.after.returns)
        if settings.central_update == "reinforce":
            return gradient, metrics
        step = trust_region(
            theta,
            gradient,
            lambda candidate: objective(candidate, data, settings.estimator),
            value,
            joint,
            settings.delta,
            settings.cg_iterations,
            settings.cg_damping,
            settings.fisher_stride,
        )
        metrics["kl"] = step.kl
        metrics["improvement"] = step.improvement
        metrics["backtracks"] = tf.cast(step.backtracks, tf.float32)
        return step.theta, metrics
