"""The data that flows through the package, and the letters that stand for its dimensions.

Letters, used in every shape comment:

    n  agents of one population          B  worlds (episodes rolled out side by side)
    N  agents sampled from it            T  time steps (the horizon)
    O  numbers in an observation         A  actions of the discrete action space
    M  samples of one agent, B * T       L  landmarks of a particle world

This module, and all that worlds in worker processes import, does without TensorFlow at run time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf


class ConfigurationError(ValueError):
    """A setting that cannot work; the message names it, its value and what would be right."""


class NonFiniteError(ArithmeticError):
    """A return or a gradient that is not a finite number; θ is as it was before the update."""


class WorldError(RuntimeError):
    """The code of a user's environment failed, or returned what cannot be used.

    The message names environment, step, agent and value; details: the traceback, if there is one.
    """

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details


class UpdateResult(NamedTuple):
    """What a learner's `update` reports of one iteration.

    episodes: rolled out in it, all worlds counted; env_steps: time steps of those worlds, until
    everybody whose trajectory counts was dead; agent_steps: decisions of the living in them.
    returns {population: NumPy [n, B]}: undiscounted, of the episodes in which every agent followed
    the current policy. values {population: {name: float}}: the learner's own measures.
    """

    episodes: int
    env_steps: int
    agent_steps: int
    returns: dict[str, Any]
    values: dict[str, dict[str, float]]


class Layer(NamedTuple):
    """One dense layer: weights [..., in, out] and bias [..., out]."""

    weights: tf.Tensor
    bias: tf.Tensor


Params = tuple[Layer, ...]
"""θ: the layers of one policy. θ_n has the same structure with a leading axis [N]."""


class Choices(NamedTuple):
    """Discrete decisions, D at once: sizes (A_1, ..., A_D) say how many actions each has.

    masked: whether an observation ends with Σ A_d numbers that say which actions are legal.
    """

    sizes: tuple[int, ...]
    masked: bool = False


class Box(NamedTuple):
    """D real numbers, each between its bounds, which may be infinite."""

    low: tuple[float, ...]
    high: tuple[float, ...]


class Kind(NamedTuple):
    """Things of one kind in an observation, such as the goals that an agent sees.

    Feature f of thing j stands at start + f * count + j; features are as many numbers as there are
    of each thing; there: the feature that is above 0 for a thing that is there, and 0 for none.
    """

    start: int
    count: int
    features: int
    there: int

    @property
    def size(self) -> int:
        """Numbers of all things together."""
        return self.count * self.features


class Population(NamedTuple):
    """Agents that share one policy, and so one observation and one action space.

    num_actions: outputs of the policy's network: A of one choice among A, which is what space =
    None stands for; Σ A_d of `Choices`; D of a `Box`. kinds: the things that an observation is of,
    in the order of their start, where the environment says so.
    """

    num_agents: int
    observation_size: int
    num_actions: int
    space: Choices | Box | None = None
    kinds: tuple[Kind, ...] = ()

    @property
    def decisions(self) -> tuple[int, ...]:
        """The shape of one agent's action: () of one choice, else (D,)."""
        if self.space is None or (isinstance(self.space, Choices) and len(self.space.sizes) == 1):
            return ()
        return (len(self.space[0]),)

    @property
    def plain(self) -> bool:
        """Whether an action is one choice without a mask."""
        return self.space is None


def require_plain(spec: EnvSpec, learner: str) -> None:
    """Raise ConfigurationError unless every action is one choice without a mask."""
    for name, population in spec.populations.items():
        if not population.plain:
            raise ConfigurationError(
                f"env = {spec.name}: {learner} takes one discrete action an agent; those of the "
                f"population {name!r} are {population.space}"
            )


@dataclass(frozen=True)
class EnvSpec:
    """What a learner has to know of an environment.

    `rollout` says how it is rolled out: "compiled", where `step` is a pure TensorFlow function and
    a whole episode one program; "games", which worker processes play; or "host", where the world is
    stepped from Python. `summaries`
    {population: [O, S]}: the value baseline sees their product with the observations; the
    observations themselves where there is none.
    """

    name: str
    populations: Mapping[str, Population]
    horizon: int
    rollout: str
    summaries: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False)

    @property
    def compiled(self) -> bool:
        """Whether `step` is a pure TensorFlow function."""
        return self.rollout == "compiled"


class Trajectory(NamedTuple):
    """τ, Eq. 6 or Eq. 8, of some agents of one population; the leading axis is n or N.

    observations [N, B, T, O]; actions [N, B, T] int32, of several decisions at once [N, B, T, D],
    of real numbers before they are clipped; log_probs [N, B, T] of those actions under
    the policy that took them; rewards [N, B, T], the one that followed the action; alive [N, B, T],
    1.0 while the agent was alive when it acted, else 0.0.
    """

    observations: tf.Tensor
    actions: tf.Tensor
    log_probs: tf.Tensor
    rewards: tf.Tensor
    alive: tf.Tensor


class StepCount(NamedTuple):
    """How much was rolled out: time steps of worlds, and decisions of the living in them."""

    env_steps: int
    agent_steps: int


class Deviation(NamedTuple):
    """Who leaves θ in Eq. 8: agents [N] int32 of `population`, for θ_n, a stack [N].

    The worlds are split evenly into N groups, group after group: in those of group g, agents[g]
    alone follows θ_n[g]. If `simultaneous`, all N follow their θ_n in every world.
    """

    population: str
    agents: Any
    theta_n: Params
    simultaneous: bool = False
