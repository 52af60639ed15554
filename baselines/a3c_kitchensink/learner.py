"""A3C-Kitchensink: asynchronous advantage actor-critic over joint observations and actions."""

import threading
from collections.abc import Mapping
from functools import partial

import numpy as np
import tensorflow as tf

from baselines.a3c_kitchensink import loss, workers
from baselines.a3c_kitchensink.settings import Settings
from baselines.kitchensink import network, rollout
from baselines.kitchensink.network import JointParams
from dimapg_tf import checks, seeds
from dimapg_tf.envs.base import Env
from dimapg_tf.types import NonFiniteError, StepCount, UpdateResult

Gradients = dict[str, JointParams]


class A3CKitchensink(tf.Module):
    """One joint policy and value for each population, maximising the minimum reward, or the mean.

    Each worker is a thread: it plays n steps of its worlds with the shared parameters as they are,
    computes its own gradient and applies it by Adam, and does not wait for other workers, so that
    their gradients may be of parameters some steps old. A lock is held only while parameters are
    read and written. Runs are therefore not reproducible to the bit, unless `synchronous` (A2C) or
    with one worker. An iteration is whole episodes of all workers; between iterations nobody works,
    so a checkpoint is one state of parameters and moments.

    Two populations or more are two joint learners, trained in parallel against each other.

    Args:
      env: an environment that can be compiled.
      settings: raises ConfigurationError where they do not fit the environment.
      seed: of the first parameters and of all that is drawn in training.
    """

    def __init__(self, env: Env, settings: Settings, seed: int):
        super().__init__()
        self.env, self.settings, self.seed = rollout.check_compiled(env), settings, seed
        self.unrolls = settings.unrolls(env.spec)
        self.play = partial(loss.play, self.env, settings.joint_reward, settings.weights)
        self.variables_of: dict[str, list[tf.Variable]] = {}
        self.optimizers = {}
        for index, (name, population) in enumerate(env.spec.populations.items()):
            params = network.init(seeds.generator(seed, index), population, settings.sizes)
            self.variables_of[name] = [tf.Variable(v) for v in tf.nest.flatten(params)]
            self.optimizers[name] = tf.keras.optimizers.Adam(settings.learning_rate)
            # So that a checkpoint holds its moments from the start.
            self.optimizers[name].build(self.variables_of[name])
        self._lock = threading.Lock()
        self._ascend = tf.function(self._apply, jit_compile=True, autograph=False)

    def params(self) -> dict[str, JointParams]:
        """The current parameters of every population."""
        with self._lock:
            return {
                name: network.from_flat([v.read_value() for v in variables])
                for name, variables in self.variables_of.items()
            }

    def update(self, iteration: int) -> UpdateResult:
        """Every worker plays its episodes and learns from them.

        Raises:
          NonFiniteError: a gradient is not finite; the learner is as it was before.
          Exception: whatever made a worker fail, with that worker's traceback.
        """
        settings = self.settings
        crew = [_Worker(self, iteration, index) for index in range(settings.workers)]
        before = [variable.numpy().copy() for variable in self._state()]
        try:
            if settings.synchronous:
                self._in_step(crew)
            else:
                workers.run_all([worker.work for worker in crew])
        except NonFiniteError:
            for variable, value in zip(self._state(), before):
                variable.assign(value)
            raise
        episodes = settings.workers * settings.worlds * settings.episodes_per_world
        names = list(self.variables_of)
        returns = {
            name: np.concatenate([r[name] for worker in crew for r in worker.returns], axis=1)
            for name in names
        }
        measures = [m for worker in crew for m in worker.measures]
        values = {
            name: {
                key: float(np.mean([m[name][key] for m in measures])) for key in measures[0][name]
            }
            for name in names
        }
        steps = [sum(counts) for counts in zip(*(worker.steps for worker in crew))]
        return UpdateResult(episodes, *steps, returns, values)

    def _state(self) -> list:
        """All variables: parameters, Adam's moments and its count of steps."""
        parameters = [v for variables in self.variables_of.values() for v in variables]
        return parameters + [v for o in self.optimizers.values() for v in o.variables]

    def _in_step(self, crew: list["_Worker"]) -> None:
        """A2C: all workers play with the same parameters, then one step with their mean."""
        for _ in range(self.settings.episodes_per_world * self.unrolls):
            params = self.params()
            workers.run_all([partial(worker.unroll_with, params) for worker in crew])
            self.apply(
                tf.nest.map_structure(
                    lambda *g: tf.add_n(g) / len(crew), *(worker.gradients for worker in crew)
                )
            )

    def apply(self, gradients: Gradients) -> None:
        """A step of Adam for every population."""
        with self._lock:
            self._ascend(gradients)

    def _apply(self, gradients: Gradients) -> None:
        """The optimizer minimises, hence the minus sign."""
        for name, gradient in gradients.items():
            descent = [-g for g in tf.nest.flatten(gradient)]
            self.optimizers[name].apply_gradients(zip(descent, self.variables_of[name]))


class _Worker:
    """One worker's episodes of one iteration.

    Attributes:
      gradients: of the last unroll.
      returns: {population: [n, worlds]} of each episode; measures: of each unroll.
      steps: env_steps and agent_steps played.
    """

    def __init__(self, learner: A3CKitchensink, iteration: int, index: int):
        self.learner = learner
        self.path = (iteration, index)
        self.gradients: Gradients = {}
        self.returns: list[dict[str, np.ndarray]] = []
        self.measures: list[dict[str, dict[str, float]]] = []
        self.steps = StepCount(0, 0)
        self._done = 0  # unrolls

    def work(self, stop: threading.Event) -> None:
        """Asynchronously: unroll after unroll, each gradient applied at once."""
        learner = self.learner
        for _ in range(learner.settings.episodes_per_world * learner.unrolls):
            if stop.is_set():
                return
            self.unroll(learner.params())
            learner.apply(self.gradients)

    def unroll_with(self, params: Mapping[str, JointParams], _stop: threading.Event) -> None:
        """`unroll` as `workers.run_all` calls it."""
        self.unroll(params)

    def unroll(self, params: Mapping[str, JointParams]) -> None:
        """Play on for n steps with these parameters; a new episode where the last one is over."""
        learner = self.learner
        episode, position = divmod(self._done, learner.unrolls)
        if position == 0:
            self._begin(params, episode)
        self._done += 1
        n = learner.settings.n_steps
        noise = {
            name: tf.constant(values[position * n : (position + 1) * n])
            for name, values in self._noise.items()
        }
        ends = position == learner.unrolls - 1 and not learner.settings.bootstrap_horizon
        goes_on = tf.constant(0.0 if ends else 1.0)
        played = learner.play(params, self._carry, noise, goes_on)
        measures = tf.nest.map_structure(float, played.measures)
        checks.all_finite(self.path[0], measures)
        self._carry, self.gradients = played.carry, played.gradients
        self.measures.append(measures)
        self.steps = StepCount(*(n + int(more) for n, more in zip(self.steps, played.count)))
        for name, values in played.returns.items():
            self.returns[-1][name] = self.returns[-1].get(name, 0.0) + values.numpy()

    def _begin(self, params: Mapping[str, JointParams], episode: int) -> None:
        learner = self.learner
        worlds, path = learner.settings.worlds, (*self.path, episode)
        seed = seeds.derive(learner.seed, *path, seeds.STATES)
        self._carry = rollout.start(learner.env, params, seed, worlds)
        self._noise = seeds.action_noise(
            learner.env.spec, seeds.derive(learner.seed, *path, seeds.NOISE), worlds
        )
        self.returns.append({})
