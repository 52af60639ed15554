"""From the command line to a finished run: the same for every learner."""

import sys
from collections.abc import Callable
from typing import Any

from absl import flags

from dimapg_tf import checks
from dimapg_tf.envs import make_env
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import deployment, loop
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.experiment.flags import (
    as_lines,
    define_environment,
    define_settings,
    define_training,
    environment_settings,
    make_settings,
    parse,
)
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import ConfigurationError


def main(
    argv: list[str],
    algorithm: str,
    settings_class: type,
    make_learner: Callable[[Env, Any, int], loop.Learner],
    usage: str,
) -> int:
    """Parse flags, check everything, claim the run directory, train; returns the exit code.

    Args:
      algorithm: its name, for the run's flags.txt.
      settings_class: a dataclass of hyper-parameters; each becomes a flag.
      make_learner: (env, settings, seed) -> learner; raises ConfigurationError.
    """
    fv = flags.FlagValues()
    define_training(fv)
    define_environment(fv)
    define_settings(settings_class, fv)
    flags.DEFINE_enum("algorithm", algorithm, [algorithm], "the learner", flag_values=fv)
    left = parse(fv, argv, usage)
    if left is None:
        return 0
    if left:
        raise ConfigurationError(f"{left[0]!r}: flags only; values are given as --name=value")
    if fv.logdir is None:
        raise ConfigurationError("logdir is missing: --logdir=DIR says where the run is kept")
    checks.at_least("episodes", fv.episodes, 1)
    checks.at_least("checkpoint_every", fv.checkpoint_every, 1)
    checks.at_least("seed", fv.seed, 0)
    settings = make_settings(settings_class, fv)
    env = make_env(fv.env, **environment_settings(fv))
    learner = make_learner(env, settings, fv.seed)
    directory = RunDirectory(fv.logdir)
    effective = {
        "algorithm": algorithm,
        "env": fv.env,
        **env.settings,
        **vars(settings),
        "seed": fv.seed,
        "episodes": fv.episodes,
        "checkpoint_every": fv.checkpoint_every,
    }
    defaults = as_lines({name: fv[name].default for name in effective})
    directory.examine(as_lines(effective), fv.resume, defaults)
    origin = deployment.origin_of(algorithm, settings, fv.env, env, fv.seed)
    deploy = deployment.deploy_to(directory.path, origin, learner.variables_of)
    checkpoints = Checkpoints(directory.checkpoints, learner, deploy)
    if checkpoints.restore():
        print(f"going on after iteration {int(checkpoints.progress.iteration)}", file=sys.stderr)
        if int(checkpoints.progress.episodes) >= fv.episodes:
            print(f"the run in {directory.path} is complete")
            return 0
    else:
        directory.refuse_to_forget(fv.checkpoint_every)
    directory.describe(as_lines(effective))
    code = loop.train(learner, env, directory, checkpoints, fv.episodes, fv.checkpoint_every)
    if code == 0:
        print(f"the run is in {directory.path}; python -m dimapg_tf.evaluate {directory.path}")
    return code
