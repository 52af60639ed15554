"""A run from Python: trained, gone on with, evaluated, played and drawn."""

import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dimapg_tf import checks
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import cluster_use, files, lock, memory, policy_file
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.console import prepare_tensorflow
from dimapg_tf.experiment.elsewhere import folder
from dimapg_tf.experiment.errors import RunDirectoryError, StorageError
from dimapg_tf.experiment.metrics_file import rows_until
from dimapg_tf.experiment.policy_fit import check_fit
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.experiment.sinks import Sink, Sinks

if TYPE_CHECKING:
    from dimapg_tf.experiment.policies import Policy
    from dimapg_tf.experiment.rendering import Pictures


class Run:
    """A run and its directory. TensorFlow is imported when something is first computed.

    Args:
      logdir: the run directory; made when training starts.
      config: what is trained; needed for a new run, and checked against one that is there.
      env: makes a world of the user's own, a PettingZoo ParallelEnv or AECEnv; with a configuration
        of "pettingzoo".
      trust: whether a module that only a file names may be imported.

    Raises:
      RunDirectoryError: the directory holds another configuration's run, or no run and something
        else, or nothing and no configuration was given.
    """

    def __init__(
        self,
        logdir: str | Path,
        config: Config | None = None,
        env: Callable[[], Any] | None = None,
        trust: bool = False,
    ):
        self.directory = RunDirectory(logdir)
        if config is None:
            config = self.directory.config()
        else:
            self.directory.examine(config)
        self.config = config
        self._given, self._trust = env, trust

    def train(
        self,
        resume: bool = False,
        resume_from: int | None = None,
        accept_lost_metrics: bool = False,
        own_process: bool = False,
        sinks: Sequence[Sink] = (),
    ) -> int:
        """Train until the budget of episodes is spent.

        Args:
          resume: go on with the run, if it is there already.
          resume_from: go on from the checkpoint of this iteration; later ones are dropped.
          accept_lost_metrics: go on though rows of metrics.csv are missing or damaged.
          own_process: a signal before the first iteration is done may end the process, which
            nothing but this training needs.
          sinks: objects that get the rows of metrics.csv as well.

        Returns:
          0, or 128 + the number of the signal that stopped it after a whole iteration.

        Raises:
          RunDirectoryError: the run is there and is not to be resumed, another process trains in
            it, or files of it are damaged or gone; nothing was changed.
          ConfigurationError: environment and learner do not go together.
          CheckpointError: the checkpoint cannot be read; nothing was changed.
          WorldError: the code of the user's environment failed.
          NonFiniteError: a return or a gradient is not a finite number.
          StorageError: something cannot be written.
        """
        directory = self.directory
        if resume_from is not None:
            checks.at_least("resume_from", resume_from, 1)
        resume = resume or resume_from is not None
        self._refuse_to_overwrite(resume)
        cluster_use.check(self.config, self._given is not None)
        with contextlib.ExitStack() as held:
            if directory.path.exists():
                held.enter_context(lock.locked(directory.path))
            prepare_tensorflow()
            cluster_use.gather(self.config)
            env = self.config.make_env(self._given, self._trust)
            for remark in env.rehearse() if hasattr(env, "rehearse") else ():
                print(remark, file=sys.stderr)
            self._check_memory(env)
            learner = self.config.make_learner(env)
            if not directory.path.exists():
                try:
                    files.make_directory(directory.path)
                except StorageError as error:
                    raise RunDirectoryError(str(error)) from error
                held.enter_context(lock.locked(directory.path))
            directory.examine(self.config)  # again: another process may have been here
            self._refuse_to_overwrite(resume)
            return self._train(env, learner, resume_from, accept_lost_metrics, own_process, sinks)

    def _train(
        self,
        env: Env,
        learner: Any,
        resume_from: int | None,
        accept_lost_metrics: bool,
        own_process: bool,
        sinks: Sequence[Sink],
    ) -> int:
        """All is read and checked before anything is changed."""
        from dimapg_tf.experiment import deployment, loop, program_names
        from dimapg_tf.experiment.checkpoint import Checkpoints

        directory, config = self.directory, self.config
        origin = deployment.origin_of(config, env)
        deploy = deployment.deploy_to(directory.path, origin, learner.variables_of)
        checkpoints = Checkpoints(directory.checkpoints, learner, deploy)
        kept_policy = policy_file.origin_of(directory.path)
        if kept_policy is not None:
            check_fit(directory.path, kept_policy, config, env)
        restored = checkpoints.restore(resume_from)
        iteration = int(checkpoints.progress.iteration)
        kept = rows_until(directory.metrics, iteration, accept_lost_metrics)
        directory.recorded_versions()
        if not restored:
            directory.refuse_to_forget()
            if config.init_from is not None:
                deployment.start_from(learner, config)
        try:
            directory.tidy()
            checkpoints.begin()
            if restored:
                print(f"going on after iteration {iteration}", file=sys.stderr)
                if int(checkpoints.progress.episodes) >= config.episodes:
                    return 0
            else:
                # Before flags.txt, by whose checkpoint_every its rows are judged.
                files.remove(directory.metrics)
            directory.describe(config)
            program_names.begin()  # A resumed run finds the programs of the one before.
            every = config.checkpoint_every
            also = Sinks(sinks, directory.path, config.values())
            return loop.train(
                *(learner, env, directory, checkpoints, config.episodes, every, kept),
                own_process,
                also,
            )
        except StorageError as error:
            known = checkpoints.iterations()
            last = f"that of iteration {known[-1]} in {checkpoints.directory}" if known else "none"
            raise StorageError(
                f"{error}; the last good checkpoint: {last}; --resume goes on once there is room"
            ) from error

    def _check_memory(self, env: Env) -> None:
        """Before anything starts; raises ConfigurationError."""
        kind, config = self.config.kind(), self.config
        if kind.memory:
            needs = kind.part("memory")(env.spec, config.settings)
            memory.check(needs, config.values(), env.spec)

    def _refuse_to_overwrite(self, resume: bool) -> None:
        if self.directory.flags.exists() and not resume:
            raise RunDirectoryError(
                f"{self.directory.path} already holds this run; go on with it by --resume (from "
                "Python, train(resume=True)), or choose another --logdir"
            )

    def load_policy(self, **elsewhere: Any) -> "Policy":
        """The policies that the run keeps; see `policies.load_policy`."""
        self.directory.check()
        prepare_tensorflow()
        from dimapg_tf.experiment.policies import load_policy

        return load_policy(self.directory.path, self._given, self._trust, **elsewhere)

    def evaluate(
        self, episodes: int = 100, seed: int = 0, **elsewhere: Any
    ) -> dict[str, dict[str, float]]:
        """Play the run's policies and scripted ones on the same episodes.

        Args:
          episodes: for each policy.
          seed: of the episodes; no training seed draws them.
          elsewhere: settings of the environment that are to be others than in training, such as
            num_agents=100.

        Returns:
          {name of a policy: {name of a measure: mean over episodes}}, also in evaluation.json;
          elsewhere, in that of a folder that is named by the settings.
        """
        checks.at_least("episodes", episodes, 1)
        checks.at_least("seed", seed, 0)
        policy = self.load_policy(**elsewhere)
        values = {**self.config.values(), **elsewhere, "episodes": episodes}
        memory.check(memory.evaluation(policy.env.spec, episodes), values, policy.env.spec)
        from dimapg_tf.experiment.run_evaluation import evaluate_run

        rows = evaluate_run(self.config, policy, seed, episodes, bool(elsewhere))
        record = {"episodes": episodes, "seed": seed, **rows}
        if elsewhere:
            record = {"elsewhere": elsewhere, **record}
            files.make_directory(self.kept(**elsewhere))
        path = self.kept(**elsewhere) / self.directory.evaluation.name
        files.write(path, json.dumps(record, indent=2) + "\n")
        return rows

    def kept(self, **elsewhere: Any) -> Path:
        """Where evaluations and pictures are kept: of the run's own environment, its directory."""
        path = self.directory.path
        return path / folder(elsewhere) if elsewhere else path

    def render(
        self,
        output: str | Path | None = None,
        seed: int = 0,
        every: int = 2,
        **elsewhere: Any,
    ) -> "Pictures":
        """Draw an episode of the run's policy as an animated GIF and a strip of moments.

        Args:
          output: a directory; by default the run's.
          seed: of the episode; no training seed draws it.
          every: time steps between frames of the GIF.
          elsewhere: see `evaluate`.

        Raises:
          ConfigurationError: there are no pictures of the environment.
        """
        checks.at_least("seed", seed, 0)
        checks.at_least("every", every, 1)
        policy = self.load_policy(**elsewhere)
        from dimapg_tf.experiment import matrix, rendering

        (title,) = matrix.labels([str(self.directory.path)])
        drawn = checks.path("output", output) if output else self.kept(**elsewhere)
        return rendering.draw(policy, seed, title, drawn, every)
