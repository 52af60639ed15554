"""From the command line to a finished run: the same for every learner."""

from absl import flags as absl_flags

from dimapg_tf.experiment import compilation_cache, flagfiles, flags, sinks
from dimapg_tf.experiment.config import Config, config_from
from dimapg_tf.experiment.learners import learner_kind
from dimapg_tf.experiment.run import Run
from dimapg_tf.types import ConfigurationError

HELP = ("--help", "-help", "-h")


def main(argv: list[str], algorithm: str, usage: str) -> int:
    """Read the command line, then train, or tell what it says; returns the exit code.

    Args:
      algorithm: the learner's name.
      usage: how the script is called.

    Raises:
      ConfigurationError, RunDirectoryError: before any training starts.
    """
    if any(argument in HELP for argument in argv[1:]):
        print(flags.training_help(usage, algorithm, learner_kind(algorithm).part("settings")))
        return 0
    return train(*read_command_line(argv, algorithm))


def train(config: Config, options: flags.ScriptOptions) -> int:
    """Train as a command line says, or tell what it says; returns the exit code.

    Raises:
      ConfigurationError, RunDirectoryError: before any training starts.
    """
    if options.print_config:
        print(config.table())
        return 0
    if options.logdir is None:
        raise ConfigurationError("logdir is missing: --logdir=DIR says where the run is kept")
    compilation_cache.choose(options.xla_cache)
    code = Run(options.logdir, config, trust=options.trust_module).train(
        options.resume,
        options.resume_from,
        options.accept_lost_metrics,
        own_process=True,
        sinks=sinks.named(options.log_to),
    )
    if code == 0:
        print(f"the run is in {options.logdir}; python -m dimapg_tf.evaluate {options.logdir}")
    return code


def read_command_line(
    argv: list[str], algorithm: str | None = None
) -> tuple[Config, flags.ScriptOptions]:
    """What a command line says: (configuration, options of the script).

    Args:
      algorithm: the script's learner; None takes any, and dimapg where none is named.

    Raises:
      ConfigurationError: it cannot be read, or is for another learner.
    """
    fv = absl_flags.FlagValues()
    flags.define_settings(flags.ScriptOptions, fv)
    config = config_from(flagfiles.expand(argv[1:]), algorithm, fv)
    if algorithm not in (None, config.algorithm):
        raise ConfigurationError(
            f"algorithm = {config.algorithm!r} ({config.sources['algorithm']}): this script trains "
            f"{algorithm}"
        )
    return config, flags.make_settings(flags.ScriptOptions, fv)
