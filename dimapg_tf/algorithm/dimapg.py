"""DiMA-PG: Algorithm 1 of the paper."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from dimapg_tf import checks, policy, seeds
from dimapg_tf.algorithm import all_data, policies
from dimapg_tf.algorithm.central_update import (
    Visited,
    ascend,
    make_optimizer,
    project,
    trust_region,
    visited,
)
from dimapg_tf.algorithm.collection import JOINT, Collector
from dimapg_tf.algorithm.in_blocks import InBlocks
from dimapg_tf.algorithm.meta_gradient import (
    MetaData,
    meta_gradient,
    objective,
    with_followers_of_all,
)
from dimapg_tf.algorithm.objective import mean_entropy
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.algorithm.side_by_side import SideBySide
from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts.collect import Collected
from dimapg_tf.types import Params, Trajectory, UpdateResult


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
        self.collector = Collector(env, settings, seed)
        self.blocks = InBlocks(env, settings, seed) if settings.block_agents else None
        self.episodes_per_iteration = settings.episodes_per_iteration(env.spec)
        self.variables_of: dict[str, list[tf.Variable]] = {}
        for index, (name, population) in enumerate(env.spec.populations.items()):
            theta = policies.new(settings, population, seeds.generator(seed, index))
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
        self._central = tf.function(self._central_step, jit_compile=True, autograph=False)
        self._populations = SideBySide(env.spec)

    def theta(self, name: str) -> Params:
        """The current θ of a population."""
        values = [variable.read_value() for variable in self.variables_of[name]]
        return policies.from_flat(self.settings, self.env.spec.populations[name], values)

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
        thetas = {name: self.theta(name) for name in self.variables_of}
        return (self._update_in_blocks if self.blocks else self._update)(thetas, iteration)

    def status(self) -> str:
        """How the last iteration was shared out, in a few words; empty where it was not."""
        return self.blocks.work.status() if self.blocks else ""

    def _update_in_blocks(self, thetas: Mapping[str, Params], iteration: int) -> UpdateResult:
        """Lines 2 to 9, summed over blocks of agents (`--block_agents`)."""
        last = {name: value.numpy() for name, value in self.mean_returns.items()}
        outcome = self.blocks.update(thetas, iteration, last)
        self._apply(outcome.steps, iteration)
        for name, mean_return in self.mean_returns.items():
            mean_return.assign(outcome.adapted[name])
        return outcome.result

    def _update(self, thetas: Mapping[str, Params], iteration: int) -> UpdateResult:
        """Lines 2 to 9 for all sampled agents at once, in one program for each population."""
        settings, collector = self.settings, self.collector
        collector.count_anew()
        joint, data = self.collect(thetas, iteration)
        now = settings.entropy_bonus_at(iteration), settings.delta_at(iteration)

        def central(name: str) -> tuple[Params, dict[str, tf.Tensor]]:
            # Line 7: the policy gradient of every agent (Eq. 14), and the step that it asks for.
            region = self._region(joint.trajectories[name], data[name])
            return self._central(thetas[name], data[name], region, *map(tf.constant, now))

        metrics, steps = {}, {}
        for name, (step, values) in self._populations.each("step", central, thetas).items():
            steps[name] = step
            metrics[name] = {key: float(value) for key, value in values.items()}
            metrics[name] |= {key: float(v.mean()) for key, v in joint.measures.items()}
        checks.all_finite(iteration, metrics)
        self._apply(steps, iteration)
        for name, theta in thetas.items():
            self._consolidate(name, data[name], theta)
        return UpdateResult(
            self.episodes_per_iteration,
            collector.env_steps,
            collector.agent_steps,
            joint.returns,
            metrics,
        )

    def _apply(self, steps: Mapping[str, Params], iteration: int) -> None:
        """Line 9: the central update (Eq. 11), by the new θ (trpo) or the gradient (reinforce)."""
        if self.settings.central_update == "trpo":
            self.assign(steps)
            return
        for name, gradient in steps.items():
            self.optimizers[name].learning_rate = self.settings.epsilon_at(iteration)
            ascend(self.optimizers[name], self.variables_of[name], gradient)

    def collect(
        self, thetas: Mapping[str, Params], iteration: int
    ) -> tuple[Collected, dict[str, MetaData]]:
        """Lines 2 to 6 for θ of every population: τ^θ, and all that their gradients need."""
        collector = self.collector
        plain = self.settings.meta_gradient == "none"
        # Line 2: sample N agents.
        agents = collector.sample_agents(iteration)
        # Line 4, for all agents at once: τ^θ (Eq. 6).
        num_worlds = self.episodes_per_iteration if plain else self.settings.trajectories
        seed = seeds.derive(self.seed, iteration, JOINT)
        joint = collector.shared(thetas, seed, num_worlds, agents)

        def data_of(name: str) -> MetaData:
            if plain:
                data = collector.plain_data(joint, name)
            else:
                # Lines 4, 5: L_n(θ, θ_n), and θ_n by Eq. 9 and 10. Line 6: τ^{θ, θ_n} (Eq. 8).
                path = (iteration, list(thetas).index(name))
                data = collector.meta_data(thetas, joint, name, agents[name], path)
            return data._replace(baseline=self._return_baseline(name, data))

        return joint, with_followers_of_all(self._populations.each("data", data_of, thetas))

    def adapted(self, name: str, seed: int) -> Params:
        """θ_n of every agent of a population after k-shot adaptation from θ (Table 1, row 2)."""
        thetas = {other: self.theta(other) for other in self.variables_of}
        num_worlds = self.settings.trajectories
        everybody = {
            other: tf.range(p.num_agents) for other, p in self.env.spec.populations.items()
        }
        joint = self.collector.shared(thetas, seeds.derive(seed, JOINT), num_worlds, everybody)
        return self.collector.adapt(thetas, joint, name, everybody[name], (seed, 0))[0][-1][0]

    def _return_baseline(self, name: str, data: MetaData) -> tf.Tensor:
        """What is subtracted from L_n in the sampling term: [N].

        The mean over agents of the last iteration's L_n. This iteration's own would be a function
        of the data that the term asks about, and bias it (docs/gradient.md); only the very first
        iteration has nothing better than the returns of τ^θ.
        """
        if name not in self.mean_returns:
            return data.baseline
        last = self.mean_returns[name].read_value()
        last = tf.where(tf.math.is_nan(last), tf.reduce_mean(data.before[0].returns), last)
        return tf.broadcast_to(last, data.baseline.shape)

    def _region(self, joint: Trajectory, data: MetaData) -> tuple[Visited, ...] | None:
        """Where the trust region is measured; None where `data` has followers, who tell it."""
        if self.settings.central_update != "trpo" or data.followers:
            return None
        return visited(joint)

    def _consolidate(self, name: str, data: MetaData, theta: Params) -> None:
        """Section 4: θ_n ← θ, which leaves θ alone, or θ becomes the mean of itself and all θ_n."""
        if name in self.mean_returns:
            self.mean_returns[name].assign(tf.reduce_mean(data.after.returns))
        if self.settings.consolidation == "project":
            theta_n = tf.nest.map_structure(lambda v, d: v[None] + d, theta, data.displacements[-1])
            self.assign({name: project(self.theta(name), theta_n)})

    def _central_step(
        self,
        theta: Params,
        data: MetaData,
        region: tuple[Visited, ...] | None,
        entropy_bonus: tf.Tensor,
        delta: tf.Tensor,
    ) -> tuple[Params, dict[str, tf.Tensor]]:
        """Eq. 14, then the new θ (trpo) or the gradient to ascend (reinforce); compiled.

        region: the samples on which the trust region of trpo is measured; with all_data these are
        the followers' own. As they are the very tensors of the objective, XLA sees that the two
        ask for the same outputs of the policy.
        """
        settings = self.settings
        if data.followers:
            ((name, rollouts),) = data.followers.items()
            followers = all_data.joined(rollouts)
            data = data._replace(followers={name: (followers,)})
            region = (Visited(followers.observations, followers.counts),)
        estimator = settings.estimator(entropy_bonus)
        value, gradient = meta_gradient(theta, data, estimator)
        metrics = {"gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient))}
        # The outputs of the policy that `objective` has, too.
        everybody = policy.stack(theta, data.baseline.shape[0]) if data.followers else theta
        metrics["entropy"] = tf.reduce_mean(mean_entropy(everybody, data.before[0]))
        metrics["mean_discounted_return"] = tf.reduce_mean(data.before[0].returns)
        if settings.meta_gradient != "none":
            metrics["adapted_discounted_return"] = tf.reduce_mean(data.after.returns)
        if settings.central_update == "reinforce":
            return gradient, metrics
        step = trust_region(
            theta,
            gradient,
            lambda candidate: objective(candidate, data, estimator),
            value,
            region,
            delta,
            settings.cg_iterations,
            settings.cg_damping,
            settings.fisher_stride,
            together=bool(data.followers),
        )
        metrics["kl"] = step.kl
        metrics["improvement"] = step.improvement
        metrics["backtracks"] = tf.cast(step.backtracks, tf.float32)
        return step.theta, metrics
