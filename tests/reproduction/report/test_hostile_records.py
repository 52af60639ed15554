"""One bad run among good ones: named under "Records that are not whole", all others reported."""

import json
import os

import pytest
from small_records import PNG, returns, write_crossplay, write_run

from reproduction.report import __main__ as script
from reproduction.report import records

TASK = "cooperative_navigation_3"
GOOD, BAD = f"{TASK}/dimapg/seed_1", f"{TASK}/dimapg/seed_2"
CELLS = ("nan", "inf", "-inf", "1e999", "9" * 400, "1e300", "x", "0x10", "1_0e", "")


def change_cell(run, column, text):
    lines = (run / "metrics.csv").read_text().splitlines()
    cells = lines[5].split(",")
    cells[lines[0].split(",").index(column)] = text
    lines[5] = ",".join(cells)
    (run / "metrics.csv").write_text("\n".join(lines) + "\n")


def change_json(run, name, **values):
    record = json.loads((run / name).read_text())
    (run / name).write_text(json.dumps({**record, **values}))


def write(run, name, content):
    (run / name).write_bytes(content)


def flags(run, **values):
    lines = (run / "flags.txt").read_text().splitlines()
    kept = [line for line in lines if line[2:].partition("=")[0] not in values]
    lines = [*kept, *(f"--{name}={value}" for name, value in values.items())]
    (run / "flags.txt").write_text("\n".join(lines) + "\n")


def directory(run, name):
    (run / name).unlink(missing_ok=True)
    (run / name).mkdir()


def link(run, name, target):
    (run / name).unlink(missing_ok=True)
    os.symlink(target, run / name)


HOSTILE = {
    **{f"cell {c} {t[:8]!r}": (lambda run, c=c, t=t: change_cell(run, c, t))
       for c in ("episodes", "seconds", "env_steps", "iteration") for t in CELLS},
    **{f"return {t[:8]!r}": (lambda run, t=t: change_cell(run, "return_mean", t))
       for t in CELLS[:-1]},
    **{f"{name} a directory": (lambda run, name=name: directory(run, name))
       for name in ("flags.txt", "metrics.csv", "versions.json", "evaluation.json",
                    "episode.png", "episode.gif")},
    **{f"{name} a link to itself": (lambda run, name=name: link(run, name, name))
       for name in ("flags.txt", "metrics.csv", "evaluation.json", "episode.png")},
    **{f"{name} of zeros": (lambda run, name=name: write(run, name, bytes(5000)))
       for name in ("flags.txt", "metrics.csv", "versions.json", "evaluation.json", "episode.png")},
    **{f"{name} of Latin-1": (lambda run, name=name: write(run, name, b"\xe4\xff\xfe" * 100))
       for name in ("flags.txt", "metrics.csv", "versions.json", "evaluation.json", "episode.png")},
    "a field of 200 kB": lambda run: change_cell(run, "return_mean", "1" * 200_000),
    "a quote that never ends": lambda run: change_cell(run, "return_mean", '"1'),
    "a cell too many": lambda run: change_cell(run, "return_mean", "1,2"),
    "no header": lambda run: write(run, "metrics.csv", b"1,2,3\r\n4,5,6\r\n"),
    "a column twice": lambda run: write(run, "metrics.csv", b"iteration,iteration\r\n1,1\r\n"),
    "no episodes": lambda run: write(run, "metrics.csv", b"iteration,seconds\r\n1,1\r\n"),
    "another environment": lambda run: flags(run, env="predator_prey"),
    "episodes beyond counting": lambda run: flags(run, episodes="9" * 400),
    "episodes beyond parsing": lambda run: flags(run, episodes="9" * 5000),
    "episodes in other digits": lambda run: flags(run, episodes="²"),
    "an unknown flag": lambda run: flags(run, no_such="1"),
    "versions of lists": lambda run: change_json(run, "versions.json", cores=[1]),
    "versions of objects": lambda run: change_json(run, "versions.json", numpy={"a": 1}),
    "resumed with a number": lambda run: change_json(run, "versions.json", resumed_with=3),
    "resumed with numbers": lambda run: change_json(run, "versions.json", resumed_with=[3]),
    "JSON too deep": lambda run: write(run, "versions.json", b"[" * 200_000),
    "an integer beyond floats": lambda run: write(
        run, "evaluation.json", b'{"episodes": 5, "theta": 1' + b"0" * 5000 + b"}"
    ),
    "a picture that is a text": lambda run: write(run, "episode.png", b"secret"),
    "a picture outside": lambda run: link(run, "episode.png", "/etc/passwd"),
}  # fmt: skip
# Read as far as they go: nothing to name, but nothing to fail at.
HARMLESS = {
    "an integer of 400 digits": lambda run: change_json(
        run, "evaluation.json", theta={"return_mean": 10**400, "min_mean_return": -12.0}
    ),
    "evaluated on nan": lambda run: change_json(run, "evaluation.json", episodes=float("nan")),
    "evaluated on a list": lambda run: change_json(run, "evaluation.json", episodes=[1]),
    "a measure that is nan": lambda run: change_cell(run, "min_mean_return", ""),
    "a measure that is a text": lambda run: change_json(
        run, "evaluation.json", theta={"return_mean": "?"}, random={"return_mean": None}
    ),
}


