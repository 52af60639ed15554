"""DiMA-PG: Algorithm 1 of the paper."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import trajectories
from dimapg_tf.algorithm.adaptation import adapt_step
from dimapg_tf.algorithm.central_update import ascend, make_optimizer, trust_region
from dimapg_tf.algorithm.meta_gradient import MetaData, meta_gradient, objective
from dimapg_tf.algorithm.objective import Batch, make_batch, mean_entropy, of_equal_length
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.algorithm.trajectories import Joint
from dimapg_tf.envs.base import Env
from dimapg_tf.types import Deviation, NonFiniteError, Params, Trajectory, UpdateResult

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
        self._batch = tf.function(
            partial(
                make_batch,
                gamma=settings.gamma,
                gae_lambda=settings.gae_lambda,
                standardize=settings.standardize_advantages,
                baseline=settings.baseline,
            ),
            jit_compile=True,
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
        metrics, steps = {}, {}
        for index, name in enumerate(thetas):
            agents = sampled[name]
            if plain:
                first = self._first_batch(joint, name, agents)
                data = MetaData((first,), (), ())
            else:
                path = (iteration, index)
                # Lines 4, 5: L_n(θ, θ_n), and θ_n by Eq. 9 and 10.
                theta_n, before = self._adapt(thetas, joint, name, agents, path)
                # Line 6: τ^{θ, θ_n} (Eq. 8).
                after = self._deviating(thetas, name, agents, theta_n, path, settings.k)
                *before, after = of_equal_length([*before, after])
                before = tuple(before)
                displacement = tf.nest.map_structure(
                    lambda new, old: new - old[None], theta_n, thetas[name]
                )
                data = MetaData(before, after, displacement)
            # Line 7: the policy gradient of every agent (Eq. 14), and the step that it asks for.
            steps[name], values = self._central(thetas[name], data, joint.trajectories[name])
            metrics[name] = {key: float(value) for key, value in values.items()}
            if not plain:
                metrics[name]["adapted_discounted_return"] = float(np.mean(data.after.returns))
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
        return UpdateResult(self.episodes_per_iteration, self._env_steps, joint.returns, metrics)

    def adapted(self, name: str, seed: int) -> Params:
        """θ_n of every agent of a population after k-shot adaptation from θ (Table 1, row 2)."""
        thetas = {other: self.theta(other) for other in self.variables_of}
        num_worlds = self.settings.trajectories
        joint = self._shared(thetas, seeds.derive(seed, JOINT), num_worlds)
        everybody = tf.range(self.env.spec.populations[name].num_agents)
        return self._adapt(thetas, joint, name, everybody, (seed, 0))[0]

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

    def _first_batch(self, joint: Joint, name: str, agents: tf.Tensor) -> Batch:
        """The samples of τ^θ."""
        trajectory = trajectories.of_agents(joint, name, agents)
        return self._batch(trajectory, summary=self.env.spec.summaries.get(name))

    def _deviating(
        self,
        thetas: dict[str, Params],
        name: str,
        agents: tf.Tensor,
        theta_n: Params,
        path: tuple[int, int],
        j: int,
    ) -> Batch:
        """The samples of fresh τ^{θ, θ_n} after j adaptation steps (Eq. 8)."""
        seed = seeds.derive(self.seed, path[0], DEVIATING + j, path[1])
        simultaneous = self.settings.deviation == "simultaneous"
        deviation = Deviation(name, agents, theta_n, simultaneous)
        trajectory, env_steps = trajectories.deviating(
            self.env, thetas, deviation, seed, self.settings.trajectories
        )
        self._env_steps += env_steps
        return self._batch(trajectory, summary=self.env.spec.summaries.get(name))

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
    ) -> tuple[Params, tuple[Batch, ...]]:
        """θ_n after k steps (Eq. 9, 10), and the batch of each: τ^θ, then fresh τ^{θ, θ_n}."""
        theta_n = policy.stack(thetas[name], agents.shape[0])
        before: list[Batch] = []
        for j, alpha in enumerate(self.settings.alphas):
            if j == 0:
                batch = self._first_batch(joint, name, agents)
            else:
                batch = self._deviating(thetas, name, agents, theta_n, path, j)
            before.append(batch)
            theta_n = self._adapt_step(theta_n, batch, tf.constant(alpha))
        return theta_n, tuple(before)

    def _central_step(
        self, theta: Params, data: MetaData, joint: Trajectory
    ) -> tuple[Params, dict[str, tf.Tensor]]:
        """Eq. 14, then the new θ (trpo) or the gradient to ascend (reinforce); compiled."""
        settings = self.settings
        how = (
            settings.alphas,
            settings.meta_gradient,
            settings.sampling_term,
            settings.entropy_bonus,
        )
        value, gradient = meta_gradient(theta, data, *how)
        metrics = {"gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient))}
        metrics["entropy"] = tf.reduce_mean(mean_entropy(theta, data.before[0]))
        metrics["mean_discounted_return"] = tf.reduce_mean(data.before[0].returns)
        if settings.central_update == "reinforce":
            return gradient, metrics
        step = trust_region(
            theta,
            gradient,
            lambda candidate: objective(candidate, data, *how),
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
