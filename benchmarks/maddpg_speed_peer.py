"""BenchMARL's MADDPG on VMAS' simple_spread; run by maddpg_speed.py with a Python that has it.

  PYTHON benchmarks/maddpg_speed_peer.py NUM_AGENTS

Prints JSON: the time steps of a world a second of whole training, first iterations left out. One
optimizer step for 100 time steps, batches of 1024, separate networks of 2 x 64 units.
"""

import contextlib
import json
import sys
import tempfile
import time

WORLDS, HORIZON = 60, 25
FRAMES = 6000  # collected before each 60 optimizer steps; BenchMARL's default
WARM_UP, MEASURED = 1, 4  # iterations


def make_experiment(num_agents: int, folder: str):
    """BenchMARL's own defaults but for what the module's docstring names."""
    from benchmarl.algorithms import MaddpgConfig
    from benchmarl.environments import VmasTask
    from benchmarl.experiment import Experiment, ExperimentConfig
    from benchmarl.models.mlp import MlpConfig

    config = ExperimentConfig.get_from_yaml()
    config.share_policy_params = False
    config.off_policy_collected_frames_per_batch = FRAMES
    config.off_policy_n_envs_per_worker = WORLDS
    config.off_policy_n_optimizer_steps = FRAMES // 100
    config.off_policy_train_batch_size = 1024
    config.max_n_frames = FRAMES * (WARM_UP + MEASURED)
    config.evaluation, config.render = False, False
    config.loggers, config.create_json = [], False
    config.save_folder = folder
    algorithm = MaddpgConfig.get_from_yaml()
    algorithm.share_param_critic = False
    network = MlpConfig.get_from_yaml()
    network.num_cells = [64, 64]
    task = VmasTask.SIMPLE_SPREAD.get_from_yaml()
    task.config.update(max_steps=HORIZON, n_agents=num_agents)
    return Experiment(
        task=task,
        algorithm_config=algorithm,
        model_config=network,
        critic_model_config=network,
        seed=0,
        config=config,
    )


def main(num_agents: int) -> None:
    """Measure from the end of the warm-up to the end of the last iteration."""
    from benchmarl.experiment.callback import Callback

    class Clock(Callback):
        times: list[float] = []  # noqa: RUF012 - one experiment a process

        def on_train_end(self, training_td, group):
            self.times.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        experiment = make_experiment(num_agents, folder)
        experiment.callbacks.append(Clock())
        experiment.run()
    seconds = Clock.times[-1] - Clock.times[WARM_UP - 1]
    print(json.dumps({"env_steps_per_second": MEASURED * FRAMES / seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
