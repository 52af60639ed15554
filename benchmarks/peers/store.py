"""The record: every sample is kept as soon as it is there, so that a second call goes on."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from dimapg_tf.experiment import files
from dimapg_tf.types import ConfigurationError

CHANGES = ("uncommitted_changes",)  # the record itself may be one


class Store:
    """A record in a file.

    Args:
      path: made with the first sample.
      about: {"versions": of this package and machine, "options": of what is measured}, which all
        samples of a record have in common.
      peers: {name: {package: version}} of those who take part now; others may have before.

    Raises:
      ConfigurationError: the file is no record, or one of another commit, machine, package or
        option.
    """

    def __init__(
        self, path: Path, about: Mapping[str, Any], peers: Mapping[str, Mapping[str, str]]
    ):
        self._path = path
        self.record: dict[str, Any] = {**about, "peers": {}, "samples": {}, "left_out": {}}
        if path.exists():
            self.record = read(path)
            for chapter, now in about.items():
                _compare(path, self.record[chapter], now)
            for name in peers.keys() & self.record["peers"].keys():
                _compare(path, self.record["peers"][name], peers[name])
        self.record["peers"].update(peers)

    def samples(self, part: str, case: str, contender: str) -> list[dict[str, Any]]:
        """Those that are kept, in the order of the rounds."""
        return self.record["samples"].get(part, {}).get(case, {}).get(contender, [])

    def add(self, part: str, case: str, contender: str, sample: Mapping[str, Any]) -> None:
        """One more; on the disk when this returns."""
        cases = self.record["samples"].setdefault(part, {})
        cases.setdefault(case, {}).setdefault(contender, []).append(dict(sample))
        self.record["left_out"].get(part, {}).get(case, {}).pop(contender, None)
        self._write()

    def leave_out(self, part: str, case: str, contender: str, why: str) -> None:
        """Who could not take part; a later call tries again."""
        self.record["left_out"].setdefault(part, {}).setdefault(case, {})[contender] = why
        self._write()

    def _write(self) -> None:
        files.write(self._path, json.dumps(self.record, indent=1) + "\n")


def read(path: Path) -> dict[str, Any]:
    """A record; raises ConfigurationError where there is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        missing = {"versions", "options", "peers", "samples", "left_out"} - record.keys()
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path}: no record that can be read ({error})") from error
    if missing:
        raise ConfigurationError(f"{path}: no record of peers, it lacks {', '.join(missing)}")
    return record


def middle(samples: list[Mapping[str, Any]], *names: str) -> float:
    """The median of a number that stands under these names in each sample."""
    return median(number(sample, *names) for sample in samples)


def number(sample: Mapping[str, Any], *names: str) -> float:
    """What stands under these names."""
    for name in names:
        sample = sample[name]
    return float(sample)


def _compare(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name in sorted((before.keys() | now.keys()) - set(CHANGES)):
        if before.get(name) != now.get(name):
            raise ConfigurationError(
                f"{path}: was begun with {name} = {before.get(name)}, and now it is "
                f"{now.get(name)}; go on there, or name another --output"
            )
