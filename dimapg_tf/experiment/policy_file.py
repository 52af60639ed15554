"""The deployed policy of a run: policy.npz, its arrays, and policy.json, what they are of.

They are written beside each checkpoint and are all that playing needs; checkpoints serve resuming.
This module does without TensorFlow, so another program can read a policy with NumPy alone.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dimapg_tf.experiment import files
from dimapg_tf.experiment.errors import CheckpointError
from dimapg_tf.types import Box, Choices, Population

SCHEMA = 1
ARRAYS, DESCRIPTION = "policy.npz", "policy.json"


class Origin(NamedTuple):
    """What a policy is of.

    algorithm and settings: the learner and its hyper-parameters; env and env_settings: as
    `make_env` takes them; seed: of the run; populations {name: Population}.
    """

    algorithm: str
    settings: Mapping[str, Any]
    env: str
    env_settings: Mapping[str, Any]
    seed: int
    populations: Mapping[str, Population]


class Age(NamedTuple):
    """How long the policy had been trained."""

    iteration: int
    episodes: int


Arrays = Mapping[str, Sequence[np.ndarray]]
"""{population: weights and biases in turn; of real-valued actions, log_std last}."""


def write(directory: Path, origin: Origin, age: Age, arrays: Arrays) -> None:
    """Write both files; after a kill at any moment they are those of one and the same policy.

    policy.json names the checksum of its policy.npz. It is renamed first; the draft of policy.npz
    serves as policy.npz until it is renamed, too.
    """
    flat = {
        f"{population}/{index // 2}/{_part(index, len(values))}": np.asarray(value)
        for population, values in arrays.items()
        for index, value in enumerate(values)
    }
    held = io.BytesIO()
    np.savez_compressed(held, **flat)
    content = held.getvalue()
    description = {
        "schema": SCHEMA,
        **origin._asdict(),
        "populations": {name: _described(p) for name, p in origin.populations.items()},
        **age._asdict(),
        "shapes": {name: list(value.shape) for name, value in flat.items()},
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    npz, text = directory / ARRAYS, directory / DESCRIPTION
    tidy(directory)
    with files.removed_on_failure(_draft(npz), _draft(text)):
        files.write_draft(_draft(npz), content)
        files.write_draft(_draft(text), json.dumps(description, indent=2) + "\n")
        files.sync([_draft(npz), _draft(text)])
        files.replace(_draft(text), text)
    files.replace(_draft(npz), npz)
    files.sync([directory])


def tidy(directory: Path) -> None:
    """End what a kill in `write` has left: the second rename, or drafts that serve nobody."""
    npz, text = directory / ARRAYS, directory / DESCRIPTION
    if text.exists() and not _fits(npz, text) and _fits(_draft(npz), text):
        files.replace(_draft(npz), npz)
    for draft in (_draft(npz), _draft(text)):
        files.remove(draft)


def read(directory: Path) -> tuple[Origin, Age, dict[str, list[np.ndarray]]]:
    """What `write` has written: (origin, age, arrays).

    Raises:
      CheckpointError: a file is missing or damaged, or of a later version of this package.
    """
    text = directory / DESCRIPTION
    if not text.exists():
        raise CheckpointError(
            f"{directory}: there is no {DESCRIPTION}: no policy has been kept yet, or the run is "
            "older than this file; `python -m dimapg_tf.keep RUN DESTINATION` makes a record that "
            "has one"
        )
    before = text.read_bytes()
    try:
        return _read(directory)
    except CheckpointError:
        if text.read_bytes() == before:
            raise
        return read(directory)  # a run in progress wrote its next policy in between


def age_of(directory: Path) -> Age | None:
    """How long the policy in this directory had been trained; None where none can be read."""
    try:
        return read(directory)[1]
    except CheckpointError:
        return None


def origin_of(directory: Path) -> Origin | None:
    """What the policy in this directory is of; None where none can be read."""
    try:
        return read(directory)[0]
    except CheckpointError:
        return None


def _read(directory: Path) -> tuple[Origin, Age, dict[str, list[np.ndarray]]]:
    text = directory / DESCRIPTION
    description = _description(text)
    try:
        origin = Origin(**{name: description[name] for name in Origin._fields})
        populations = {name: _population(**p) for name, p in origin.populations.items()}
        age = Age(**{name: description[name] for name in Age._fields})
        _check_kinds(origin, age)
        arrays = _arrays(directory, description["sha256"], description["shapes"], populations)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{text} is damaged: {error!r}") from error
    return origin._replace(populations=populations), age, arrays


def _check_kinds(origin: Origin, age: Age) -> None:
    """Raise TypeError where something in the description is not of its kind."""
    kinds = {"algorithm": str, "env": str, "settings": dict, "env_settings": dict, "seed": int}
    kinds |= {"iteration": int, "episodes": int}
    for name, value in {**origin._asdict(), **age._asdict()}.items():
        if not isinstance(value, kinds.get(name, object)):
            raise TypeError(f"{name} = {value!r}")


def _description(text: Path) -> dict[str, Any]:
    try:
        description = json.loads(text.read_text(encoding="utf-8"))
        schema = description["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{text} is damaged: {error!r}") from error
    if schema != SCHEMA:
        raise CheckpointError(f"{text}: schema = {schema}: this version reads schema {SCHEMA}")
    return description


def _arrays(
    directory: Path,
    checksum: str,
    shapes: Mapping[str, list[int]],
    populations: Mapping[str, Population],
) -> dict[str, list[np.ndarray]]:
    """{population: arrays} of the file with this checksum."""
    npz = directory / ARRAYS
    # The draft first: where it has just been renamed, the other one is what it was.
    content = next((c for c in map(_content, (_draft(npz), npz)) if _sha256(c) == checksum), None)
    if content is None:
        what = "is missing" if not npz.exists() else f"is not the file that {DESCRIPTION} names"
        raise CheckpointError(f"{npz} {what}: the policy is damaged")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            flat = {name: held[name] for name in held.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{npz} is damaged: {error}") from error
    if {name: list(value.shape) for name, value in flat.items()} != shapes:
        raise CheckpointError(f"{npz}: its arrays have other shapes than {DESCRIPTION} says")
    return {
        population: [flat[name] for name in shapes if name.rsplit("/", 2)[0] == population]
        for population in populations
    }


def _part(index: int, count: int) -> str:
    """What the array of this index is; the last of an odd number belongs to no layer."""
    if index == count - 1 and count % 2:
        return "log_std"
    return ("weights", "bias")[index % 2]


def _described(population: Population) -> dict[str, Any]:
    """A population as policy.json has it; the space of the actions by its name."""
    described = population._asdict()
    space = described.pop("space")
    del described["kinds"]  # of the environment; nothing in the arrays depends on them
    if space is not None:
        described["space"] = {type(space).__name__: space._asdict()}
    return described


def _population(space: Mapping[str, Any] | None = None, **sizes: int) -> Population:
    """The inverse of `_described`."""
    if space is None:
        return Population(**sizes)
    ((kind, values),) = space.items()
    lists = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return Population(**sizes, space={"Choices": Choices, "Box": Box}[kind](**lists))


def _draft(path: Path) -> Path:
    return path.with_name(path.name + files.DRAFT)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _sha256(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _fits(npz: Path, text: Path) -> bool:
    """Whether policy.json names the checksum of this file."""
    try:
        return _description(text)["sha256"] == _sha256(_content(npz))
    except (CheckpointError, KeyError):
        return False
