"""The tables of docs/scaling.md, written from the records of `parts` and `predictions`."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.scaling import costs, model

# Unit, its seconds, and up to how many seconds it is used.
UNITS = (
    ("ms", 1e-3, 0.1),
    ("s", 1.0, 120.0),
    ("min", 60.0, 7200.0),
    ("h", 3600.0, 172_800.0),
    ("days", 86_400.0, 730 * 86_400.0),
    ("years", 365.25 * 86_400.0, float("inf")),
)
NEVER = "does not end"
METHODS = {
    "roll_out": "roll out and adapt",
    "gradient": "differentiate",
    "product": "product",
    "value": "trial",
}


def texts(record: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, str]:
    """{name of a section: its text}.

    Args:
      record: of `parts`; found: of the predictions.
    """
    return {
        "parts": _parts(record) + _messages(record) + _calls(record),
        "checked": _checked(record),
        "predictions": _predictions(found),
    }


def duration(seconds: float) -> str:
    """With two digits and a unit that suits it."""
    name, unit, _ = next(entry for entry in UNITS if seconds < entry[2])
    value = seconds / unit
    return f"{float(f'{value:.2g}'):,g} {name}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines) + "\n"


def _parts(record: Mapping[str, Any]) -> str:
    rows = []
    for case in record["cases"]:
        for kind, name in (("shared", "τ^θ"), ("block", "a block")):
            found = costs.seconds(case, kind)
            cells = [_spread(found[method]) for method in METHODS]
            rows.append([case["case"] if kind == "shared" else "", name, *cells])
        rows.append(["", "the chief alone", _spread(case["chief"]), "", "", ""])
    return _table(["case", "what", *METHODS.values()], rows)


def _spread(samples: Sequence[float]) -> str:
    """Median, and the middle 80 %."""
    if not any(samples):
        return "–"
    ordered = sorted(samples)
    tenth = len(ordered) // 10
    low, high = ordered[tenth], ordered[-1 - tenth]
    return f"{_milli(median(ordered))} ({_milli(low)}–{_milli(high)})"


def _milli(seconds: float) -> str:
    return f"{float(f'{1000 * seconds:.3g}'):,g}"


def _messages(record: Mapping[str, Any]) -> str:
    rows = []
    for case in record["cases"][:3]:
        parts = case["parts"]
        cells = []
        for method in ("gradient", "product", "value"):
            part = parts.get(f"{method}, block") or parts.get(f"{method}, shared")
            cells.append(f"{part['sent']:,} / {part['returned']:,}" if part else "–")
        rows.append([case["case"], *cells])
    return _table(["bytes to a worker / back", "gradient", "product", "trial"], rows)


def _calls(record: Mapping[str, Any]) -> str:
    rows = []
    for echo in record["echo"]:
        alone = [_milli(median(size["alone"])) for size in echo["sizes"]]
        among = [_milli(median(size["among_many"])) for size in echo["sizes"]]
        asked = [n / echo["workers"] for rest in echo["ask_each"] for n in rest["answered"]]
        share = f"{100 * sum(asked) / len(asked):.1f} %"
        cells = [f"{a} / {m}" for a, m in zip(alone, among)]
        rows.append([str(echo["workers"]), *cells, share])
    sizes = [f"{size['bytes']:,} bytes" for size in record["echo"][0]["sizes"]]
    return _table(["workers", *sizes, "who answer when each is asked"], rows)


def _checked(record: Mapping[str, Any]) -> str:
    rows = []
    for run in record["cluster"]:
        predicted, found = checked(record, run["workers"])
        ratio = f"{predicted / found:.2f}"
        rows.append([str(run["workers"]), duration(predicted), duration(found), ratio])
    return _table(["workers", "model", "measured, median", "ratio"], rows)


def checked(record: Mapping[str, Any], workers: int) -> tuple[float, float]:
    """(seconds of an iteration by the model, as measured) with so many workers."""
    (run,) = (run for run in record["cluster"] if run["workers"] == workers)
    load = costs.measured(record, run["case"], middle=median)
    predicted = model.seconds(load, costs.wires(record, workers), workers).total
    return predicted, median(run["seconds"])


def _predictions(found: Mapping[str, Any]) -> str:
    rows = []
    for row in found["rows"]:
        sampled = "everybody" if row["everybody"] else f"{row['sampled']:,}"
        cells = []
        for workers, seconds in row["model"].items():
            simulated = row["simulated"][workers]["seconds"]
            other = NEVER if simulated is None else duration(simulated)
            cells.append(f"{duration(seconds)} / {other}")
        rows.append(
            [
                f"{row['agents']:,}",
                sampled,
                f"{row['blocks']:,} × {duration(row['block'])}",
                *cells,
                f"{duration(row['linear']['512'])}",
                f"{_giga(row['bytes']['512'])} / {_giga(row['linear_bytes']['512'])}",
            ]
        )
    columns = ["agents", "sampled", "blocks", "8 workers", "64", "512", "512, linear world"]
    return _table([*columns, "GB a worker, at least"], rows)


def _giga(size: float) -> str:
    return f"{float(f'{size / 1e9:.2g}'):,g}"
