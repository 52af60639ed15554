"""What a record says, as tables of docs/performance.md and a picture.

python -m benchmarks.peers.page [--record=results/benchmarks/peers.json,...] [--docs=docs]
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import growth_table, quality_table, speed_tables
from benchmarks.peers.store import read
from dimapg_tf.experiment import console
from dimapg_tf.types import ConfigurationError

RECORD = Path("results/benchmarks/peers.json")
# Trainings take hours, and their record was begun later.
QUALITY = Path("results/benchmarks/peers_quality.json")
PAGE, PICTURE = "performance.md", "peers.png"


def joined(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{part: its samples}, of a part that several have the last one's; and quality's options."""
    samples, options = {}, {}
    for record in records:
        samples |= record["samples"]
        if "quality" in record["samples"]:
            options = record["options"]
    return {"samples": samples, "options": options}


def texts(*records: Mapping[str, Any]) -> dict[str, str]:
    """{name of a section: its text}; of parts that were not measured it is empty."""
    record = joined(records)
    samples = record["samples"]
    picture = f"![Both as a picture]({PICTURE})\n"
    worlds = speed_tables.worlds(samples.get("worlds", {}))
    return {
        "peers_worlds": worlds and worlds + picture,
        "peers_training": speed_tables.training(samples.get("training", {})),
        "peers_quality": quality_table.table(samples.get("quality", {}), record["options"]),
        "peers_ceiling": speed_tables.ceiling(samples.get("ceiling", {})),
        "peers_growth": growth_table.table(samples.get("growth", {})),
    }


def main(argv: list[str]) -> int:
    """Write and draw; returns the exit code."""
    from absl import flags

    from benchmarks.peers import figure
    from dimapg_tf.experiment.flags import parse
    from reproduction.report import sections

    fv = flags.FlagValues()
    there = [str(path) for path in (RECORD, QUALITY) if path.exists()]
    flags.DEFINE_list(
        *("record", there or [str(RECORD)]),
        "of `python -m benchmarks.peers`; of a part that several have, the last one's",
        flag_values=fv,
    )
    flags.DEFINE_string("docs", "docs", f"directory of {PAGE}", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    records = [read(Path(path)) for path in fv.record]
    for path, record in zip(fv.record, records):
        if record["options"]["smallest"]:
            raise ConfigurationError(f"{path}: of the smallest sizes, which say nothing")
    docs = Path(fv.docs)
    for name, text in texts(*records).items():
        sections.write(docs / PAGE, name, text)
    figure.save(joined(records)["samples"], docs / PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
