"""Does adaptation pay where agents differ, and does the meta-gradient make it pay more?

  python -m reproduction.heterogeneity.study --logdir=runs/heterogeneity --jobs=2 --output=docs

Trains teams of unlike agents (Cooperative Navigation, N = 3, `--heterogeneity`) with the exact
gradient through the adaptation, to first order and without it, for each step size and number of
steps; then lets every agent adapt, and compares θ with θ_n. Writes heterogeneity.json and
heterogeneity.png, and prints the table and the answer, or writes them into heterogeneity.md if that
page is there. The same command goes on after any stop. Hours on two cores; each seed is a team of
its own.
"""

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from absl import flags

from dimapg_tf.experiment import console
from dimapg_tf.experiment.commands import seeds_of
from dimapg_tf.experiment.flags import parse
from dimapg_tf.experiment.sweep_plan import Trial, plan
from dimapg_tf.experiment.sweep_runs import SweepRuns
from reproduction.heterogeneity import presentation

TASK = ("--env_config=cooperative_navigation_3_near", "--algorithm_config=dimapg")
LEARNT, PLAIN = ("exact", "first_order"), "none"
ALPHAS = ("0.01", "0.1", "1")
STEPS = ("1", "3")
# Plain sharing adapts nobody while it learns; so many joint episodes are an iteration of k = 1.
PLAIN_TRAJECTORIES = "15"
ADAPTED_ON = (5, 25)  # episodes a step: as in training, and as in the paper
EVALUATED = 200  # episodes
MEASURES = ("return_mean", "min_return_per_episode", "goals_covered")
CACHED = "adapted.json"


def settings() -> list[dict[str, str]]:
    """What is trained, for each seed."""
    adapting = [
        {"meta_gradient": gradient, "k": k, "alpha_1": alpha, "alpha_2": alpha}
        for gradient in LEARNT
        for k in STEPS
        for alpha in ALPHAS
    ]
    return [{"meta_gradient": PLAIN, "trajectories": PLAIN_TRAJECTORIES}, *adapting]


def trials(
    seeds: Sequence[int], episodes: int, heterogeneity: float, directory: Path
) -> list[Trial]:
    """The runs, one seed and its team before the next one."""
    return [
        trial
        for seed in seeds
        for trial in plan(
            (*TASK, f"--episodes={episodes}", f"--heterogeneity={heterogeneity}", f"--team={seed}"),
            settings(),
            [seed],
            directory,
        )
    ]


def adaptations(setting: Mapping[str, str]) -> list[tuple[str, str]]:
    """(k, α) with which a run's agents adapt at the end: its own; of plain sharing, all."""
    if setting["meta_gradient"] == PLAIN:
        return [(k, alpha) for k in STEPS for alpha in ALPHAS]
    return [(setting["k"], setting["alpha_1"])]


def measured(trial: Trial) -> dict[str, dict[str, float]]:
    """{"theta" or "k, α, episodes of a step": measures} of a run; kept beside it."""
    path = trial.directory / CACHED
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    from dimapg_tf.algorithm.dimapg import DiMAPG
    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.evaluation import evaluate_thetas
    from dimapg_tf.experiment.policies import load_policy

    env, thetas = trial.config.make_env(), load_policy(trial.directory).thetas

    def row(played: Mapping) -> dict[str, float]:
        measures = evaluate_thetas(env, played, seed=0, episodes=EVALUATED)
        return {name: measures[name] for name in MEASURES}

    rows = {"theta": row(thetas)}
    for k, alpha in adaptations(trial.setting):
        for episodes in ADAPTED_ON:
            adapting = dataclasses.replace(
                trial.config.settings,
                **{"meta_gradient": "exact", "k": int(k), "trajectories": episodes},
                **{"alpha_1": float(alpha), "alpha_2": float(alpha)},
            )
            learner = DiMAPG(env, adapting, seed=0)
            learner.assign(thetas)
            rows[f"{k}, {alpha}, {episodes}"] = row(
                {name: learner.adapted(name, seed=0) for name in thetas}
            )
    files.write(path, json.dumps(rows, indent=1) + "\n")
    return rows


def record_of(done: Sequence[Trial], options: Mapping[str, float]) -> dict:
    """Options, versions, and a row for each gradient, k and α with its runs' measures by seed."""
    rows: dict[tuple[str, str, str], dict] = {}
    for trial in done:
        results, gradient = measured(trial), trial.setting["meta_gradient"]
        for k, alpha in adaptations(trial.setting):
            row = rows.setdefault(
                (gradient, k, alpha), {"gradient": gradient, "k": int(k), "alpha": float(alpha)}
            )
            policies = {"theta": results["theta"]}
            for episodes in ADAPTED_ON:
                policies[f"theta_n_{episodes}"] = results[f"{k}, {alpha}, {episodes}"]
            row.setdefault("seeds", {})[str(trial.seed)] = policies
        print(f"{trial.name}: adapted", file=sys.stderr, flush=True)
    versions = json.loads((done[0].directory / "versions.json").read_text(encoding="utf-8"))
    return {**options, "evaluated": EVALUATED, "versions": versions, "rows": list(rows.values())}


def main(argv: list[str]) -> int:
    """From command-line arguments; returns the exit code."""
    fv = flags.FlagValues()
    flags.DEFINE_string("logdir", "runs/heterogeneity", "of the runs", flag_values=fv)
    flags.DEFINE_string("output", "docs", "folder of record, figure and page", flag_values=fv)
    flags.DEFINE_string("seeds", "1-5", "of the runs, and of their teams", flag_values=fv)
    flags.DEFINE_integer("episodes", 6_000, "of each run", lower_bound=1, flag_values=fv)
    flags.DEFINE_float("heterogeneity", 1.0, "of the teams", flag_values=fv)
    flags.DEFINE_integer("jobs", 1, "trainings at a time", lower_bound=1, flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    directory, output = Path(fv.logdir), Path(fv.output)
    presentation.check(output)
    planned = trials(seeds_of(fv.seeds), fv.episodes, fv.heterogeneity, directory)
    runs = SweepRuns(planned, fv.jobs, directory / "logs")
    code = runs.run()
    if code:
        return code
    console.prepare_tensorflow()
    from dimapg_tf.experiment import files

    options = {"episodes": fv.episodes, "heterogeneity": fv.heterogeneity}
    record = record_of(planned, options)
    files.write(output / "heterogeneity.json", json.dumps(record, indent=1) + "\n")
    presentation.publish(record, output)
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
