"""TRPO-Kitchensink: trust region policy optimisation over joint observations and actions."""

import tensorflow as tf

from baselines.kitchensink import network, rollout
from baselines.kitchensink.network import JointParams
from baselines.trpo_kitchensink.settings import Settings
from baselines.trpo_kitchensink.step import improve
from dimapg_tf import checks, seeds
from dimapg_tf.envs.base import Env
from dimapg_tf.types import UpdateResult


class TRPOKitchensink(tf.Module):
    """One joint policy and value for each population, maximising the minimum reward, or the mean.

    The paper: "for TRPO Kitchensink, we setup similar policy layer and value function layer". Here
    the policy's layers move within the trust region, and the value layer, on the output of the same
    LSTM, is fitted by least squares after each step.

    Two populations or more are two joint learners, trained in parallel against each other.

    Args:
      env: an environment that can be compiled.
      settings: hyper-parameters.
      seed: of the first parameters and of all that is drawn in training.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        super().__init__()
        self.env, self.settings, self.seed = rollout.check_compiled(env), settings, seed
        self.improve = improve
        self.variables_of: dict[str, list[tf.Variable]] = {}
        for index, (name, population) in enumerate(env.spec.populations.items()):
            params = network.init(seeds.generator(seed, index), population, settings.sizes)
            self.variables_of[name] = [tf.Variable(v) for v in tf.nest.flatten(params)]

    def params(self) -> dict[str, JointParams]:
        """The current parameters of every population."""
        return {
            name: network.from_flat([v.read_value() for v in variables])
            for name, variables in self.variables_of.items()
        }

    def update(self, iteration: int) -> UpdateResult:
        """Whole episodes under the current policies, then one step of each population.

        Deterministic in (settings, seed, iteration, parameters).

        Raises:
          NonFiniteError: a measure or a new parameter is not finite; nothing has been changed.
        """
        params, worlds = self.params(), self.settings.trajectories
        carry = rollout.start(
            self.env, params, seeds.derive(self.seed, iteration, seeds.STATES), worlds
        )
        noise = seeds.action_noise(
            self.env.spec, seeds.derive(self.seed, iteration, seeds.NOISE), worlds
        )
        noise = {name: tf.constant(values) for name, values in noise.items()}
        played, last, returns, count = play(
            self.env, self.settings.joint_reward, params, carry, noise
        )
        improved, measures = {}, {}
        for name, steps in played.items():
            improved[name], values = self.improve(
                params[name], steps, last[name], self.settings.constants
            )
            measures[name] = {key: float(value) for key, value in values.items()}
        checks.all_finite(iteration, measures)
        # The value layer is fitted after all measures are taken: they do not tell of it.
        norms = {
            name: {"norm of the new parameters": float(tf.linalg.global_norm(tf.nest.flatten(new)))}
            for name, new in improved.items()
        }
        checks.all_finite(iteration, norms)
        for name, new in improved.items():
            for variable, value in zip(self.variables_of[name], tf.nest.flatten(new)):
                variable.assign(value)
        returns = {name: values.numpy() for name, values in returns.items()}
        return UpdateResult(worlds, *map(int, count), returns, measures)


@tf.function(jit_compile=True, autograph=False)
def play(env, reading, params, carry, noise) -> tuple:
    """Whole episodes.

    Returns:
      (steps, what they lead to, returns [n, B]), each by population; how many steps these are.
    """
    after, steps = rollout.unroll(env, params, carry, noise, reading)
    last = rollout.last_of(env, after)
    returns = {name: rollout.returns_of(values) for name, values in steps.items()}
    return steps, last, returns, rollout.count_steps(steps)
