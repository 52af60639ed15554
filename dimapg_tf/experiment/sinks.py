"""Where the numbers of metrics.csv go as well: Weights & Biases, MLflow, or a user's own object.

metrics.csv and TensorBoard are written in any case, and are the same with or without them.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from dimapg_tf.experiment import files
from dimapg_tf.types import ConfigurationError


class Sink(Protocol):
    """Takes the rows of a training, in order.

    A training that goes on after a kill repeats the iterations since its last checkpoint, so a row
    may come twice, with the same numbers but for `seconds`.
    """

    def begin(self, run: Path, values: Mapping[str, Any]) -> None:
        """Before the first row. run: its directory; values: of its configuration, by name."""

    def write(self, row: Mapping[str, float]) -> None:
        """One iteration; episodes is the axis that algorithms are compared on."""

    def close(self) -> None:
        """After the last row, also of a training that failed."""


class WandbSink:
    """Weights & Biases; its own environment variables, such as WANDB_PROJECT, say where."""

    def __init__(self, wandb: Any):
        self._wandb, self._run = wandb, None

    def begin(self, run: Path, values: Mapping[str, Any]) -> None:
        """Go on with the run that `wandb_id` in the directory names, or begin one."""
        known = _known(run / "wandb_id")
        config = dict(values)
        self._run = self._wandb.init(
            id=known, resume="allow", dir=str(run), name=str(run), config=config
        )
        files.write(run / "wandb_id", f"{self._run.id}\n")

    def write(self, row: Mapping[str, float]) -> None:
        """Of an iteration that it has seen, Weights & Biases keeps the first row."""
        self._run.log(dict(row), step=int(row["episodes"]))

    def close(self) -> None:
        """Send what is left."""
        self._run.finish()


class MlflowSink:
    """MLflow; its own environment variables, such as MLFLOW_TRACKING_URI, say where."""

    def __init__(self, mlflow: Any):
        self._mlflow = mlflow

    def begin(self, run: Path, values: Mapping[str, Any]) -> None:
        """Go on with the run that `mlflow_id` in the directory names, or begin one."""
        known = _known(run / "mlflow_id")
        active = self._mlflow.start_run(run_id=known, run_name=None if known else str(run))
        files.write(run / "mlflow_id", f"{active.info.run_id}\n")
        if known is None:
            self._mlflow.log_params({name: str(value) for name, value in values.items()})

    def write(self, row: Mapping[str, float]) -> None:
        """All of a row at once."""
        numbers = {name: float(value) for name, value in row.items()}
        self._mlflow.log_metrics(numbers, step=int(row["episodes"]))

    def close(self) -> None:
        """Say that the run has ended."""
        self._mlflow.end_run()


class Known(NamedTuple):
    """The sink of a package that may be installed."""

    make: Callable[[Any], Sink]
    package: str


SINKS = {"wandb": Known(WandbSink, "wandb"), "mlflow": Known(MlflowSink, "mlflow")}


def named(names: str) -> list[Sink]:
    """Those that `--log_to=wandb,mlflow` names; nothing is sent yet.

    Raises:
      ConfigurationError: there is no such sink, or its package is not installed.
    """
    sinks = []
    for name in filter(None, names.split(",")):
        if name not in SINKS:
            raise ConfigurationError(f"log_to = {name!r}: must be of {', '.join(SINKS)}")
        try:
            package = import_module(SINKS[name].package)
        except ImportError as error:
            raise ConfigurationError(
                f"log_to = {name!r}: needs the package {SINKS[name].package} ({error}); "
                f"pip install 'dimapg_tf[{name}]'"
            ) from error
        sinks.append(SINKS[name].make(package))
    return sinks


class Sinks:
    """Several of them. One that fails is told once and left out: a training outlives its network.

    Args:
      sinks: in the order in which they get a row.
      run: the run directory, which is there.
      values: of the configuration.
    """

    def __init__(self, sinks: Sequence[Sink], run: Path, values: Mapping[str, Any]):
        self._sinks = list(sinks)
        self._each("begin", run, values)

    def write(self, row: Mapping[str, float]) -> None:
        """Hand on one iteration."""
        self._each("write", row)

    def close(self) -> None:
        """End all that have not failed."""
        self._each("close")

    def _each(self, method: str, *arguments: Any) -> None:
        for sink in list(self._sinks):
            try:
                getattr(sink, method)(*arguments)
            except Exception as error:
                self._sinks.remove(sink)
                text = " ".join(str(error).split())
                what = f"{type(sink).__name__}.{method}: {type(error).__name__}: {text}"
                print(f"{what}; training goes on without it", file=sys.stderr)


def _known(path: Path) -> str | None:
    """What an earlier process has noted in this file."""
    return path.read_text(encoding="utf-8").strip() if path.exists() else None
