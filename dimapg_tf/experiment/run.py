"""A run from Python: trained, gone on with, evaluated, played and drawn."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dimapg_tf import checks
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.console import prepare_tensorflow
from dimapg_tf.experiment.errors import RunDirectoryError
from dimapg_tf.experiment.run_directory import RunDirectory, write_atomically

if TYPE_CHECKING:
    from dimapg_tf.experiment.policies import Policy
    from dimapg_tf.experiment.rendering import Pictures


class Run:
    """A run and its directory. TensorFlow is imported when something is first computed.

    Args:
      logdir: the run directory; made when training starts.
      config: what is trained; needed for a new run, and checked against one that is there.

    Raises:
      RunDirectoryError: the directory holds another configuration's run, or no run and something
        else, or nothing and no configuration was given.
    """

    def __init__(self, logdir: str | Path, config: Config | None = None):
        self.directory = RunDirectory(logdir)
        if config is None:
            config = self.directory.config()
        else:
            self.directory.examine(config)
        self.config = config

    def train(self, resume: bool = False) -> int:
        """Train until the budget of episodes is spent.

        Args:
          resume: go on with the run, if it is there already.

        Returns:
          0, or 128 + the number of the signal that stopped it after a whole iteration.

        Raises:
          RunDirectoryError: the run is there and is not to be resumed, or its checkpoints are gone.
          ConfigurationError: environment and learner do not go together.
          CheckpointError: the latest checkpoint cannot be read.
          NonFiniteError: a return or a gradient is not a finite number.
        """
        directory, config = self.directory, self.config
        if directory.flags.exists() and not resume:
            raise RunDirectoryError(
                f"{directory.path} already holds this run; go on with it by --resume (from Python, "
                "train(resume=True)), or choose another --logdir"
            )
        prepare_tensorflow()
        from dimapg_tf.experiment import deployment, loop
        from dimapg_tf.experiment.checkpoint import Checkpoints

        env = config.make_env()
        learner = config.make_learner(env)
        origin = deployment.origin_of(config, env)
        deploy = deployment.deploy_to(directory.path, origin, learner.variables_of)
        checkpoints = Checkpoints(directory.checkpoints, learner, deploy)
        if checkpoints.restore():
            iteration = int(checkpoints.progress.iteration)
            print(f"going on after iteration {iteration}", file=sys.stderr)
            if int(checkpoints.progress.episodes) >= config.episodes:
                return 0
        else:
            directory.refuse_to_forget(config.checkpoint_every)
        directory.describe(config)
        every = config.checkpoint_every
        return loop.train(learner, env, directory, checkpoints, config.episodes, every)

    def load_policy(self) -> "Policy":
        """The policies that the run keeps; raises CheckpointError."""
        self.directory.check()
        prepare_tensorflow()
        from dimapg_tf.experiment.policies import load_policy

        return load_policy(self.directory.path)

    def evaluate(self, episodes: int = 100, seed: int = 0) -> dict[str, dict[str, float]]:
        """Play the run's policies and scripted ones on the same episodes.

        Args:
          episodes: for each policy.
          seed: of the episodes; no training seed draws them.

        Returns:
          {name of a policy: {name of a measure: mean over episodes}}, also in evaluation.json.
        """
        checks.at_least("episodes", episodes, 1)
        checks.at_least("seed", seed, 0)
        policy = self.load_policy()
        from dimapg_tf.experiment.run_evaluation import evaluate_run

        rows = evaluate_run(self.config, policy, seed, episodes)
        record = {"episodes": episodes, "seed": seed, **rows}
        write_atomically(self.directory.evaluation, json.dumps(record, indent=2) + "\n")
        return rows

    def render(self, output: str | Path | None = None, seed: int = 0, every: int = 2) -> "Pictures":
        """Draw an episode of the run's policy as an animated GIF and a strip of moments.

        Args:
          output: a directory; by default the run's.
          seed: of the episode; no training seed draws it.
          every: time steps between frames of the GIF.

        Raises:
          ConfigurationError: there are no pictures of the environment.
        """
        checks.at_least("seed", seed, 0)
        checks.at_least("every", every, 1)
        policy = self.load_policy()
        from dimapg_tf.experiment import matrix, rendering

        (title,) = matrix.labels([str(self.directory.path)])
        return rendering.draw(policy, seed, title, Path(output or self.directory.path), every)
