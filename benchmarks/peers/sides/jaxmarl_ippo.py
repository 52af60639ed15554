"""JaxMARL's published IPPO script for MPE, from a clone of its repository, with its own settings.

Case: clone (its directory), num_agents, environments, updates (of a speed sample). Sample:
{agent_steps_per_second} of whole updates. Or, with levels, minutes and seed: a `curve`, the script
being run to the end of its budget of 10,000,000 time steps unless it is stopped.

The script tells its metrics to wandb after each update; they are taken from there. What it calls
returns is the number of agents times the mean return (MPELogWrapper).
"""

import importlib.util
import queue
import threading
import time
import types
from pathlib import Path

import jax
import yaml
from curve import Curve
from serving import STARTED, leave, serve

HORIZON = 25
FOLDER = "baselines/IPPO"


def script(clone: str) -> types.ModuleType:
    """The module; its main, which logs and draws, is not called."""
    path = Path(clone) / FOLDER / "ippo_ff_mpe.py"
    spec = importlib.util.spec_from_file_location("ippo_ff_mpe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def settings(case: dict) -> dict:
    """The script's own, but for the sizes of the world and the number of environments."""
    path = Path(case["clone"]) / FOLDER / "config" / "ippo_ff_mpe.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["TOTAL_TIMESTEPS"] = int(float(config["TOTAL_TIMESTEPS"]))  # "1e7" is text in YAML
    config["NUM_ENVS"] = case["environments"]
    count = case["num_agents"]
    # An episode of JaxMARL's is one step longer than its `max_steps`.
    config["ENV_KWARGS"] = {
        "num_agents": count,
        "num_landmarks": count,
        "max_steps": HORIZON - 1,
    }
    return config


def curve(case: dict) -> dict:
    """Train until all is reached, time is up, or the script's budget is spent."""
    module, config = script(case["clone"]), settings(case)
    found = Curve(case["levels"], case["minutes"], STARTED)
    episodes = config["NUM_STEPS"] * config["NUM_ENVS"] // HORIZON
    told: queue.SimpleQueue = queue.SimpleQueue()

    def watch() -> None:
        # In the first update worlds that have not ended an episode count as 0.
        told.get()
        while (metric := told.get()) is not None:
            mean = float(metric["returned_episode_returns"]) / case["num_agents"]
            if found.add(episodes, mean):
                leave(found.sample())

    # The program waits for what it calls, and reading one of its numbers there can wait for the
    # program, for ever. So another thread reads them.
    watching = threading.Thread(target=watch)
    watching.start()
    log = told.put
    module.wandb = types.SimpleNamespace(log=log)
    train = jax.jit(module.make_train(config))
    jax.block_until_ready(train(jax.random.PRNGKey(case["seed"])))
    jax.effects_barrier()
    told.put(None)
    watching.join()
    return found.sample()


def speed(case: dict):
    """Compile some updates; a sample repeats them."""
    module, config = script(case["clone"]), settings(case)
    stamps: list[float] = []
    module.wandb = types.SimpleNamespace(log=lambda _: stamps.append(time.perf_counter()))
    steps = config["NUM_STEPS"] * config["NUM_ENVS"]

    def seconds_each(train) -> float:
        """Of an update; the first one, with what comes before it, is left out."""
        stamps.clear()
        jax.block_until_ready(train(jax.random.PRNGKey(0)))
        jax.effects_barrier()
        return (stamps[-1] - stamps[0]) / (len(stamps) - 1)

    config["TOTAL_TIMESTEPS"] = steps * (1 + case["updates"])
    train = jax.jit(module.make_train(config))
    seconds_each(train)
    per_update = steps * case["num_agents"]
    return lambda: {"agent_steps_per_second": per_update / seconds_each(train)}


def prepare(case: dict):
    """A speed, or a learning curve of a process that does nothing else."""
    return (lambda: curve(case)) if "levels" in case else speed(case)


if __name__ == "__main__":
    serve(prepare)
