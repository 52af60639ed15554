"""One iteration of Algorithm 1 as sums over blocks of agents, whoever works on them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import checks, trpo
from dimapg_tf.algorithm.blocks import BlockWork, Common, Gradients
from dimapg_tf.algorithm.partition import JOINT, Block, sample_agents, split
from dimapg_tf.algorithm.parts import in_order
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.distributed.executor import Executor, Recipe, executor
from dimapg_tf.envs.base import Env
from dimapg_tf.types import Params, UpdateResult


class Outcome(NamedTuple):
    """What an iteration came to.

    result: its report; steps {population: the new θ (trpo) or the gradient (reinforce)};
    adapted {population: mean over the sampled agents of L_n after adaptation}.
    """

    result: UpdateResult
    steps: dict[str, Params]
    adapted: dict[str, tf.Tensor]


class InBlocks:
    """Eq. 14 and Eq. 11 of one learner from blocks of agents.

    τ^θ is a part like a block, and this process's own: where it alone bounds the trust region, the
    products of the conjugate gradient need no messages. Parts are summed in the order of the
    agents, so that θ does not depend on who computed them, nor on when.

    Args:
      env, settings, seed: as of `DiMAPG`; settings.block_agents is a number.
      work: an executor; by default whoever there is.
    """

    def __init__(self, env: Env, settings: Settings, seed: int, work: Executor | None = None):
        self.env, self.settings, self.seed = env, settings, seed
        self.work = work or executor(
            lambda: BlockWork(env, settings, seed),
            Recipe(
                "dimapg_tf.algorithm.blocks:block_work",
                (env.spec.name, dict(env.settings), settings, seed),
            ),
            here=(JOINT,),
        )
        self._sampled = settings.sampled(env.spec)
        self._episodes = settings.episodes_per_iteration(env.spec)

    def update(
        self,
        thetas: Mapping[str, Params],
        iteration: int,
        mean_returns: Mapping[str, np.float32],
    ) -> Outcome:
        """What one iteration makes of θ of every population.

        mean_returns: L̄ of the iteration before, see `blocks.Common`.

        Raises:
          NonFiniteError: a return or gradient is not finite.
        """
        sampled = sample_agents(self.env.spec, self._sampled, self.seed, iteration)
        blocks = [JOINT, *split(sampled, self.settings.block_agents)]
        flat = {name: trpo.flatten(theta).numpy() for name, theta in thetas.items()}
        common = Common(iteration, flat, mean_returns)
        parts = self.work.map("gradient", common, blocks)
        joint = parts[0]
        steps, values, adapted = {}, {}, {}
        for name, theta in thetas.items():
            steps[name], values[name] = self._step(common, blocks, parts, name, theta)
            own = [p.statistics for p, block in zip(parts, blocks) if block.population == name]
            means = {key: np.concatenate([s[key] for s in own]).mean() for key in own[0]}
            adapted[name] = means["after"]
            values[name] |= {
                "entropy": float(means["entropy"]),
                "mean_discounted_return": float(means["before"]),
                "adapted_discounted_return": float(means["after"]),
                **{key: float(v.mean()) for key, v in joint.measures.items()},
            }
        checks.all_finite(iteration, values)
        env_steps, agent_steps = (sum(column) for column in zip(*(p.steps for p in parts)))
        result = UpdateResult(self._episodes, env_steps, agent_steps, joint.returns, values)
        return Outcome(result, steps, adapted)

    def _step(
        self,
        common: Common,
        blocks: Sequence[Block],
        parts: Sequence[Gradients],
        name: str,
        theta: Params,
    ) -> tuple[Params, dict[str, float]]:
        """The new θ or the gradient of a population, and its measures."""
        settings = self.settings
        mine = [part for part in parts if name in part.sums]
        sums = in_order([part.sums[name] for part in mine])
        rows = in_order([part.gradients[name] for part in mine])
        agents = sum(len(block.agents) for block in blocks if block.population == name)
        bonus = np.float32(settings.entropy_bonus_at(common.iteration) / agents)
        gradient = rows[0] / tf.maximum(sums[1], 1.0) + bonus * rows[1]
        values = {"gradient_norm": float(tf.linalg.global_norm([gradient]))}
        gradient = trpo.unflatten(gradient, theta)
        if settings.central_update == "reinforce":
            return gradient, values

        everywhere = blocks if settings.all_data else [JOINT]

        def both(candidate: Params) -> tuple[tf.Tensor, tf.Tensor]:
            flat = trpo.flatten(candidate).numpy()
            found = self.work.again("value", common, blocks, name, flat)
            sums, distance = (in_order(list(column)) for column in zip(*found))
            return _value(sums, bonus), distance[0] / tf.maximum(distance[1], 1.0)

        def product(vector: tf.Tensor) -> tf.Tensor:
            found = self.work.again("product", common, everywhere, name, vector.numpy())
            total, count = (in_order(list(column)) for column in zip(*found))
            return total / tf.maximum(count, 1.0)

        step = trpo.trust_region_step(
            theta,
            gradient,
            lambda candidate: both(candidate)[0],
            _value(sums, bonus),
            lambda candidate: both(candidate)[1],
            fisher_product=product,
            both=both,
            delta=settings.delta_at(common.iteration),
            cg_iterations=settings.cg_iterations,
            damping=settings.cg_damping,
        )
        values |= {"kl": float(step.kl), "improvement": float(step.improvement)}
        values["backtracks"] = float(step.backtracks)
        return step.theta, values


def _value(sums: tf.Tensor, bonus: np.float32) -> tf.Tensor:
    """The objective of these `Sums` [3]; bonus: of the entropy of an agent."""
    return sums[0] / tf.maximum(sums[1], 1.0) + bonus * sums[2]
