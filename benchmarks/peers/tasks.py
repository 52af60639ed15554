"""The worlds of the comparison, by the names and settings of each package."""

from dataclasses import dataclass, field
from typing import Any

HORIZON = 25  # of the library; no peer has the paper's 200


@dataclass(frozen=True)
class Task:
    """Worlds that all packages have, and the settings with which ours are trained.

    Attributes:
      name: as in tables.
      agents: in a world, all populations together.
      env: flagfile or environment of the same worlds among ours, with settings.
      trained: the flagfile with which they are trained, the paper's horizon and reward.
      paper_batch: worlds side by side in a rollout of Eq. 8 with the paper's B = 25 and all agents
        sampled; of teams that it does not have, as many as with ten.
      mpe2, jaxmarl, vmas: the name there, with arguments.
      near: settings with which our agents see near things finely, as in configs/env/*_near.flags.
    """

    name: str
    agents: int
    env: str
    settings: dict[str, Any]
    trained: str
    paper_batch: int
    mpe2: tuple[str, dict[str, Any]]
    jaxmarl: tuple[str, dict[str, Any]]
    vmas: tuple[str, dict[str, Any]]
    near: dict[str, Any] = field(default_factory=dict)


def navigation(count: int) -> Task:
    """Cooperative Navigation of so many agents: simple_spread."""
    return Task(
        f"N = {count}",
        count,
        "simple_spread",
        # The order in which mpe2 and JaxMARL move things.
        {"num_agents": count, "integrator": "mpe2"},
        f"cooperative_navigation_{count}",
        25 * min(count, 10),
        ("simple_spread_v3", {"N": count}),
        ("MPE_simple_spread_v3", {"num_agents": count, "num_landmarks": count}),
        ("simple_spread", {"n_agents": count}),
        {
            "observation_order": "distance",
            "observed_neighbours": min(count, 5),
            "observation_squash": 0.2,
        },
    )


def predator_prey(predators: int, prey: int) -> Task:
    """Predator-Prey of so many: simple_tag."""
    return Task(
        f"{predators}v{prey}",
        predators + prey,
        "predator_prey",
        {
            "num_predators": predators,
            "num_prey": prey,
            "horizon": HORIZON,
            "reward": "mpe",
            "integrator": "mpe2",
        },
        f"predator_prey_{predators}v{prey}",
        25 * predators,
        ("simple_tag_v3", {"num_adversaries": predators, "num_good": prey}),
        ("MPE_simple_tag_v3", {"num_adversaries": predators, "num_good_agents": prey}),
        ("simple_tag", {"num_adversaries": predators, "num_good_agents": prey}),
    )


TASKS = {
    task.name: task
    for task in (
        *(navigation(count) for count in (3, 10, 30, 100)),
        predator_prey(3, 1),
        predator_prey(12, 4),
    )
}
