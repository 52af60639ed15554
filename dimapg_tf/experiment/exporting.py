"""A trained policy for other programs: a SavedModel, which TensorFlow alone can load, and ONNX.

The signatures of a population's model; B worlds of n agents, all float32 but for discrete actions:

    act         observations [B, n, O], noise [B, n, ...] -> actions [B, n, ...]
    act_greedy  observations -> actions, the most probable ones
    logits      observations -> logits [B, n, A]; of real-valued actions mean and std [B, n, D]

noise is uniform in [0, 1), or standard normal where actions are real. Where all agents share
one policy, n is free. A recurrent policy plays one world: it takes its memory, memory_0, memory_1,
..., and returns it as well; at the start of an episode they are zeros.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from dimapg_tf import distributions, policy, seeds
from dimapg_tf.experiment import policy_file
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.networks import FEED_FORWARD
from dimapg_tf.experiment.policies import Policy
from dimapg_tf.types import Box, ConfigurationError

Signature = Callable[..., dict[str, tf.Tensor]]


class Exported(tf.Module):
    """The policy of one population, its parameters as variables; `signatures` are its functions.

    Args:
      trained: what `load_policy` returns.
      name: of the population.
    """

    def __init__(self, trained: Policy, name: str):
        super().__init__()
        theta, population = trained.thetas[name], trained.env.spec.populations[name]
        self.parameters = [tf.Variable(v, trainable=False) for v in tf.nest.flatten(theta)]
        variables, network = self.parameters, trained.network
        blank = network.blank_memory(theta, 1)
        shared = network is FEED_FORWARD and not policy.is_stacked(theta)
        size = population.observation_size
        worlds, agents = (None if blank is None else 1), (None if shared else population.num_agents)

        def call(function: Callable, seen: tf.Tensor, memory: tuple, *more: tf.Tensor):
            """A function of the network -> ({name of an output: value} without it, value)."""
            function = getattr(function, "python_function", function)  # XLA stays out of the model
            values = tf.nest.pack_sequence_as(theta, [v.read_value() for v in variables])
            state = tf.nest.pack_sequence_as(blank, memory) if memory else None
            if not shared:
                result, state = function(values, seen, state, *more)
                return _named(state), result
            # Every agent is a world of its own.
            rows = tf.reshape(seen, [-1, 1, size])
            result, _ = function(values, rows, None, *more)
            return {}, tf.reshape(result, tf.concat([tf.shape(seen)[:2], tf.shape(result)[2:]], 0))

        def act(observations, noise, *memory):
            decisions = population.decisions
            noise = tf.reshape(noise, [-1, 1, *decisions]) if shared else noise
            noise = tf.transpose(noise, [1, 0, *range(2, 2 + len(decisions))])
            state, actions = call(network.sample, observations, memory, noise)
            return {"actions": actions, **state}

        def act_greedy(observations, *memory):
            state, actions = call(network.most_probable, observations, memory)
            return {"actions": actions, **state}

        def logits(observations, *memory):
            state, outputs = call(network.outputs, observations, memory)
            if isinstance(population.space, Box):
                normal = distributions.of(population.space).normal(outputs).distribution
                return {"mean": normal.loc, "std": normal.scale, **state}
            return {"logits": outputs, **state}

        observations = tf.TensorSpec([worlds, agents, size], tf.float32, "observations")
        noise = tf.TensorSpec([worlds, agents, *population.decisions], tf.float32, "noise")
        memory = [
            tf.TensorSpec(v.shape, v.dtype, f"memory_{index}")
            for index, v in enumerate(tf.nest.flatten(blank) if blank is not None else [])
        ]
        self.inputs = {
            "act": [observations, noise, *memory],
            "act_greedy": [observations, *memory],
            "logits": [observations, *memory],
        }
        self.functions: dict[str, Signature] = {
            function.__name__: tf.function(function, autograph=False)
            for function in (act, act_greedy, logits)
        }

    def signatures(self) -> dict[str, Any]:
        """What a SavedModel offers, by name."""
        return {
            name: function.get_concrete_function(*self.inputs[name])
            for name, function in self.functions.items()
        }


def _named(state: Any) -> dict[str, tf.Tensor]:
    leaves = tf.nest.flatten(state) if state is not None else []
    return {f"memory_{index}": value for index, value in enumerate(leaves)}


def export(trained: Policy, run: Path, output: Path, onnx: bool = False) -> list[Path]:
    """Write every population's policy; returns the directories of the SavedModels.

    Args:
      run: its directory, whose policy.json is copied beside the models: what they are of.
      output: a directory that is not there yet. Of one population it is the model itself, of
        several it holds one for each, by its name.
      onnx: whether act_greedy.onnx, logits.onnx and act.onnx are written beside each as well.

    Raises:
      ConfigurationError: tf2onnx is not installed.
      RunDirectoryError: the output is there already.
    """
    if onnx:
        require_onnx()
    if output.exists():
        raise RunDirectoryError(f"{output}: is there already; name a directory that is not")
    written = []
    for name in trained.thetas:
        directory = output if len(trained.thetas) == 1 else output / name
        model = Exported(trained, name)
        tf.saved_model.save(model, str(directory), signatures=model.signatures())
        if onnx:
            _write_onnx(model, directory)
        written.append(directory)
    shutil.copy(run / policy_file.DESCRIPTION, output / policy_file.DESCRIPTION)
    return written


def require_onnx() -> Any:
    """The package tf2onnx; raises ConfigurationError where it is not installed."""
    try:
        import tf2onnx
    except ImportError as error:
        raise ConfigurationError(
            f"onnx = true: needs tf2onnx ({error}); pip install 'dimapg_tf[onnx]'"
        ) from error
    return tf2onnx


def _write_onnx(model: Exported, directory: Path) -> None:
    """Each signature as a file of its own, with the same names of inputs and outputs."""
    tf2onnx = require_onnx()
    for name, function in model.functions.items():
        tf2onnx.convert.from_function(
            function,
            input_signature=model.inputs[name],
            output_path=str(directory / f"{name}.onnx"),
        )


def noise_for(trained: Policy, name: str, seed: int, num_worlds: int) -> Any:
    """Noise for `act` [B, n, ...], such as `Policy.act` draws it."""
    population = trained.env.spec.populations[name]
    shape = (num_worlds, population.num_agents)
    return seeds.noise_of(seeds.generator(seed), population, shape)
