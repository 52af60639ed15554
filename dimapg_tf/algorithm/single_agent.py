"""Fine-tune, the last row of Table 1: one agent learns, then everybody follows its policy.

"We also consider the case where we train only 1 agent and then run the same policy across all
agents" (5.2.1). Read as: agent 0 follows θ, and its data alone update θ by TRPO; all others keep
the initial policy θ_0 throughout. Nothing is adapted, so there is no θ_n.
"""

import tensorflow as tf

from dimapg_tf import checks, policy, seeds
from dimapg_tf.algorithm import trajectories
from dimapg_tf.algorithm.central_update import trust_region, visited
from dimapg_tf.algorithm.objective import Batch, BatchMaker, importance_surrogate, mean_entropy
from dimapg_tf.algorithm.single_agent_settings import Settings
from dimapg_tf.envs.base import Env
from dimapg_tf.types import Params, Trajectory, UpdateResult


class FineTune(tf.Module):
    """θ of each population, trained on the data of its agent 0 among agents that keep θ_0.

    θ_0 follows from the seed, as in DiMA-PG, so that a resumed run has it without a checkpoint.

    Args:
      env: any environment.
      settings: hyper-parameters.
      seed: of θ_0 and of all that is drawn in training.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        super().__init__()
        self.env, self.settings, self.seed = env, settings, seed
        self.make_batch = BatchMaker(
            settings.gamma, settings.gae_lambda, settings.standardize_advantages
        )
        self.initial: dict[str, Params] = {}
        self.variables_of: dict[str, list[tf.Variable]] = {}
        for index, (name, population) in enumerate(env.spec.populations.items()):
            theta_0 = policy.init(
                seeds.generator(seed, index),
                population.observation_size,
                population.num_actions,
                settings.hidden,
                space=population.space,
            )
            self.initial[name] = theta_0
            self.variables_of[name] = [tf.Variable(v) for v in tf.nest.flatten(theta_0)]

    def theta(self, name: str) -> Params:
        """The current θ of a population, which its agent 0 follows."""
        values = [variable.read_value() for variable in self.variables_of[name]]
        return policy.from_flat(values, self.env.spec.populations[name].space)

    def played(self, name: str) -> Params:
        """Who follows what in training, a stack [n]: agent 0 follows θ, the others θ_0."""
        others = self.env.spec.populations[name].num_agents - 1
        return tf.nest.map_structure(
            lambda v, v_0: tf.concat([v[None], tf.repeat(v_0[None], others, axis=0)], axis=0),
            self.theta(name),
            self.initial[name],
        )

    def update(self, iteration: int) -> UpdateResult:
        """B episodes, then a step of TRPO for θ on what agent 0 did in them.

        The returns are those of these episodes, in which only agent 0 follows θ: an evaluation
        says what θ earns when everybody follows it.

        Deterministic in (settings, seed, iteration, θ).

        Raises:
          NonFiniteError: a return or gradient is not finite; no θ has been changed.
        """
        worlds = self.settings.trajectories
        thetas = {name: self.played(name) for name in self.variables_of}
        agents = dict.fromkeys(thetas, tf.constant([0]))
        seed = seeds.derive(self.seed, iteration)
        joint = trajectories.shared(self.env, thetas, seed, worlds, agents)
        improved, metrics = {}, {}
        for name in thetas:
            agent_0 = trajectories.of_agents(joint, name, agents[name])
            batch = self.make_batch(agent_0, self.env.spec.summaries.get(name))
            improved[name], values = improve(self.theta(name), batch, agent_0, self.settings)
            metrics[name] = {key: float(value) for key, value in values.items()}
            metrics[name]["return_of_agent_0"] = float(joint.returns[name][0].mean())
        checks.all_finite(iteration, metrics)
        for name, theta in improved.items():
            for variable, value in zip(self.variables_of[name], tf.nest.flatten(theta)):
                variable.assign(value)
        return UpdateResult(worlds, joint.env_steps, joint.agent_steps, joint.returns, metrics)


@tf.function(jit_compile=True, autograph=False)
def improve(
    theta: Params, batch: Batch, agent_0: Trajectory, settings: Settings
) -> tuple[Params, dict[str, tf.Tensor]]:
    """The policy gradient of agent 0's return, and the step of TRPO that it asks for."""

    def objective(candidate: Params) -> tf.Tensor:
        return tf.reduce_sum(importance_surrogate(candidate, batch, batch.advantages))

    with tf.GradientTape() as tape:
        tape.watch(theta)
        value = objective(theta)
    gradient = tape.gradient(value, theta)
    step = trust_region(
        theta,
        gradient,
        objective,
        value,
        visited(agent_0),
        settings.delta,
        settings.cg_iterations,
        settings.cg_damping,
        settings.fisher_stride,
    )
    return step.theta, {
        "gradient_norm": tf.linalg.global_norm(tf.nest.flatten(gradient)),
        "entropy": tf.reduce_mean(mean_entropy(theta, batch)),
        "kl": step.kl,
        "improvement": step.improvement,
    }
