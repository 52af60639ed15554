"""A record of `benchmarks.peers` with round numbers, and contenders that are nobody."""

from pathlib import Path

from benchmarks.peers import contests, parts, quality
from benchmarks.peers.contests import Contender

ROUNDS = 5
WOBBLE = (0.8, 0.9, 1.0, 1.1, 1.3)  # of samples; the median is 1


def record():
    """As `store.read` gives it."""
    return {
        "versions": {},
        "options": {"seconds": 0.5, "smallest": False, "max_minutes": 10.0},
        "peers": {},
        "left_out": {},
        "samples": {
            "worlds": {name: _worlds(name) for name in ("N = 3", "12v4")},
            "training": {
                name: {
                    parts.PAPER: _speeds(400e3),
                    "MADDPG": _speeds(20e3),
                    "JaxMARL IPPO, 16 environments": _speeds(80e3),
                }
                for name in parts.TRAINED
            },
            "ceiling": {"N = 10": {parts.PAPER: _ceiling()}},
            "growth": {"population": {str(n): _growth(n) for n in (10, 100, 1000)}},
            "quality": {"N = 3": _quality()},
        },
    }


def _worlds(name):
    ours = {"stepping": {"1 x 64": 10e6, "2 x 1024": 30e6}, "policy": {"1024": 3e6}}
    paper = 75 if name == "N = 3" else 300
    ours["stepping"] |= {f"1 x {paper}": 11e6, f"2 x {paper}": 12e6}
    ours["policy"] |= {str(paper): 2e6}
    found = {
        parts.OURS: [
            {kind: {v: w * speed for v, speed in of_kind.items()} for kind, of_kind in ours.items()}
            for w in WOBBLE
        ],
        "mpe2": [{"one world": w * 5e3} for w in WOBBLE],
    }
    if name == "N = 3":
        found["JaxMARL"] = [{"1 x 64": w * 1e6, "2 x 64": w * 0.5e6} for w in WOBBLE]
    return found


def _speeds(middle):
    return [{"agent_steps_per_second": w * middle} for w in WOBBLE]


def _ceiling():
    return [
        {"iteration": w * 2.0, "products": w * 1.5, "operations": 90e9, "shapes": 20}
        for w in WOBBLE
    ]


def _growth(n):
    """Seconds as the root of the number of agents, memory as its square."""
    return [{"seconds": w * 0.1 * n**0.5, "mib": w * 1e-3 * n**2} for w in WOBBLE]


def _quality():
    def trained(nearest, assignment, best):
        reached = {
            name: value and {"seconds": value, "episodes": 1000}
            for name, value in (("nearest", nearest), ("assignment", assignment))
        }
        ends = {"best": best, "seconds": 600.0, "episodes": 5000, "curve": []}
        return {"reached": reached, **ends}

    return {
        quality.LEVELS: [{"random": -25.7, "nearest": -15.9, "assignment": -8.2}],
        "one": [trained(90.0, 240.0, -8.0), trained(30.0, None, -9.0), trained(60.0, 120.0, -8.1)],
        "two": [trained(300.0, None, -12.34)],
        "three": [trained(None, None, None)],
    }


FAKE = """
import sys, time
from pathlib import Path
print("what a package says when it is imported")
sys.path.insert(0, {sides!r})
from serving import serve

def prepare(case):
    print("and when it is used")
    if case.get("fails") == "at once":
        raise ValueError("no such\\nworld")
    if case.get("fails") == "silently":
        sys.exit("out of memory")
    if case.get("fails") == "never answers":
        time.sleep(60)
    log = Path(case["log"])

    def measure():
        with log.open("a") as file:
            file.write(case["name"] + " ")
        if case.get("fails") == "at the second" and log.read_text().count(case["name"]) == 2:
            raise RuntimeError("the second fails")
        return {{"agent_steps_per_second": float(case["speed"])}}

    return measure

serve(prepare)
"""


def fake_sides(monkeypatch, directory: Path) -> None:
    """From now on contenders of the side "fake" are processes that measure nothing."""
    (directory / "fake.py").write_text(FAKE.format(sides=str(contests.SIDES)))
    monkeypatch.setattr(contests, "SIDES", directory)


def fake(name, directory, speed=1.0, **case):
    """One of them; they note in directory/log when they are asked."""
    told = {"name": name, "log": str(directory / "log"), "speed": speed, **case}
    return Contender(name, "fake", told)