@pytest.fixture
def root(tmp_path):
    for name in (GOOD, BAD):
        run = write_run(tmp_path / "root", name, -13.0, {"theta": returns(-13.0)})
        (run / "episode.png").write_bytes(PNG)
    return tmp_path / "root"


@pytest.mark.parametrize("kind", [*HOSTILE, *HARMLESS])
def test_a_bad_run_is_named(root, kind):
    {**HOSTILE, **HARMLESS}[kind](root / BAD)
    good, bad = records.read(root).runs
    assert good.problems == []
    assert good.evaluated
    assert bool(bad.problems) == (kind in HOSTILE)
    assert "\n" not in "".join(bad.problems)
    if "picture" in kind or "episode.png" in kind:
        assert bad.strip is None
        assert "episode.png" in bad.problems[0]


def test_all_are_reported(tmp_path, capsys):
    """A seed for each kind of damage; the page, the tables and the figures are written."""
    root = tmp_path / "root"
    kinds = {**HOSTILE, **HARMLESS}
    for seed, damage in enumerate(kinds.values(), 2):
        run = write_run(root, f"{TASK}/dimapg/seed_{seed}", -13.0, {"theta": returns(-13.0)})
        damage(run)
    write_run(root, GOOD, -13.0, {"theta": returns(-13.0)})
    for name in ("$\\frac$", "<b>&\"'", "a|b", "_hidden", "%s{}", "naïve"):
        write_run_of_unknown(root, name)
    os.symlink(root / GOOD, root / f"{TASK}/dimapg/seed_999")
    pairs = {("$\\frac$", "greedy"): 10**400, ("greedy", "$\\sqrt{$"): float("nan")}
    for seed in (1, 2):
        write_run(root, f"predator_prey_3v1/maddpg_tuned/seed_{seed}", 1.0)
    write_crossplay(root, "predator_prey_3v1", [], {})
    write_pairs(root, pairs)
    assert script.main(["report", str(root)]) == 0
    page = (root / "report" / "index.html").read_text()
    assert "Records that are not whole" in page
    assert f"{TASK}/dimapg/seed_2: " in page
    assert "<b>&" not in page
    assert "/etc/passwd" not in page
    text = (root / "report" / "marl_eval.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)  # which nan would be


def write_run_of_unknown(root, learner):
    """A learner that is not in the plan."""
    source = root / GOOD
    run = root / TASK / learner / "seed_1"
    run.mkdir(parents=True)
    for path in source.iterdir():
        (run / path.name).write_bytes(path.read_bytes())


def write_pairs(root, rewards):
    path = root / "predator_prey_3v1" / "crossplay" / "crossplay.json"
    names = ("predators", "prey", "predators/return_mean")
    pairs = [dict(zip(names, (*pair, value))) for pair, value in rewards.items()]
    path.write_text(json.dumps({"episodes": 100, "runs": {}, "pairs": pairs}))
