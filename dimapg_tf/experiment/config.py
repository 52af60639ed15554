"""A run's configuration as data, whether written as flags, in flagfiles or as keyword arguments."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from absl import flags as absl_flags

from dimapg_tf import checks
from dimapg_tf.envs import make_env, settings_class
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment import flagfiles, flags
from dimapg_tf.experiment.flagfiles import COMMAND_LINE, DEFAULT, OVERRIDE, Token
from dimapg_tf.experiment.learners import LearnerKind, learner_kind
from dimapg_tf.types import ConfigurationError

KNOWN_PACKAGES = ("mpe2", "pettingzoo", "magent2")  # of environments; installed with this one
# Settings that say how far and by whom, not what is learned: a resumed run may change them.
NOT_WHAT_IS_LEARNED = ("episodes", "checkpoint_every", "world_processes")


@dataclasses.dataclass(frozen=True)
class Config:
    """What is trained on what: all that a run depends on.

    Attributes:
      env: the environment's name, and env_settings its Settings.
      algorithm: the learner's name, and settings its Settings.
      seed: of all randomness.
      episodes: the training budget; checkpoint_every: iterations between checkpoints.
      init_from: the directory of a run whose policy this one starts from, if any.
      sources: {name of a value: "default", "FILE:LINE", "command line" or "override"}.
    """

    env: str
    env_settings: Any
    algorithm: str
    settings: Any
    seed: int
    episodes: int
    checkpoint_every: int
    init_from: str | None = None
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)

    def __post_init__(self):
        checks.at_least("seed", self.seed, 0)
        checks.at_least("episodes", self.episodes, 1)
        checks.at_least("checkpoint_every", self.checkpoint_every, 1)

    def groups(self) -> dict[str, dict[str, Any]]:
        """{"run", "environment", "learner": {name: value}}."""
        run = {f.name: getattr(self, f.name) for f in dataclasses.fields(flags.RunSettings)}
        return {"run": run, "environment": _values(self.env_settings)} | {
            "learner": _values(self.settings)
        }

    def values(self) -> dict[str, Any]:
        """All values by name."""
        return {name: value for group in self.groups().values() for name, value in group.items()}

    def make_env(
        self, given: Callable[[], Any] | None = None, trust: bool = False, **elsewhere: Any
    ) -> Env:
        """The environment.

        Args:
          given: makes one world of the user's own; takes the place of `module`.
          trust: whether a module that a file names may be imported, which runs its code.
          elsewhere: settings that are to be others than the run's, by name.

        Raises:
          ConfigurationError: there is no such environment, or it is not trusted.
        """
        values = {**_values(self.env_settings), **elsewhere}
        if given is not None:
            return self._made_of(given, values)
        for field in dataclasses.fields(self.env_settings):
            if field.metadata.get("runs_code") and not trust:
                refuse_foreign_code(field.name, values[field.name], self.sources.get(field.name))
        return make_env(self.env, **values)

    def _made_of(self, given: Callable[[], Any], values: dict[str, Any]) -> Env:
        if self.env != "pettingzoo":
            raise ConfigurationError(
                f"env = {self.env!r}: an environment that is given from Python goes with "
                'load_config("pettingzoo", ...)'
            )
        from dimapg_tf.envs.pettingzoo import PettingZooEnv

        name = getattr(given, "__name__", "").replace("<lambda>", "") or "the given environment"
        patterns = self.env_settings.patterns()
        env = PettingZooEnv(given, values["horizon"], name, patterns, values["world_processes"])
        env.settings = values
        return env

    def make_learner(self, env: Env) -> Any:
        """The learner, untrained; raises ConfigurationError where it and `env` do not fit."""
        return self.kind().part("learner")(env, self.settings, self.seed)

    def kind(self) -> LearnerKind:
        """What the library has to know of the learner."""
        return learner_kind(self.algorithm)

    def differences(self, other: "Config") -> list[str]:
        """Names of values that say what is learned and are not the same in the other one."""
        mine, others = self.values(), other.values()
        return [
            name
            for name in sorted(mine.keys() | others.keys())
            if name not in NOT_WHAT_IS_LEARNED
            and (name not in mine or name not in others or mine[name] != others[name])
        ]

    def table(self) -> str:
        """Every value with its source, as --print_config shows it."""
        width = max(len(line) for line in flags.as_lines(self.values())) + 4
        lines = []
        for title, values in self.groups().items():
            lines.append(f"# {title}")
            for name, line in zip(sorted(values), flags.as_lines(values)):
                lines.append(f"{line.ljust(width)}{self.sources.get(name, DEFAULT)}")
        return "\n".join(lines)


def refuse_foreign_code(name: str, value: str, source: str | None) -> None:
    """Raise ConfigurationError for code that only a file names, such as a stranger's flags.txt.

    What the command line or a keyword argument says is the user's own word, and the packages that
    this one stands on are known.
    """
    known = value.partition(".")[0] in KNOWN_PACKAGES and ":" not in value
    if value and not known and source not in (DEFAULT, OVERRIDE, COMMAND_LINE, None):
        raise ConfigurationError(
            f"{name} = {value!r} ({source}): importing it runs its code, and only a file names it; "
            "if you trust it, say --trust_module (from Python, trust=True)"
        )


def load_config(
    env: str = "cooperative_navigation_3",
    algorithm: str = "dimapg",
    **overrides: Any,
) -> Config:
    """A configuration by names and keyword arguments.

    Args:
      env: a flagfile in configs/env, such as "cooperative_navigation_3", or else an environment
        with its defaults, such as "cooperative_navigation".
      algorithm: a flagfile in configs/algorithm or else a learner.
      overrides: settings of the run (seed, 1 by default; episodes, 50,000; checkpoint_every, 10),
        of the environment and of the learner, by name.

    Raises:
      ConfigurationError: there is no such configuration or setting, or a value cannot work.
    """
    return config_from(
        [
            *flagfiles.named("env_config", env),
            *flagfiles.named("algorithm_config", algorithm),
            *(Token(line, OVERRIDE) for line in flags.as_lines(overrides)),
        ]
    )


def config_from(
    tokens: Sequence[Token], algorithm: str | None = None, options: absl_flags.FlagValues = None
) -> Config:
    """The one place where flags, lines of files and keyword arguments become a configuration.

    Args:
      tokens: what was given, in order; later wins. What was not keeps its default.
      algorithm: the learner if no token names one.
      options: flags that may be among the tokens but are no configuration; takes their values.

    Raises:
      ConfigurationError: an unknown name, or a value that cannot work.
    """
    default = flags.RunSettings()
    env = _last(tokens, "env", default.env)
    algorithm = _last(tokens, "algorithm", algorithm or default.algorithm)
    classes = (flags.RunSettings, settings_class(env), learner_kind(algorithm).part("settings"))
    fv = absl_flags.FlagValues() if options is None else options
    for settings in classes:
        flags.define_settings(settings, fv)
    fv.algorithm = algorithm
    sources = flags.read_tokens(fv, tokens, f"a run, of {env} or of {algorithm}")
    run, env_settings, settings = (flags.make_settings(settings, fv) for settings in classes)
    return Config(
        **_values(run),
        env_settings=env_settings,
        settings=settings,
        sources={
            field.name: sources.get(field.name, DEFAULT)
            for settings in classes
            for field in dataclasses.fields(settings)
        },
    )


def _last(tokens: Sequence[Token], flag: str, default: str) -> str:
    """The value that the last `--flag=value` or `--flag value` gives."""
    texts = [token.text for token in tokens]
    for text, following in reversed(list(zip(texts, [*texts[1:], ""]))):
        name, separator, value = text.partition("=")
        if name in (f"--{flag}", f"-{flag}"):
            return value if separator else following
    return default


def _values(settings: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, as they are."""
    return {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
