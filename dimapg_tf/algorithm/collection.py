"""Lines 2 to 6 of Algorithm 1: who is sampled, and all that is rolled out for the gradient."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import trajectories
from dimapg_tf.algorithm.adaptation import adapt_step
from dimapg_tf.algorithm.meta_gradient import MetaData
from dimapg_tf.algorithm.objective import Batch, BatchMaker, of_equal_length
from dimapg_tf.algorithm.others import Others, make_others
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts.collect import Collected, require_everybody
from dimapg_tf.types import Deviation, Params, Trajectory

# Streams of random numbers of one iteration; the j-th deviating rollout has DEVIATING + j.
JOINT, AGENTS, DEVIATING = 0, 1, 2

Samples = tuple[Batch, tuple[Others, ...]]


class Collector:
    """Rolls out and adapts for one learner; keeps no θ.

    Attributes:
      env_steps, agent_steps: rolled out since `count_anew`, see `UpdateResult`.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        require_everybody(env, "others_term", settings.others_term)
        self.env, self.settings, self.seed = env, settings, seed
        self.count_anew()
        self.num_sampled = settings.sampled(env.spec)
        self.make_batch = BatchMaker(
            settings.gamma,
            settings.gae_lambda,
            settings.standardize_advantages,
            settings.baseline,
        )
        self.adapt_step = tf.function(adapt_step, jit_compile=True)

    def count_anew(self) -> None:
        """Set the counts of steps to 0."""
        self.env_steps = self.agent_steps = 0

    def _count(self, env_steps: int, agent_steps: int) -> None:
        self.env_steps += env_steps
        self.agent_steps += agent_steps

    def sample_agents(self, iteration: int) -> dict[str, tf.Tensor]:
        """Line 2: N different agents of each population, in ascending order."""
        sampled = {}
        for index, (name, population) in enumerate(self.env.spec.populations.items()):
            generator = seeds.generator(self.seed, iteration, AGENTS, index)
            chosen = generator.choice(population.num_agents, self.num_sampled[name], replace=False)
            sampled[name] = tf.constant(np.sort(chosen), tf.int32)
        return sampled

    def shared(
        self,
        thetas: Mapping[str, Params],
        seed: int,
        num_worlds: int,
        agents: Mapping[str, tf.Tensor],
    ) -> Collected:
        """Line 4, for all agents at once: τ^θ (Eq. 6); games record these `agents` only."""
        joint = trajectories.shared(self.env, thetas, seed, num_worlds, agents)
        self._count(joint.env_steps, joint.agent_steps)
        return joint

    def plain_data(self, joint: Collected, name: str) -> MetaData:
        """All that plain parameter sharing needs: the samples of τ^θ, of everybody recorded."""
        first, others = self._first(joint, name, joint.recorded[name])
        return MetaData((first,), first, (), first.returns, others)

    def meta_data(
        self,
        thetas: Mapping[str, Params],
        joint: Collected,
        name: str,
        agents: tf.Tensor,
        path: tuple[int, int],
    ) -> MetaData:
        """Lines 4 to 6: the samples of every adaptation step, θ_n, and those of τ^{θ, θ_n}.

        path: (iteration, number of the population), of the random numbers. The baseline of the
        sampling term is left at 0.
        """
        steps, samples = self.adapt(thetas, joint, name, agents, path)
        samples.append(self._deviating(thetas, name, agents, steps[-1], path, self.settings.k))
        displacements = tuple(
            tf.nest.map_structure(lambda n, v: n - v[None], theta_n, thetas[name])
            for theta_n in steps[1:]
        )
        batches, others = zip(*samples)
        *before, after = of_equal_length(batches)
        baseline = tf.zeros_like(after.returns)
        return MetaData(
            tuple(before), after, displacements, baseline, sum(others[:-1], ()), others[-1]
        )

    def adapt(
        self,
        thetas: Mapping[str, Params],
        joint: Collected,
        name: str,
        agents: tf.Tensor,
        path: tuple[int, int],
    ) -> tuple[list[Params], list[Samples]]:
        """θ_n^{[0]}, ..., θ_n^{[k]} (Eq. 9, 10), and the k samples: τ^θ, then fresh τ^{θ, θ_n}."""
        steps = [policy.stack(thetas[name], agents.shape[0])]
        samples = [self._first(joint, name, agents)]
        for j, alpha in enumerate(self.settings.alphas):
            if j > 0:
                samples.append(self._deviating(thetas, name, agents, steps[-1], path, j))
            steps.append(self.adapt_step(steps[-1], samples[-1][0], tf.constant(alpha)))
        return steps, samples

    def _first(self, joint: Collected, name: str, agents: tf.Tensor) -> Samples:
        """The samples of τ^θ."""
        own = trajectories.of_agents(joint, name, agents)
        return self._samples(own, joint.trajectories[name], name, agents)

    def _deviating(
        self,
        thetas: Mapping[str, Params],
        name: str,
        agents: tf.Tensor,
        theta_n: Params,
        path: tuple[int, int],
        j: int,
    ) -> Samples:
        """The samples of fresh τ^{θ, θ_n} after j adaptation steps (Eq. 8)."""
        settings = self.settings
        seed = seeds.derive(self.seed, path[0], DEVIATING + j, path[1])
        deviation = Deviation(name, agents, theta_n, settings.deviation == "simultaneous")
        collected, steps = trajectories.deviating(
            self.env, thetas, deviation, seed, settings.trajectories, settings.others_term
        )
        self._count(*steps)
        own = collected
        if settings.others_term:
            own = trajectories.of_deviating(collected, agents)
        return self._samples(own, collected, name, agents)

    def _samples(
        self, own: Trajectory, everybody: Trajectory, name: str, agents: tf.Tensor
    ) -> Samples:
        """What agents n did, and the others beside them where the estimator looks at them."""
        batch = self.make_batch(own, self.env.spec.summaries.get(name))
        if not self.settings.others_term:
            return batch, ()
        return batch, (make_others(everybody, batch, agents),)
