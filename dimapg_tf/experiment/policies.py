"""Trained policies with explicit state: one form for every learner.

    policy = load_policy("runs/my_run")
    state = policy.start(num_worlds=1, seed=0)
    actions, state = policy.act(state, observations)

A policy hides nothing: what it remembers of an episode and where its noise stands are in the state
that goes in and comes out.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from dimapg_tf import checks, policy, seeds
from dimapg_tf.envs.base import Choose, Env
from dimapg_tf.experiment import policy_file
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.experiment.networks import FEED_FORWARD, Network
from dimapg_tf.experiment.policy_fit import check_elsewhere, check_fit
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.rollouts.programs import program_of
from dimapg_tf.types import ConfigurationError, Params


class PolicyState(NamedTuple):
    """Where a policy stands in its episodes; a copy replays them exactly.

    num_worlds: episodes played side by side, B. seed: of the noise, None for the most probable
    actions; step: how often the policy has acted, which with the seed names the noise of the next
    step. memory {population: what a recurrent network carries from step to step}.
    """

    num_worlds: int
    seed: int | None
    step: int
    memory: Mapping[str, Any]


class Policy:
    """The policies of a run, one network for each population.

    Attributes:
      env: the environment that the run was trained on.
      network: what the parameters are and how they decide.
      thetas: {population: parameters}; of a feed-forward network one θ, or a stack [n] of one for
        each agent.
    """

    def __init__(self, env: Env, network: Network, thetas: Mapping[str, Any]):
        self.env = env
        self.network = network
        self.thetas = dict(thetas)

    @property
    def remembers(self) -> bool:
        """Whether an action depends on more than the last observation."""
        return any(memory is not None for memory in self._blank(1).values())

    def start(self, num_worlds: int, seed: int | None = None) -> PolicyState:
        """Begin that many new episodes; without a seed, `act` takes the most probable actions.

        Raises:
          ConfigurationError: there is no world, or the seed is below 0.
        """
        checks.at_least("num_worlds", num_worlds, 1)
        if seed is not None:
            checks.at_least("seed", seed, 0)
        return PolicyState(num_worlds, seed, 0, self._blank(num_worlds))

    def act(self, state: PolicyState, observations: Any) -> tuple[Any, PolicyState]:
        """Actions for the next step of all episodes.

        Args:
          state: from `start`, or from the step before.
          observations: {population: [B, n, O]}, of those populations that are to act; or the array
            alone if there is one population.

        Returns:
          (actions, state after the step): integers [B, n], or as the environment's action space
          says [B, n, D]; in a dict if a dict was given.

        Raises:
          ConfigurationError: a population is unknown, or the shape is not [B, n, O].
        """
        if not isinstance(observations, Mapping):
            if len(self.thetas) > 1:
                names = ", ".join(self.thetas)
                raise ConfigurationError(
                    f"observations: must be a dict by population; there are {names}"
                )
            (name,) = self.thetas
            actions, state = self.act(state, {name: observations})
            return actions[name], state
        actions, memory = {}, dict(state.memory)
        for name, seen in observations.items():
            values = self._checked(name, seen, state.num_worlds)
            arguments = (self.thetas[name], values, memory[name])
            if state.seed is None:
                chosen, memory[name] = self.network.most_probable(*arguments)
            else:
                # The stream is named by step and population, whoever else acts in this step.
                path = (state.step, list(self.thetas).index(name))
                population = self.env.spec.populations[name]
                noise = seeds.noise_of(
                    seeds.generator(state.seed, *path), population, tuple(values.shape[1::-1])
                )
                chosen, memory[name] = self.network.sample(*arguments, tf.constant(noise))
            actions[name] = chosen.numpy()
        return actions, state._replace(step=state.step + 1, memory=memory)

    def player(self, num_worlds: int, most_probable: bool = False) -> Choose:
        """Someone who plays that many new episodes, for evaluations, matches and recordings.

        It is called as `rollouts.host.host_steps` does, one population at a time, with noise from
        outside, so that all players meet the same. It keeps its memory of these episodes.
        """
        memory = self._blank(num_worlds)
        decide = self.network.most_probable if most_probable else self.network.sample
        programs = {}

        def choose(name, observations, _state, uniform):
            noise = () if most_probable else (tf.constant(uniform),)
            seen = self._in_dtype(name, observations)
            arguments = (self.thetas[name], seen, memory[name], *noise)
            if name not in programs:
                programs[name] = program_of(decide, *arguments)
            actions, memory[name] = programs[name](*arguments)
            return actions.numpy()

        return choose

    def _blank(self, num_worlds: int) -> dict[str, Any]:
        return {
            name: self.network.blank_memory(theta, num_worlds)
            for name, theta in self.thetas.items()
        }

    def _in_dtype(self, name: str, observations: Any) -> tf.Tensor:
        dtype = tf.nest.flatten(self.thetas[name])[0].dtype
        return tf.constant(np.asarray(observations, dtype.as_numpy_dtype))

    def _checked(self, name: str, observations: Any, num_worlds: int) -> tf.Tensor:
        """The observations as a tensor, if they are such as this population sees."""
        if name not in self.thetas:
            raise ConfigurationError(
                f"observations of {name!r}: no such population; there are {', '.join(self.thetas)}"
            )
        population = self.env.spec.populations[name]
        wanted = (num_worlds, population.num_agents, population.observation_size)
        if np.shape(observations) != wanted:
            raise ConfigurationError(
                f"observations of {name!r} have the shape {list(np.shape(observations))}: must be "
                f"{list(wanted)}, worlds x agents x numbers each observes"
            )
        return self._in_dtype(name, observations)


def load_policy(
    run_dir: str | Path,
    env: Callable[[], Any] | None = None,
    trust: bool = False,
    **elsewhere: Any,
) -> Policy:
    """The policies that a run keeps, in their environment; no flags repeated.

    Args:
      env, trust: see `run.Run`.
      elsewhere: settings of the environment other than in training, such as num_agents=100.

    Raises:
      ConfigurationError: there is no such setting, or the policies do not fit that environment.
      RunDirectoryError: it is not the directory of a run.
      CheckpointError: there is no policy yet, or its files are damaged or of another run.
    """
    directory = RunDirectory(run_dir)
    config = directory.config()
    origin, _, arrays = policy_file.read(directory.path)
    own = config.make_env(env, trust)
    check_fit(directory.path, origin, config, own)
    network = config.kind().part("network")
    attends = getattr(config.settings, "policy", "mlp") == "set"
    try:
        thetas = {}
        for name, values in arrays.items():
            p = own.spec.populations[name]
            more = (p.observation_size, p.kinds) if attends else ()
            thetas[name] = network.from_flat(values, p.space, *more)
    except (ValueError, TypeError, IndexError, tf.errors.OpError) as error:
        raise CheckpointError(
            f"{directory.path}: flags.txt does not fit the checkpoint, which is of another network "
            f"({str(error).splitlines()[0]})"
        ) from error
    if not elsewhere:
        return Policy(own, network, thetas)
    there = config.make_env(env, trust, **elsewhere)
    for_any_team = network is FEED_FORWARD and not any(map(policy.is_stacked, thetas.values()))
    check_elsewhere(own.spec, there.spec, for_any_team)
    return Policy(there, network, thetas)


def theta_and_greedy(
    _env: Env, _settings: Any, _run_seed: int, thetas: Mapping[str, Params], _seed: int
) -> dict[str, dict[str, Params]]:
    """What an evaluation plays of a run: its policy, and the most probable actions of that."""
    greedy = {name: policy.greedy(theta) for name, theta in thetas.items()}
    return {"theta": dict(thetas), "theta_greedy": greedy}
