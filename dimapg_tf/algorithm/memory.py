"""What an iteration of this package's learners needs in memory, at least."""

from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.algorithm.single_agent_settings import Settings as SingleAgentSettings
from dimapg_tf.experiment.memory import (
    FLOAT32,
    Need,
    num_parameters,
    num_samples,
    step_bytes,
    trajectory_bytes,
)
from dimapg_tf.types import EnvSpec


def dimapg(spec: EnvSpec, settings: Settings) -> list[Need]:
    """θ and its optimizer or search directions, the θ_n of each step; all rollouts."""
    sampled = settings.sampled(spec)
    adapts = settings.meta_gradient != "none"
    parameters = rollouts = hidden = 0
    for name, p in spec.populations.items():
        kinds, units = (p.kinds if settings.policy == "set" else ()), settings.entity_units
        inputs = p.observation_size + sum(units - kind.size for kind in kinds)
        count = num_parameters(inputs, settings.hidden, p.num_actions)
        count += sum((kind.features + 2) * units for kind in kinds)
        parameters += FLOAT32 * count * (3 + (settings.k * sampled[name] if adapts else 0))
        recorded = sampled[name] if spec.rollout == "games" else p.num_agents
        if settings.followers is not None:
            recorded = min(recorded, sampled[name] + settings.followers)
        worlds = settings.trajectories if adapts else settings.episodes_per_iteration(spec)
        rollouts += trajectory_bytes(spec, p, recorded, worlds)
        if adapts:
            one = trajectory_bytes(spec, p, sampled[name], settings.trajectories)
            rollouts += settings.k * one
        samples = num_samples(spec, sampled[name], settings.trajectories)
        things = sum(kind.count for kind in kinds)
        hidden += FLOAT32 * samples * (sum(settings.hidden) + things * units)
    together = settings.trajectories * max(1, *sampled.values())
    if settings.deviation == "simultaneous":
        together = settings.trajectories
    sizes = ("trajectories", "sampled_agents", "followers")
    return [
        Need("the policies", ("hidden", "sampled_agents"), parameters),
        Need("the trajectories of an iteration", (*sizes, "k"), rollouts),
        Need("the hidden layers of the gradient", (*sizes, "hidden"), hidden),
        Need("one step of all worlds", sizes, step_bytes(spec, together)),
    ]


def fine_tune(spec: EnvSpec, settings: SingleAgentSettings) -> list[Need]:
    """The policy that learns, that of the others, and all trajectories."""
    parameters = rollouts = hidden = 0
    for p in spec.populations.values():
        count = num_parameters(p.observation_size, settings.hidden, p.num_actions)
        parameters += FLOAT32 * count * 4
        rollouts += trajectory_bytes(spec, p, 1, settings.trajectories)
        hidden += FLOAT32 * num_samples(spec, 1, settings.trajectories) * sum(settings.hidden)
    return [
        Need("the policies", ("hidden",), parameters),
        Need("the trajectories of an iteration", ("trajectories",), rollouts),
        Need("the hidden layers of the gradient", ("trajectories", "hidden"), hidden),
        Need("one step of all worlds", ("trajectories",), step_bytes(spec, settings.trajectories)),
    ]
