"""The record of a benchmark: what was measured, and the versions and the machine it was made on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_record(path: str | None, content: Mapping[str, Any]) -> None:
    """Write a JSON file; nothing where no path was given."""
    if path:
        from dimapg_tf.experiment import files
        from dimapg_tf.experiment.versions import versions

        text = json.dumps({**content, "versions": versions()}, indent=2)
        files.write(Path(path), text + "\n")
