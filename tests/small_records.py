"""Run directories that were never run: small records with known numbers, for the report's tests."""

import csv
import json
from pathlib import Path

from dimapg_tf.experiment import run_configuration
from dimapg_tf.experiment.config import config_from
from dimapg_tf.experiment.flagfiles import expand
from reproduction.steps import flags_of

VERSIONS = {"dimapg_tf": "0.1.0", "processor": "A processor", "system": "Linux x86_64", "cores": 2}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63"
    "fccf50cf0000058301c1a2d2f7170000000049454e44ae426082"
)


def returns(value: float, **measures: float) -> dict[str, float]:
    """A row of an evaluation: the three readings one apart, and other measures."""
    readings = ("min_return_per_episode", "min_mean_return", "return_mean")
    return {name: value + i for i, name in enumerate(readings)} | measures


def write_run(
    root: Path,
    name: str,
    end: float,
    evaluation: dict | None = None,
    flags: dict | None = None,
    columns: tuple[str, ...] = ("min_return_per_episode", "min_mean_return", "return_mean"),
    episodes: int = 1000,
) -> Path:
    """env/learner/seed_1 with 10 iterations that rise from `end` - 90 to `end`."""
    path = root / name
    path.mkdir(parents=True)
    task, learner, seed = path.parts[-3:]
    overrides = {"episodes": episodes, "seed": seed.rpartition("_")[2], **(flags or {})}
    arguments = [
        *flags_of(task, learner),
        *(f"--{flag}={value}" for flag, value in overrides.items()),
    ]
    (path / "flags.txt").write_text(run_configuration.write(config_from(expand(arguments))))
    (path / "versions.json").write_text(json.dumps(VERSIONS))
    with open(path / "metrics.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["iteration", "episodes", "env_steps", "seconds", *columns])
        for i in range(1, 11):
            values = [end - 100 + 10 * i] * len(columns)
            writer.writerow([i, 100 * i, 20_000 * i, 6.0 * i, *values])
    if evaluation is not None:
        record = {"episodes": 100, "seed": 0, **evaluation}
        (path / "evaluation.json").write_text(json.dumps(record))
    return path


def write_crossplay(root: Path, env: str, runs: list[str], rewards: dict) -> None:
    """rewards: {(predators, prey): reward of a predator}; contacts are three times as many."""
    pairs = [
        {
            **{"predators": a, "prey": b, "predators/return_mean": reward},
            **{"prey/return_mean": -4.0 * reward, "contacts": 3.0 * reward},
        }
        for (a, b), reward in rewards.items()
    ]
    folder = root / env / "crossplay"
    folder.mkdir()
    record = {"episodes": 100, "runs": {run: f"runs/{env}/{run}" for run in runs}, "pairs": pairs}
    (folder / "crossplay.json").write_text(json.dumps(record))


def write_all(root: Path) -> Path:
    """Something of everything: several learners and tasks, a cross-play, an ablation, flaws."""
    scripted = {"assignment": returns(-32.0), "nearest": returns(-150.0), "random": returns(-190.0)}
    for seed, end in enumerate((-13.0, -12.0, -14.0), 1):
        rows = {"theta": returns(end), "theta_n": returns(end - 0.5), **scripted}
        write_run(root, f"cooperative_navigation_3/dimapg/seed_{seed}", end, rows)
    write_run(root, "cooperative_navigation_3/dimapg_set_first_order/seed_1", -11.0, rows)
    for seed, end in enumerate((-60.0, -70.0), 1):
        rows = {"theta": returns(end), **scripted}
        write_run(root, f"cooperative_navigation_3/maddpg_tuned/seed_{seed}", end, rows)
    write_run(root, "cooperative_navigation_3/fine_tune/seed_1", -44.0, {"theta": returns(-44.0)})
    write_run(root, "cooperative_navigation_3/a3c_kitchensink_tuned/seed_1", -9.0, episodes=2000)

    columns = ("predators/return_mean", "prey/return_mean")
    for name in ("dimapg_predator_prey", "maddpg_tuned"):
        run = f"predator_prey_3v1/{name}/seed_1"
        write_run(root, run, 20.0, columns=columns)
    ours, theirs = "dimapg_predator_prey/seed_1", "maddpg_tuned/seed_1"
    players = {ours: 4.0, theirs: 2.0, "random": 0.5, "greedy": 3.0}
    prey = {ours: 1.0, theirs: 2.0, "random": 10.0, "fleeing": 0.5}
    rewards = {(a, b): x * y for a, x in players.items() for b, y in prey.items()}
    write_crossplay(root, "predator_prey_3v1", [ours, theirs], rewards)

    team = {"food_left": 0.5, "survivors": 228.0, "team_return": 940.0}
    rows = {
        "theta_initial": {**team, "team_return": -1500.0},
        **{"theta": team, "theta_greedy": team, "go_to_food": {**team, "team_return": 960.0}},
        "random": {**team, "team_return": -1480.0},
    }
    path = write_run(root, "survival_230/dimapg_survival_all_data/seed_1", 4.0, rows)
    for name in ("episode.png", "episode.gif"):
        (path / name).write_bytes(PNG)
    write_run(root, "simple_spread/maddpg/seed_1", -10.0, {"theta": returns(-12.0)})
    for variant in ("exact_advantage", "plain"):
        write_run(root, f"ablation/{variant}/seed_1", -15.0)
    return root
