"""Does DiMA-PG learn in environments that others wrote?

  python -m reproduction.foreign.study --logdir=runs/foreign --jobs=1 --output=docs
                                       --record=results/foreign/record.json

Trains each of the six with each seed, evaluates what was learned beside random play, writes the
record and foreign.png, and the table into tutorial.md, or prints it if that page is not there. The
same command goes on after any stop. One of them needs the extra `worlds`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from dimapg_tf.drawing.learning_curves import thinned
from dimapg_tf.experiment import console
from dimapg_tf.experiment.commands import seeds_of
from dimapg_tf.experiment.flags import parse
from dimapg_tf.experiment.metrics_file import read_rows
from dimapg_tf.experiment.sweep_plan import Trial, plan
from dimapg_tf.experiment.sweep_runs import SweepRuns
from reproduction.foreign import presentation
from reproduction.foreign.environments import FOREIGN, Foreign

EVALUATED = 50  # episodes of each policy
MEASURE, CACHED = "return_mean", "beside_random.json"
DIGITS = 5


def trials(foreign: Foreign, seeds: Sequence[int], directory: Path) -> list[Trial]:
    """The trainings of one environment, a seed each; it is not made yet."""
    return plan(foreign.flags, [{"env_config": foreign.name}], seeds, directory)


def column(population: str) -> str:
    """Of metrics.csv and evaluation.json; "" is everybody."""
    return f"{population}/{MEASURE}" if population else MEASURE


def returns(foreign: Foreign, trial: Trial) -> dict[str, dict[str, float]]:
    """{population: {"trained": mean return of an agent, "random": the same}}; kept beside the run.

    All play the same episodes, which are those of the run's seed.
    """
    path = trial.directory / CACHED
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    from dimapg_tf.experiment import evaluation, files
    from dimapg_tf.experiment.policies import load_policy
    from dimapg_tf.experiment.run_evaluation import matches

    policy = load_policy(trial.directory)
    env, episodes = policy.env, (trial.seed, EVALUATED)
    random = evaluation.evaluate_player(env, env.players["random"], *episodes)
    scores = {}
    for score in foreign.scores:
        if score.opponent:
            players = matches(policy, EVALUATED)[f"random_{score.opponent}"]
            trained = evaluation.evaluate_match(env, players, *episodes)
        elif not scores:
            trained = evaluation.evaluate_thetas(env, policy.thetas, *episodes)
        name = column(score.population)
        scores[score.population] = {
            "trained": _rounded(trained[name]),
            "random": _rounded(random[name]),
        }
    files.write(path, json.dumps(scores, indent=1) + "\n")
    return scores


def seed_of(foreign: Foreign, trial: Trial) -> dict[str, Any]:
    """What the record has of one run: its curves, and its returns beside those of random play."""
    rows = read_rows(trial.directory / "metrics.csv")
    curves = {}
    for score in foreign.scores:
        names = ("episodes", column(score.population))
        curve = thinned(*(np.array([float(row[name]) for row in rows]) for name in names))
        curves[score.population] = {
            "episodes": [round(float(value)) for value in curve[0]],
            "returns": [_rounded(value) for value in curve[1]],
        }
    return {
        "episodes": int(rows[-1]["episodes"]),
        "minutes": round(float(rows[-1]["seconds"]) / 60, 1),
        "scores": returns(foreign, trial),
        "curves": curves,
    }


def _rounded(value: float) -> float:
    return float(f"{float(value):.{DIGITS}g}")


def record_of(planned: Sequence[tuple[Foreign, list[Trial]]]) -> dict[str, Any]:
    """Versions, and of each environment its flags and what came of each seed."""
    environments: dict[str, Any] = {}
    for foreign, runs in planned:
        environments[foreign.name] = {
            "flags": [f"--env_config={foreign.name}", *foreign.flags],
            "seeds": {str(trial.seed): seed_of(foreign, trial) for trial in runs},
        }
        print(f"{foreign.name}: evaluated", file=sys.stderr, flush=True)
    first = planned[0][1][0].directory / "versions.json"
    versions = json.loads(first.read_text(encoding="utf-8"))
    return {"evaluated": EVALUATED, "versions": versions, "environments": environments}


def main(argv: list[str]) -> int:
    """From command-line arguments; returns the exit code."""
    fv = flags.FlagValues()
    flags.DEFINE_string("logdir", "runs/foreign", "of the runs", flag_values=fv)
    flags.DEFINE_string("output", "docs", "folder of figure and page", flag_values=fv)
    flags.DEFINE_string("record", "results/foreign/record.json", "a file", flag_values=fv)
    flags.DEFINE_string("seeds", "1-3", "of the runs", flag_values=fv)
    flags.DEFINE_integer("jobs", 1, "trainings at a time", lower_bound=1, flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    directory, output, record_path = Path(fv.logdir), Path(fv.output), Path(fv.record)
    presentation.check(output)
    seeds = seeds_of(fv.seeds)
    planned = [(foreign, trials(foreign, seeds, directory)) for foreign in FOREIGN.values()]
    runs = SweepRuns([trial for _, some in planned for trial in some], fv.jobs, directory / "logs")
    code = runs.run()
    if code:
        return code
    console.prepare_tensorflow()
    from dimapg_tf.experiment import files

    record = record_of(planned)
    files.make_directory(record_path.parent)
    files.write(record_path, json.dumps(record, separators=(",", ":")) + "\n")
    presentation.publish(record, output)
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
