"""A learner that costs nothing, for tests of everything around learners.

It is announced as "stub" by the fixture `stub`, and passes for any learner: flags, run directory,
checkpoints, policy and resume are the real ones.
"""

import numpy as np
import tensorflow as tf

from dimapg_tf import seeds
from dimapg_tf.types import UpdateResult

EPISODES = 10  # of an iteration


class StubLearner(tf.Module):
    """A linear policy that takes random steps: they depend on its state, seed and iteration."""

    def __init__(self, env, settings, seed):
        super().__init__()
        self.settings, self.seed = settings, seed
        self.variables_of = {
            name: [tf.Variable(tf.zeros(shape)) for shape in (p[1:3], p[2:3])]
            for name, p in env.spec.populations.items()
        }
        self.moment = tf.Variable(0.0, dtype=tf.float64)  # kept by checkpoints alone

    def update(self, iteration: int) -> UpdateResult:
        generator = seeds.generator(self.seed, iteration)
        self.moment.assign(0.5 * self.moment + generator.normal())
        for variables in self.variables_of.values():
            for variable in variables:
                step = generator.normal(size=variable.shape) * float(self.moment)
                variable.assign(variable * 0.9 + self.settings.rate * step)
        returns = {
            name: np.full((2, 3), float(tf.reduce_sum(variables[0])))
            for name, variables in self.variables_of.items()
        }
        values = {name: {"moment": float(self.moment)} for name in returns}
        return UpdateResult(EPISODES, 60, 95, returns, values)
