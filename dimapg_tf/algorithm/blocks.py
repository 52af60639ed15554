"""The work of an iteration for one block of sampled agents, and for τ^θ: lines 4 to 7.

Every method is a function of (θ, iteration, block) and the settings, whoever computes it. What a
block gives back are sums over its agents and samples, small as θ; its trajectories stay where they
are, for the products and the line search of the trust region.
"""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import seeds, trpo
from dimapg_tf.algorithm import parts, policies
from dimapg_tf.algorithm.all_data import Followers
from dimapg_tf.algorithm.central_update import Visited, visited
from dimapg_tf.algorithm.collection import JOINT as JOINT_STREAM
from dimapg_tf.algorithm.collection import Collector
from dimapg_tf.algorithm.meta_gradient import MetaData
from dimapg_tf.algorithm.objective import mean_entropy
from dimapg_tf.algorithm.partition import JOINT, Block
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs import make_env
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import program_names
from dimapg_tf.returns import discounted_sums
from dimapg_tf.rollouts.collect import Collected
from dimapg_tf.types import Params


class Common(NamedTuple):
    """What all blocks of an iteration share: thetas {population: [D]}; mean_returns {population:
    L̄ of the iteration before, NaN in the first}, empty where the estimator does not ask for it.
    """

    iteration: int
    thetas: Mapping[str, np.ndarray]
    mean_returns: Mapping[str, np.float32]


class Gradients(NamedTuple):
    """A block's part of the gradient.

    sums {population: [3]}: see `meta_gradient.Sums`; gradients {population: [2, D]}: of the total
    and of the entropy. statistics {name: [agents of the block]}, empty of τ^θ; steps: rolled out,
    (env_steps, agent_steps). returns {population: [n, B]} and measures {name: [B]}: of τ^θ alone.
    """

    sums: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray]
    steps: tuple[int, int]
    returns: dict[str, np.ndarray]
    measures: dict[str, np.ndarray]


class Held(NamedTuple):
    """What was rolled out for a block: own, of the agents who left θ; followers and region
    {population: of each rollout}: who followed θ, and where the trust region is measured."""

    own: MetaData | None
    followers: Mapping[str, tuple[Followers, ...]]
    region: Mapping[str, tuple[Visited, ...]]
    steps: tuple[int, int]


