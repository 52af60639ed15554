"""Cross-play records as data: everybody's predators against everybody's prey."""

from dataclasses import dataclass
from pathlib import Path

from reproduction.report.record_files import UNREADABLE, attempt, numbers_of, object_of


@dataclass
class CrossPlay:
    """crossplay.json: {(predators, prey): measures}; trained ones are named learner/seed_1."""

    episodes: int
    pairs: dict[tuple[str, str], dict[str, float]]


def read_crossplay(env: Path, problems: list[str]) -> CrossPlay | None:
    """`crossplay/`, or else the first of other names that begin so, as of exploratory runs."""
    paths = sorted(env.glob("crossplay*/crossplay.json"))
    unreadable: list[str] = []
    record = attempt(unreadable, paths[0], object_of) if paths else None
    problems += [f"{env.name}: {problem}" for problem in unreadable]
    if record is None:
        return None
    try:
        # A run's last two parts are its learner and its seed, however long its label was.
        names = {label: "/".join(Path(p).parts[-2:]) for label, p in record["runs"].items()}
        pairs = {
            (names.get(row["predators"], row["predators"]), names.get(row["prey"], row["prey"])): (
                numbers_of(row)
            )
            for row in record["pairs"]
        }
        return CrossPlay(int(record["episodes"]), pairs)
    except UNREADABLE as error:
        problems.append(f"{env.name}: crossplay.json is no cross-play record ({error!r})")
        return None
