"""A sweep: every combination of some values, each with several seeds, checked before any starts."""

import itertools
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dimapg_tf.experiment import policy_file, sinks, training_script
from dimapg_tf.experiment.config import Config
from dimapg_tf.experiment.run_directory import RunDirectory
from dimapg_tf.types import ConfigurationError

# What the sweep says itself, for each run.
ITS_OWN = ("seed", "logdir", "resume", "resume_from", "print_config", "xla_cache", "set")


class Trial(NamedTuple):
    """One run of a sweep.

    setting: {flag: value} of its combination, as they were given; arguments: the flags of all runs;
    directory: an ordinary run directory; config: what is trained there.
    """

    setting: Mapping[str, str]
    seed: int
    arguments: tuple[str, ...]
    directory: Path
    config: Config

    @property
    def name(self) -> str:
        """Of its setting and seed, as its directory's last parts."""
        return f"{folder(self.setting)}/seed_{self.seed}".lstrip("/")

    @property
    def command(self) -> tuple[str, ...]:
        """What trains it, or goes on with it."""
        module = (sys.executable, "-m", "dimapg_tf.experiment.trial")
        last = (f"--seed={self.seed}", "--resume", f"--logdir={self.directory}")
        return (*module, *self.arguments, *_flags(self.setting), *last)

    @property
    def is_done(self) -> bool:
        """Whether its whole budget is spent, and all of it is on the disk."""
        age = policy_file.age_of(self.directory)
        return age is not None and age.episodes >= self.config.episodes


def settings_of(texts: Sequence[str]) -> list[dict[str, str]]:
    """All combinations of `name=value,value`; of none, the one that sets nothing.

    Values that hold commas themselves are separated by semicolons: hidden=8,8;16,16.

    Raises:
      ConfigurationError: a text is of another form, or a name or a value is given twice.
    """
    choices: dict[str, list[str]] = {}
    for text in texts:
        name, separator, given = text.partition("=")
        name = name.strip().lstrip("-")
        values = [v.strip() for v in given.split(";" if ";" in given else ",")]
        if not (name and separator and all(values)):
            raise ConfigurationError(f"set = {text!r}: must be NAME=VALUE,VALUE,...")
        if name in choices:
            raise ConfigurationError(f"set = {text!r}: {name} is set twice")
        if name in ITS_OWN:
            raise ConfigurationError(f"set = {text!r}: a sweep says {name} itself{_advice(name)}")
        choices[name] = values
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def plan(
    arguments: Sequence[str],
    settings: Sequence[Mapping[str, str]],
    seeds: Sequence[int],
    directory: Path,
) -> list[Trial]:
    """The runs, all combinations of one seed before the next seed; starts and writes nothing.

    Args:
      arguments: flags of every run, of the form --name=value.

    Raises:
      ConfigurationError: a flag is unknown, a value cannot work, or two combinations are one.
      RunDirectoryError: a directory holds something else.
    """
    for argument in arguments:
        name = argument.lstrip("-").partition("=")[0]
        if name in ITS_OWN:
            raise ConfigurationError(f"{argument}: a sweep says {name} itself{_advice(name)}")
    trials = []
    for seed, setting in itertools.product(seeds, settings):
        argv = ["", *arguments, *_flags(setting), f"--seed={seed}"]
        config, options = training_script.read_command_line(argv)
        sinks.named(options.log_to)
        where = directory / folder(setting) / f"seed_{seed}"
        trials.append(Trial(setting, seed, tuple(arguments), where, config))
    for one, other in itertools.combinations(trials[: len(settings)], 2):
        if one.config == other.config:
            texts = [" ".join(_flags(trial.setting)) for trial in (one, other)]
            raise ConfigurationError(f"set: {texts[0]} and {texts[1]} are the same configuration")
        if one.directory == other.directory:
            raise ConfigurationError(f"set: two combinations would be kept in {one.directory}")
    for trial in trials:
        RunDirectory(trial.directory).examine(trial.config)
    return trials


def folder(setting: Mapping[str, str]) -> str:
    """The directory's name of a combination; "" of the one that sets nothing."""
    return re.sub(r"[^\w.,+-]", "_", "_".join(f"{k}_{v}" for k, v in setting.items()))


def _flags(setting: Mapping[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in setting.items()]


def _advice(name: str) -> str:
    return ", by --seeds" if name == "seed" else ""
