"""How much memory MADDPG needs, and where it is refused for that."""

from baselines.maddpg import networks
from baselines.maddpg.settings import Settings
from dimapg_tf.experiment.memory import (
    FLOAT32,
    GIGA,
    Need,
    limit,
    num_parameters,
    step_bytes,
    trajectory_bytes,
)
from dimapg_tf.types import ConfigurationError, EnvSpec, require_plain

COPIES = 4  # of each parameter: the network's, its target's, Adam's two moments
STATE = 4  # numbers of an agent in the state of a world
ACTION_AND_REWARD = 5  # bytes


def needs(spec: EnvSpec, settings: Settings) -> list[Need]:
    """The networks, the replay and one rollout; nothing for worlds on the host, which are refused
    with an explanation of their own."""
    if not spec.compiled:
        return []
    populations = spec.populations.values()
    agents = sum(p.num_agents for p in populations)
    replay = settings.replay_size * agents * (FLOAT32 * STATE + ACTION_AND_REWARD)
    rollout = sum(trajectory_bytes(spec, p, p.num_agents, settings.worlds) for p in populations)
    due = -(-settings.worlds * spec.horizon // settings.steps_per_update)
    of_one = sum(2 * p.num_agents * p.num_actions for p in populations)
    noise = FLOAT32 * due * settings.batch_size * of_one
    return [
        Need("the networks", ("hidden", "share_parameters"), network_bytes(spec, settings)),
        Need("the replay", ("replay_size",), replay),
        Need("the episodes of a rollout", ("worlds",), rollout),
        Need("a batch of observations", ("batch_size",), step_bytes(spec, settings.batch_size)),
        Need("the noise of the updates", ("batch_size", "worlds", "steps_per_update"), noise),
    ]


def network_bytes(spec: EnvSpec, settings: Settings) -> int:
    """Of all actors and critics with their targets and moments.

    A critic's first layer grows with the number of agents and there is a critic for each: the
    square of their number, which makes Survival infeasible (paper 5.4). A pooled one does not.
    """
    total = 0
    for population in spec.populations.values():
        critic = critic_parameters(spec, settings)
        actor = num_parameters(population.observation_size, settings.hidden, population.num_actions)
        total += (critic + actor) * (1 if settings.share_parameters else population.num_agents)
    return FLOAT32 * COPIES * total


def critic_parameters(spec: EnvSpec, settings: Settings) -> int:
    """Of one critic."""
    if settings.critic == "joint":
        return num_parameters(networks.critic_inputs(spec), settings.hidden, 1)
    *before, size = settings.hidden
    head = num_parameters((1 + len(spec.populations)) * size, (size,), 1)
    return head + sum(
        num_parameters(p.observation_size + p.num_actions, before, size)
        for p in spec.populations.values()
    )


def refuse_a_replay_that_does_not_fit(size: int, replay_size: int) -> None:
    """Raise ConfigurationError for a replay of more bytes than this machine has."""
    if size >= limit():
        raise ConfigurationError(
            f"replay_size = {replay_size}: the replay needs {size / GIGA:,.1f} GB; this machine "
            f"has {limit() / GIGA:,.1f} GB"
        )


def observation_bytes(spec: EnvSpec, settings: Settings) -> int:
    """Of a replay of everybody's observations: what worlds without a state would need."""
    sizes = (p.num_agents * p.observation_size for p in spec.populations.values())
    return FLOAT32 * settings.replay_size * sum(sizes)


def refuse_what_is_infeasible(spec: EnvSpec, settings: Settings) -> None:
    """Raise ConfigurationError for worlds on the host, actions that are not one choice, and
    networks larger than the memory."""
    require_plain(spec, "maddpg")
    networks_need = network_bytes(spec, settings)
    machine = limit()
    if spec.compiled and networks_need < machine:
        return
    agents = sum(p.num_agents for p in spec.populations.values())
    host = "MADDPG is for compiled worlds, whose states it replays; on the host "
    raise ConfigurationError(
        f"env = {spec.name}: {'' if spec.compiled else host}the critics of {agents} agents, each "
        f"of which sees {networks.critic_inputs(spec):,} numbers, would need "
        f"{networks_need / GIGA:,.1f} GB with targets and optimizer, and a replay of "
        f"{settings.replay_size:,} observations {observation_bytes(spec, settings) / GIGA:,.1f} GB;"
        f" this machine has {machine / GIGA:,.1f} GB"
    )