class BlockWork:
    """Works on blocks of one learner.

    Args:
      env, settings, seed: as of `DiMAPG`; settings.block_agents is a number.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        self.env, self.settings, self.seed = env, settings, seed
        self.collector = Collector(env, settings, seed)
        self.names = list(env.spec.populations)
        self.templates = {
            name: policies.new(settings, p, seeds.generator(0))
            for name, p in env.spec.populations.items()
        }
        self._iteration: tuple[int, bytes] | None = None
        self._held: dict[Block, Held] = {}
        self._joint: Collected | None = None
        compiled = {"jit_compile": True, "autograph": False}
        fixed = {"estimator": settings.estimator()}
        self._gradient = tf.function(partial(parts.gradient_part, **fixed), **compiled)
        self._value = tf.function(partial(parts.value_part, **fixed), **compiled)
        stride = {"stride": settings.fisher_stride}
        self._product = tf.function(partial(parts.product_part, **stride), **compiled)
        self._entropies = tf.function(mean_entropy, **compiled)
        self._recipe = repr((env.spec.name, sorted(env.settings.items()), settings, seed))

    def holds(self, common: Common, block: Block) -> bool:
        """Whether the block has been rolled out here."""
        self._begin(common)
        return block in self._held

    def gradient(self, common: Common, block: Block) -> Gradients:
        """Roll out, adapt and differentiate: the block's part of Eq. 14."""
        thetas = self._begin(common)
        held = self._rolled_out(common, thetas, block)
        sums, gradients = {}, {}
        for name in self._populations(held, block):
            own = held.own if name == block.population else None
            with self._names("gradient", block):
                part = self._gradient(thetas[name], own, held.followers.get(name, ()))
            sums[name], gradients[name] = (value.numpy() for value in part)
        statistics = {}
        if held.own is not None:
            first = held.own.before[0]
            with self._names("entropy", block):
                entropies = self._entropies(thetas[block.population], first).numpy()
            statistics = {
                "before": first.returns.numpy(),
                "after": held.own.after.returns.numpy(),
                "entropy": entropies,
            }
        joint = self._joint if block == JOINT else None
        return Gradients(
            sums,
            gradients,
            statistics,
            held.steps,
            joint.returns if joint else {},
            {key: np.asarray(v) for key, v in joint.measures.items()} if joint else {},
        )

    def value(
        self, common: Common, block: Block, name: str, candidate: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Sums [3] of a population's objective at θ = candidate [D], and of KL from θ: (sum of KL,
        number of samples) [2]."""
        thetas = self._begin(common)
        held = self._rolled_out(common, thetas, block)
        own = held.own if name == block.population else None
        followers, region = held.followers.get(name, ()), held.region.get(name, ())
        new = self._params(name, candidate)
        with self._names("value", block):
            part = self._value(thetas[name], new, own, followers, region)
        return tuple(value.numpy() for value in part)

    def product(
        self, common: Common, block: Block, name: str, vector: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """F v [D] of the block's part of the trust region, as a sum, and its number of samples."""
        thetas = self._begin(common)
        held = self._rolled_out(common, thetas, block)
        with self._names("product", block):
            part = self._product(thetas[name], held.region.get(name, ()), tf.constant(vector))
        return tuple(value.numpy() for value in part)

    def _names(self, what: str, block: Block):
        """A program has one name in all processes, whichever block each begins with."""
        return program_names.within(f"{what} {block.population} {len(block.agents)} {self._recipe}")

    def _begin(self, common: Common) -> dict[str, Params]:
        """Forget other iterations; θ of each population."""
        digest = hashlib.blake2b(digest_size=16)
        for name in self.names:
            digest.update(common.thetas[name].tobytes())
        iteration = (common.iteration, digest.digest())
        if iteration != self._iteration:
            self._iteration, self._joint = iteration, None
            self._held.clear()
        return {name: self._params(name, common.thetas[name]) for name in self.names}

    def _params(self, name: str, vector: np.ndarray) -> Params:
        flat = trpo.unflatten(tf.constant(vector), self.templates[name])
        population = self.env.spec.populations[name]
        return policies.from_flat(self.settings, population, tf.nest.flatten(flat))

    def _populations(self, held: Held, block: Block) -> list[str]:
        return [n for n in self.names if n == block.population or held.followers.get(n)]

    def _rolled_out(self, common: Common, thetas: Mapping[str, Params], block: Block) -> Held:
        if block not in self._held:
            with self._names("rollout", block):
                self._held[block] = self._roll_out(common, thetas, block)
        return self._held[block]

    def _roll_out(self, common: Common, thetas: Mapping[str, Params], block: Block) -> Held:
        """Lines 2 to 6 for one block, or τ^θ itself."""
        collector, trust = self.collector, self.settings.central_update == "trpo"
        if self._joint is None:
            collector.count_anew()
            agents = collector.sample_agents(common.iteration)
            seed = seeds.derive(self.seed, common.iteration, JOINT_STREAM)
            worlds = self.settings.trajectories
            with self._names("shared", JOINT):
                self._joint = collector.shared(thetas, seed, worlds, agents)
        joint = self._joint
        if block == JOINT:
            followers, steps = {}, (joint.env_steps, joint.agent_steps)
            if self.settings.all_data:
                followers = {
                    name: (collector.followers_of_shared(trajectory, name),)
                    for name, trajectory in joint.trajectories.items()
                }
                return Held(None, followers, self._region(followers), steps)
            region = {name: visited(t) for name, t in joint.trajectories.items()} if trust else {}
            return Held(None, {}, region, steps)
        collector.count_anew()
        name, agents = block.population, tf.constant(block.agents, tf.int32)
        # The first block draws what all agents together would: one block alone is the whole.
        path = (common.iteration, self.names.index(name), *[block.number][: block.number])
        own = collector.meta_data(thetas, joint, name, agents, path)
        followers = own.followers
        own = own._replace(followers={})
        if name in common.mean_returns:
            own = own._replace(baseline=self._return_baseline(common, joint, name, own.baseline))
        steps = (collector.env_steps, collector.agent_steps)
        return Held(own, followers, self._region(followers), steps)

    def _region(self, followers: Mapping[str, tuple[Followers, ...]]):
        if self.settings.central_update != "trpo":
            return {}
        return {
            name: tuple(Visited(f.observations, f.counts) for f in parts)
            for name, parts in followers.items()
        }

    def _return_baseline(self, common: Common, joint: Collected, name: str, like: tf.Tensor):
        """L̄, or in the first iteration the mean return of all sampled agents in τ^θ: [N]."""
        last = tf.constant(common.mean_returns[name])
        if np.isnan(last):
            sampled = self.collector.sample_agents(common.iteration)[name]
            places = np.isin(joint.recorded[name], sampled)
            rewards, alive = (np.asarray(v)[places] for v in joint.trajectories[name][3:])
            gamma = self.settings.gamma
            last = tf.reduce_mean(discounted_sums(tf.constant(rewards * alive), gamma)[:, :, 0])
        return tf.broadcast_to(last, like.shape)


def block_work(env: str, env_settings: Mapping[str, Any], settings: Settings, seed: int):
    """A `BlockWork` for another process, where the environment is made anew by its name."""
    return BlockWork(make_env(env, **env_settings), settings, seed)
