"""Lines 2 to 6 of Algorithm 1: who is sampled, and all that is rolled out for the gradient."""

import threading
from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from dimapg_tf import policy, seeds
from dimapg_tf.algorithm import all_data, trajectories
from dimapg_tf.algorithm.adaptation import adapt_step
from dimapg_tf.algorithm.all_data import Followers
from dimapg_tf.algorithm.meta_gradient import MetaData
from dimapg_tf.algorithm.objective import Batch, BatchMaker, of_equal_length
from dimapg_tf.algorithm.others import Others, make_others
from dimapg_tf.algorithm.partition import sample_agents, with_followers
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs.base import Env
from dimapg_tf.rollouts.collect import Collected, places, records_everybody, require_everybody
from dimapg_tf.types import Deviation, Params, Trajectory

# Streams of random numbers of one iteration; the j-th deviating rollout has DEVIATING + j.
JOINT, DEVIATING = 0, 2  # 1 is `partition.AGENTS`


class Samples(NamedTuple):
    """Of one rollout: what agents n did [N], and, where the estimator looks at them, the others
    beside them and {population: those who followed θ}."""

    own: Batch
    others: tuple[Others, ...] = ()
    followers: dict[str, Followers] = {}  # noqa: RUF012


class Collector:
    """Rolls out and adapts for one learner; keeps no θ.

    Attributes:
      env_steps, agent_steps: rolled out since `count_anew`, see `UpdateResult`.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        require_everybody(env, "others_term", settings.others_term)
        require_everybody(env, "followers", settings.followers)
        self.all_data = settings.all_data
        # Blocks of agents have their own samples of τ^θ alone; everybody's are counted once.
        self.all_of_shared = settings.all_data and settings.block_agents is None
        self.env, self.settings, self.seed = env, settings, seed
        self._counting = threading.Lock()
        self.count_anew()
        self.make_batch = BatchMaker(
            settings.gamma,
            settings.gae_lambda,
            settings.standardize_advantages,
            settings.fit,
        )
        self.adapt_from = tf.function(self._adapt_from, jit_compile=True, autograph=False)
        self.shared_samples = tf.function(self._shared_samples, jit_compile=True, autograph=False)
        self.deviating_samples = tf.function(
            self._deviating_samples, jit_compile=True, autograph=False
        )
        self.followers_of_shared = tf.function(self._of_shared, jit_compile=True, autograph=False)

    def count_anew(self) -> None:
        """Set the counts of steps to 0."""
        self.env_steps = self.agent_steps = 0

    def _count(self, env_steps: int, agent_steps: int) -> None:
        with self._counting:  # populations may be rolled out side by side
            self.env_steps += env_steps
            self.agent_steps += agent_steps

    def sample_agents(self, iteration: int) -> dict[str, tf.Tensor]:
        """See `partition.sample_agents`."""
        sampled = sample_agents(
            self.env.spec, self.settings.sampled(self.env.spec), self.seed, iteration
        )
        return {name: tf.constant(agents, tf.int32) for name, agents in sampled.items()}

    def shared(
        self,
        thetas: Mapping[str, Params],
        seed: int,
        num_worlds: int,
        agents: Mapping[str, tf.Tensor],
    ) -> Collected:
        """Line 4, for all agents at once: τ^θ (Eq. 6); games record these `agents` only.

        With `--followers` they and so many others are recorded, in the rollouts of θ_n as well.
        """
        recorded, followers = None, self.settings.followers
        if followers is not None:
            recorded = with_followers(self.env.spec, agents, followers, seed)
        joint = trajectories.shared(self.env, thetas, seed, num_worlds, agents, recorded)
        self._count(joint.env_steps, joint.agent_steps)
        return joint

    def plain_data(self, joint: Collected, name: str) -> MetaData:
        """All that plain parameter sharing needs: the samples of τ^θ, of everybody recorded."""
        first = self._first(joint, name, joint.recorded[name])
        return MetaData((first.own,), first.own, (), first.own.returns, first.others)

    def meta_data(
        self,
        thetas: Mapping[str, Params],
        joint: Collected,
        name: str,
        agents: tf.Tensor,
        path: tuple[int, ...],
    ) -> MetaData:
        """Lines 4 to 6: the samples of every adaptation step, θ_n, and those of τ^{θ, θ_n}.

        path: (iteration, number of the population and, where there are blocks, of the block), of
        the random numbers. The baseline of the sampling term is left at 0.
        """
        steps, samples = self.adapt(thetas, joint, name, agents, path)
        last = (steps[-1][0], path, self.settings.k)
        samples.append(self._deviating(thetas, joint, name, agents, *last))
        displacements = tuple(displacement for _, displacement in steps)
        batches, others, followers = zip(*samples)
        *before, after = of_equal_length(batches)
        return MetaData(
            tuple(before),
            after,
            displacements,
            tf.zeros_like(after.returns),
            sum(others[:-1], ()),
            others[-1],
            {
                other: tuple(rollout[other] for rollout in followers if other in rollout)
                for other in followers[0] | followers[-1]
            },
        )

    def adapt(
        self,
        thetas: Mapping[str, Params],
        joint: Collected,
        name: str,
        agents: tf.Tensor,
        path: tuple[int, ...],
    ) -> tuple[list[tuple[Params, Params]], list[Samples]]:
        """(θ_n^{[j]}, θ_n^{[j]} - θ) for j = 1, ..., k (Eq. 9, 10), and the k samples behind them.

        The first samples are of τ^θ, the others of fresh τ^{θ, θ_n}.
        """
        samples = [self._first(joint, name, agents)]
        steps: list[tuple[Params, Params]] = []
        for j, alpha in enumerate(self.settings.alphas):
            if j > 0:
                last = (steps[-1][0], path, j)
                samples.append(self._deviating(thetas, joint, name, agents, *last))
            theta_n = steps[-1][0] if j > 0 else None
            own = samples[-1].own
            steps.append(self.adapt_from(thetas[name], theta_n, own, tf.constant(alpha)))
        return steps, samples

    def _adapt_from(
        self, theta: Params, theta_n: Params | None, batch: Batch, alpha: tf.Tensor
    ) -> tuple[Params, Params]:
        """One step of Eq. 10 from θ_n, by default from θ; also how far it is from θ then."""
        if theta_n is None:
            theta_n = policy.stack(theta, batch.actions.shape[0])
        theta_n = adapt_step(theta_n, batch, alpha)
        return theta_n, tf.nest.map_structure(lambda n, v: n - v[None], theta_n, theta)

    def _first(self, joint: Collected, name: str, agents: tf.Tensor) -> Samples:
        """The samples of τ^θ."""
        everybody = joint.trajectories[name]
        own = everybody if self.all_of_shared else trajectories.of_agents(joint, name, agents)
        beside = everybody if self.settings.others_term else None
        return self.shared_samples(own, beside, name, self._places(joint, name, agents))

    def _places(self, joint: Collected, name: str, agents: tf.Tensor) -> tf.Tensor:
        """Where the sampled agents are among those whose trajectories there are, but of games."""
        return agents if self.settings.followers is None else places(joint.recorded[name], agents)

    def _deviating(
        self,
        thetas: Mapping[str, Params],
        joint: Collected,
        name: str,
        agents: tf.Tensor,
        theta_n: Params,
        path: tuple[int, ...],
        j: int,
    ) -> Samples:
        """The samples of fresh τ^{θ, θ_n} after j adaptation steps (Eq. 8)."""
        settings = self.settings
        seed = seeds.derive(self.seed, path[0], DEVIATING + j, *path[1:])
        deviation = Deviation(name, agents, theta_n, settings.deviation == "simultaneous")
        collected, steps = trajectories.deviating(
            self.env,
            thetas,
            deviation,
            seed,
            settings.trajectories,
            settings.others_term or (self.all_data and records_everybody(self.env)),
            None if settings.followers is None else joint.recorded,
        )
        self._count(*steps)
        return self.deviating_samples(collected, name, self._places(joint, name, agents))

    def _shared_samples(
        self, own: Trajectory, everybody: Trajectory | None, name: str, agents: tf.Tensor
    ) -> Samples:
        """The samples of τ^θ: of agents n and, where `everybody` is there, the others beside them.

        With all_data, `own` is everybody, and so are the samples, unless agents are in blocks.
        """
        batch = self.make_batch(own, self._summary(name))
        if self.all_of_shared:
            if not records_everybody(self.env):
                agents = tf.range(agents.shape[0])  # they are all that was recorded
            own_batch, followers = all_data.of_shared(batch, agents)
            return Samples(own_batch, (), {name: followers})
        if everybody is None:
            return Samples(batch)
        return Samples(batch, (make_others(everybody, batch, agents),))

    def _of_shared(self, everybody: Trajectory, name: str) -> Followers:
        """Everybody's samples of τ^θ, as all_data counts them."""
        return all_data.followers(self.make_batch(everybody, self._summary(name)))

    def _deviating_samples(
        self, collected: Mapping[str, Trajectory], name: str, agents: tf.Tensor
    ) -> Samples:
        """The samples of τ^{θ, θ_n}: of agents n, and of everybody who was recorded beside them."""
        everybody = collected[name]
        if self.all_data and records_everybody(self.env):
            batches = {
                other: self.make_batch(trajectory, self._summary(other))
                for other, trajectory in collected.items()
            }
            simultaneous = self.settings.deviation == "simultaneous"
            own_returns = all_data.own_returns(everybody, agents, simultaneous, self.settings.gamma)
            own, followers = all_data.of_deviating(
                batches.pop(name), own_returns, agents, simultaneous
            )
            others = {other: all_data.followers(batch) for other, batch in batches.items()}
            return Samples(own, (), {name: followers} | others)
        if not self.settings.others_term:
            return Samples(self.make_batch(everybody, self._summary(name)))
        own = trajectories.of_deviating(everybody, agents)
        batch = self.make_batch(own, self._summary(name))
        return Samples(batch, (make_others(everybody, batch, agents),))

    def _summary(self, name: str) -> tf.Tensor | None:
        """What the value baseline sees of a population's observations (see `EnvSpec`)."""
        return self.env.spec.summaries.get(name)
