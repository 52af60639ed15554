"""How much memory a run needs at least, against what there is: told before anything starts.

What is counted are the large arrays that cannot be done without. So the estimate is below what is
used, and a run that is refused would certainly have failed.
"""

import resource
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from dimapg_tf.types import ConfigurationError, EnvSpec, Population

FLOAT32 = 4  # bytes
GIGA = 1e9
BESIDE = 4  # numbers of a trajectory beside the observation: action, log-probability, reward, alive
SHORTEST = 32  # steps of a trajectory of games, which end early
# Settings of environments that say how large they are.
SIZES = ("num_agents", "num_predators", "num_prey", "num_obstacles", "view_range", "horizon")
CGROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


class Need(NamedTuple):
    """What takes memory, by which settings of the learner, and how many bytes."""

    what: str
    settings: Sequence[str]
    size: int


Needs = Callable[[EnvSpec, Any], list[Need]]
"""What a learner announces: (spec of the environment, settings) -> what an iteration needs."""


def check(needs: Iterable[Need], values: Mapping[str, Any], spec: EnvSpec) -> None:
    """Refuse what is larger than the memory, warn of what is larger than what is free of it.

    Args:
      values: all settings by name, as far as they may be to blame.

    Raises:
      ConfigurationError: names the largest need, its settings, all needs, and what there is.
    """
    needs = list(needs)
    total, there = sum(need.size for need in needs), limit()
    free = min(there, _meminfo("MemAvailable") or there)
    if total <= free:
        return
    largest = max(needs, key=lambda need: need.size)
    names = [name for name in (*largest.settings, *SIZES) if values.get(name) is not None]
    said = ", ".join(f"{name} = {_text(values[name])}" for name in names)
    text = (
        f"{said}: {spec.name} with these settings needs at least {_gigabytes(total)} of memory, "
        f"{_gigabytes(largest.size)} of it for {largest.what}"
    )
    if total > there:
        raise ConfigurationError(f"{text}; there are {_gigabytes(there)}")
    print(f"warning: {text}; {_gigabytes(free)} are free", file=sys.stderr)


def limit() -> int:
    """Bytes that this process can have at most: of the machine, its container, its user."""
    limits = [_meminfo("MemTotal"), resource.getrlimit(resource.RLIMIT_AS)[0]]
    for path in map(Path, CGROUP):
        text = path.read_text(encoding="ascii").strip() if path.exists() else ""
        limits.append(int(text) if text.isdigit() else None)
    known = [value for value in limits if value is not None and value > 0]
    return min(known, default=sys.maxsize)


def _meminfo(name: str) -> int | None:
    """A line of Linux' /proc/meminfo in bytes, where there is one."""
    path = Path("/proc/meminfo")
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return next(
        (int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), None
    )


def num_parameters(inputs: int, hidden: Sequence[int], outputs: int) -> int:
    """Weights and biases of a feed-forward network."""
    return sum((a + 1) * b for a, b in pairwise((inputs, *hidden, outputs)))


def num_samples(spec: EnvSpec, agents: int, worlds: int) -> int:
    """Of so many agents in so many worlds."""
    steps = min(spec.horizon, SHORTEST) if spec.rollout == "games" else spec.horizon
    return agents * worlds * steps


def trajectory_bytes(spec: EnvSpec, population: Population, agents: int, worlds: int) -> int:
    """Of the trajectories of so many agents of a population in so many worlds."""
    return FLOAT32 * num_samples(spec, agents, worlds) * (population.observation_size + BESIDE)


def step_bytes(spec: EnvSpec, worlds: int) -> int:
    """Of what everybody observes in one step of worlds that are played side by side."""
    if spec.rollout == "games":
        return 0
    sizes = (p.num_agents * p.observation_size for p in spec.populations.values())
    return FLOAT32 * worlds * sum(sizes)


def evaluation(spec: EnvSpec, episodes: int) -> list[Need]:
    """What an evaluation needs."""
    size = step_bytes(spec, episodes)
    if spec.compiled:
        size = sum(
            trajectory_bytes(spec, p, p.num_agents, episodes) for p in spec.populations.values()
        )
    return [Need("the episodes of the evaluation", ("episodes",), size)]


def _gigabytes(size: int) -> str:
    return f"{size / GIGA:,.1f} GB"


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
