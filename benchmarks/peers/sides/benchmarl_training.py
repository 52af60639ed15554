"""BenchMARL's MADDPG or IPPO on VMAS's simple_spread: whole training, evaluation and loggers off.

Case: algorithm ("maddpg" or "ippo"), num_agents, frames (collected in an iteration), iterations.
Sample: agent-steps a second, the first iteration left out.

BenchMARL's own defaults, but for 60 worlds, 25 steps an episode and networks of 2 x 64 units; its
MADDPG has separate networks and takes one optimizer step for 100 time steps, in batches of 1024, as
the original.
"""

import tempfile
import time

from benchmarl.algorithms import IppoConfig, MaddpgConfig
from benchmarl.environments import VmasTask
from benchmarl.experiment import Experiment, ExperimentConfig
from benchmarl.experiment.callback import Callback
from benchmarl.models.mlp import MlpConfig
from serving import serve

WORLDS, HORIZON = 60, 25


class Clock(Callback):
    """When iterations end."""

    def __init__(self):
        super().__init__()
        self.times = []

    def on_batch_collected(self, batch):
        """An iteration begins with this, and the one before has ended."""
        self.times.append(time.perf_counter())


def experiment(case: dict, folder: str) -> Experiment:
    """A new one."""
    frames = case["frames"]
    config = ExperimentConfig.get_from_yaml()
    config.max_n_frames = frames * case["iterations"]
    config.evaluation, config.render = False, False
    config.loggers, config.create_json = [], False
    config.save_folder = folder
    if case["algorithm"] == "maddpg":
        config.share_policy_params = False
        config.off_policy_collected_frames_per_batch = frames
        config.off_policy_n_envs_per_worker = WORLDS
        config.off_policy_n_optimizer_steps = max(1, frames // 100)
        config.off_policy_train_batch_size = 1024
        algorithm = MaddpgConfig.get_from_yaml()
        algorithm.share_param_critic = False
    else:
        config.on_policy_collected_frames_per_batch = frames
        config.on_policy_n_envs_per_worker = WORLDS
        algorithm = IppoConfig.get_from_yaml()
    network = MlpConfig.get_from_yaml()
    network.num_cells = [64, 64]
    task = VmasTask.SIMPLE_SPREAD.get_from_yaml()
    task.config.update(max_steps=HORIZON, n_agents=case["num_agents"])
    return Experiment(
        task=task,
        algorithm_config=algorithm,
        model_config=network,
        critic_model_config=network,
        seed=0,
        config=config,
    )


def prepare(case: dict):
    """Nothing compiles; an experiment is short, so each sample has one of its own."""

    def measure() -> dict:
        with tempfile.TemporaryDirectory() as folder:
            made, clock = experiment(case, folder), Clock()
            made.callbacks.append(clock)
            made.run()
        seconds = (clock.times[-1] - clock.times[0]) / (len(clock.times) - 1)
        return {"agent_steps_per_second": case["frames"] * case["num_agents"] / seconds}

    return measure


if __name__ == "__main__":
    serve(prepare)
