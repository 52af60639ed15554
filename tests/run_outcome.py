"""All that training leaves but the times, to compare runs bit for bit."""

from pathlib import Path
from typing import Any

from dimapg_tf.experiment import checkpoint, policy_file
from dimapg_tf.experiment.metrics_file import read_rows


def outcome(logdir: Path) -> dict[str, Any]:
    """Rows of metrics.csv, the policy and its age, every variable of the latest checkpoint."""
    rows = read_rows(logdir / "metrics.csv")
    rows = [{name: text for name, text in row.items() if name != "seconds"} for row in rows]
    _, age, arrays = policy_file.read(logdir)
    held = checkpoint.values(checkpoint.latest(logdir / "checkpoints"), ("learner/", "progress/"))
    held.pop("progress/seconds")
    values = {
        name: value if isinstance(value, bytes) else value.tobytes() for name, value in held.items()
    }
    policy = {name: [value.tobytes() for value in layers] for name, layers in arrays.items()}
    return {"rows": rows, "age": age, "policy": policy, "values": values}
