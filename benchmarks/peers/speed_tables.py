"""The tables of speeds: worlds alone, whole training, and the ceiling."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from benchmarks.peers.contests import JAXMARL, VMAS
from benchmarks.peers.parts import MPE2, OURS, PAPER
from benchmarks.peers.store import middle, number
from benchmarks.peers.tables import ABSENT, digits, speed, table
from benchmarks.peers.tasks import TASKS

Samples = list[Mapping[str, Any]]
SPEED = "agent_steps_per_second"


def best(samples: Samples, *names: str) -> tuple[str, float]:
    """(the variant with the highest median, its median) of those under these names."""
    variants = samples[0]
    for name in names:
        variants = variants[name]
    medians = {variant: middle(samples, *names, variant) for variant in variants}
    return max(medians.items(), key=lambda item: item[1])


def worlds(cases: Mapping[str, Mapping[str, Samples]]) -> str:
    """Of `worlds` in a record; peers at their best batch."""
    columns = [
        "agent-steps a second",
        *("ours, best batch", "the paper's batch", "with the policy", "its paper's batch"),
        *(JAXMARL.name, VMAS.name, MPE2, f"ours / {JAXMARL.name}", f"ours / {MPE2}"),
    ]
    rows = []
    for name, contenders in cases.items():
        ours = contenders.get(OURS)
        theirs = [_best_of(contenders.get(peer)) for peer in (JAXMARL.name, VMAS.name, MPE2)]
        if not ours:
            continue
        variant, alone = best(ours, "stepping")
        paper = str(TASKS[name].paper_batch)
        rows.append(
            [
                name,
                f"{speed(alone)} ({variant})",
                _of_batch(ours, "stepping", paper),
                speed(best(ours, "policy")[1]),
                _of_batch(ours, "policy", paper),
                *(speed(value) if value else ABSENT for value in theirs),
                *(f"{digits(alone / v)} ×" if v else ABSENT for v in (theirs[0], theirs[2])),
            ]
        )
    return table(columns, rows) + (_spread(cases) if rows else "")


def _best_of(samples: Samples | None) -> float | None:
    return best(samples)[1] if samples else None


def _of_batch(samples: Samples, kind: str, batch: str) -> str:
    """The better of one program and two at once, of a batch as a policy or alone plays it."""
    known = [name for name in samples[0][kind] if name.split(" x ")[-1] == batch]
    return speed(max(middle(samples, kind, name) for name in known)) if known else ABSENT


def _spread(cases: Mapping[str, Mapping[str, Samples]]) -> str:
    """How far the fastest and slowest samples of the best variants are from their medians."""
    widest = 0.0
    for contenders in cases.values():
        for name, samples in contenders.items():
            inside = ("stepping",) if name == OURS else ()
            variant, middle_one = best(samples, *inside)
            values = [number(sample, *inside, variant) for sample in samples]
            widest = max(widest, *(abs(value / middle_one - 1.0) for value in values))
    return f"No sample of these is further than {digits(100 * widest)} % from its median.\n\n"


def training(cases: Mapping[str, Mapping[str, Samples]]) -> str:
    """Of `training` in a record; a row for each learner."""
    names = list(cases)
    rows = []
    for learner in _in_order(cases.values()):
        row = [learner]
        for name in names:
            samples, ours = cases[name].get(learner), cases[name].get(PAPER)
            if not samples:
                row += [ABSENT, ABSENT]
                continue
            value = middle(samples, SPEED)
            low, high = (speed(f(s[SPEED] for s in samples)) for f in (min, max))
            row.append(f"{speed(value)} ({low}–{high})")
            row.append(f"{digits(middle(ours, SPEED) / value)} ×" if ours else ABSENT)
        rows.append(row)
    columns = ["agent-steps a second"]
    for name in names:
        columns += [name, "slower than DiMA-PG"]
    return table(columns, rows)


def ceiling(cases: Mapping[str, Mapping[str, Samples]]) -> str:
    """Of `ceiling` in a record: two sentences."""
    text = ""
    for name, contenders in cases.items():
        for samples in contenders.values():
            seconds, alone = middle(samples, "iteration"), middle(samples, "products")
            share = median(sample["products"] / sample["iteration"] for sample in samples)
            giga = samples[0]["operations"] / 1e9
            text += (
                f"At {name} an iteration of the paper's batch needs {digits(giga, 3)} GFLOP in the "
                f"policy's matrix products. By themselves they take {digits(alone, 3)} s "
                f"({digits(giga / alone, 3)} GFLOP/s), the whole iteration {digits(seconds, 3)} s: "
                f"{100 * share:.0f} % of the ceiling.\n\n"
            )
    return text


def _in_order(cases: Iterable[Mapping[str, Any]]) -> list[str]:
    """All names, each once, as they come."""
    return list(dict.fromkeys(name for contenders in cases for name in contenders))
